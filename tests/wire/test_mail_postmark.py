"""Mails by Postmark (platform.md 10.3, identity.md 13) against a simulator that Postmark's own client agrees with."""
import base64
import json
import subprocess
import threading
import uuid

import pytest

from server import ROOT, wait_until
from test_identity_people import WIDE, fresh_address, sign_up
from test_mail_smtp import follow_every_link, post
from test_shared_database import QUIET

TOKEN, WEBHOOK_PASSWORD = "3f2b8c1e-5d47-4a0b-9c65-1f0e7d2a4b11", "a secret of the webhook"


class Postmark:
    def __init__(self):
        self.mails = []
        self.process = subprocess.Popen(["/usr/bin/python3", ROOT / "tests" / "simulators" / "postmark_server.py", "--token", TOKEN],
                                        stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.mails.append(json.loads(line))

    def to(self, address, subject=None):
        return [mail for mail in self.mails if mail["To"] == address and subject in (None, mail["Subject"])]

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture(scope="module")
def postmark():
    postmark = Postmark()
    yield postmark
    postmark.stop()


@pytest.fixture(scope="module")
def make_office(make_server, postmark):
    """make_office(...) starts a server that sends through the simulator."""
    def make(*settings, token=TOKEN, webhook=True):
        place = f"127.0.0.1:{postmark.port}"
        password = ['plugins.mail-postmark.webhook_password={ env = "TEST_POSTMARK_WEBHOOK" }'] if webhook else []
        return make_server(*QUIET, *WIDE, 'roles.mailer="mail-postmark"', f'plugins.mail-postmark.endpoint="http://{place}"',
                           f'plugins.mail-postmark.private_targets=["{place}"]', 'plugins.mail-postmark.server_token={ env = "TEST_POSTMARK_TOKEN" }',
                           'plugins.mail-postmark.from="Grüße <no-reply@example.com>"',
                           'plugins.metrics-prometheus.scrape_token={ env = "TEST_SCRAPE" }', *password, *settings, egress=False,
                           environment={"TEST_POSTMARK_TOKEN": token, "TEST_POSTMARK_WEBHOOK": WEBHOOK_PASSWORD, "TEST_SCRAPE": "scrape"})
    return make


@pytest.fixture(scope="module")
def office(make_office):
    server = make_office()
    yield server
    server.stop()


def tell(server, record, user="postmark", password=WEBHOOK_PASSWORD, headers=None):
    if headers is None:
        headers = {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}
    return server.client(key=None).post("/v1/webhooks/postmark", record, headers=headers)


def bounce(address, **more):
    return {"RecordType": "Bounce", "Type": "HardBounce", "TypeCode": 1, "ID": 692560173, "MessageStream": "outbound", "Email": address,
            "BouncedAt": "2026-11-05T16:33:54.9070259Z", "Inactive": True, "CanActivate": True, **more}


def counted(server, template, outcome):
    text = server.client(key=None).get("/metrics", key="scrape").body.decode()
    return f'driftstack_email_send_total{{template="{template}",outcome="{outcome}"}} ' in text


def test_every_template_arrives_and_its_link_works(office, postmark):
    address = fresh_address()

    def token(subject):
        mail = wait_until(lambda: postmark.to(address, subject), what=subject)[0]
        assert mail["From"] == '"Grüße" <no-reply@example.com>' and mail["MessageStream"] == "outbound"
        assert mail["TrackOpens"] is False and mail["TrackLinks"] == "None"
        assert {"Name": "Auto-Submitted", "Value": "auto-generated"} in mail["Headers"]
        link = next(word for word in mail["TextBody"].split() if "://" in word)
        assert link in mail["HtmlBody"].replace("&amp;", "&") and "<img" not in mail["HtmlBody"]
        return link.rpartition("#token=")[2]

    follow_every_link(office, address, token)
    assert "Hello Ада," in postmark.to(address)[0]["TextBody"] and len(postmark.to(address)) == 4
    assert {mail["Tag"] for mail in postmark.to(address)} >= {"signup-verification", "signup-welcome", "password-reset"}


def test_every_refusal_is_counted_by_its_class_and_what_passes_is_sent_later(office, postmark):
    visitor, tail = office.client(key=None), uuid.uuid4().hex
    classes = {"inactive": "inactive-recipient", "invalid": "invalid-request", "pending": "pending-approval", "closed": "account-inactive",
               "later": "transport", "busy": "rate-limited", "strange": "unknown"}
    for kind in classes:
        assert sign_up(visitor, f"{kind}-{tail}@example.com").status == 200
    for kind, outcome in classes.items():
        wait_until(lambda: counted(office, "signup-verification", outcome), 20, f"{outcome} of {kind}")
    for kind in ("later", "busy", "strange"):
        mail = wait_until(lambda: postmark.to(f"{kind}-{tail}@example.com"), limit=40, what=f"the second attempt of {kind}")
        assert len(mail) == 1
    for kind in ("inactive", "invalid", "pending", "closed"):
        assert postmark.to(f"{kind}-{tail}@example.com") == []
    log = office.log_text()
    assert "error code 406" in log and tail not in log and TOKEN not in log


def test_a_reported_address_gets_no_mail_until_postmark_takes_it_back(office, postmark):
    visitor, address = office.client(key=None), fresh_address()
    assert sign_up(visitor, address).status == 200
    wait_until(lambda: postmark.to(address), what="the first mail")
    told = tell(office, bounce(address.upper()))
    assert told.status == 200 and told.json == {"ok": True}
    arrived = len(postmark.to(address))

    def ask_again():
        assert post(office, "resend-verification", email=address).status == 200

    ask_again()
    wait_until(lambda: "Postmark reported the address: HardBounce." in office.log_text(), what="the refusal of our own")
    assert len(postmark.to(address)) == arrived
    back = {"RecordType": "SubscriptionChange", "Recipient": address, "MessageStream": "outbound", "ChangedAt": "2026-11-06T16:33:54Z",
            "Origin": "Admin", "SuppressSending": False, "SuppressionReason": None}
    assert tell(office, back).status == 200
    ask_again()
    wait_until(lambda: len(postmark.to(address)) > arrived, what="mail after the address was taken back")


def test_only_postmark_may_report_an_address(office, postmark):
    visitor, address = office.client(key=None), fresh_address()
    for attempt in (dict(headers={}), dict(password="wrong"), dict(user="someone"), dict(headers={"Authorization": "Bearer " + WEBHOOK_PASSWORD})):
        answer = tell(office, bounce(address), **attempt)
        assert answer.status == 401 and answer.slug == "unauthorized"
    malformed = tell(office, {"RecordType": "Bounce", "Email": address})
    assert malformed.status == 400 and malformed.slug == "validation-failed" and "BouncedAt" in malformed.body.decode()
    assert tell(office, {"RecordType": "Delivery", "Recipient": address}).status == 200
    assert sign_up(visitor, address).status == 200
    wait_until(lambda: postmark.to(address), what="the mail of an address that nobody reported")


def test_a_wrong_token_sends_nothing_and_is_the_operators_to_mend(make_office, postmark):
    server, address = make_office(token="not-the-token", webhook=False), fresh_address()
    assert sign_up(server.client(key=None), address).status == 200
    wait_until(lambda: counted(server, "signup-verification", "account-inactive"), what="the refused token")
    assert postmark.to(address) == [] and "not-the-token" not in server.log_text()
    without = tell(server, bounce(address))
    assert without.status == 404 and without.slug == "not-found", "no password, no webhook"
    server.stop()
