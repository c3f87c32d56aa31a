"""Mails by SMTP (issue: mail): smtp-server from npm takes every template over TLS, and mailparser reads it."""
import json
import pathlib
import shutil
import subprocess
import tempfile
import threading
import uuid

import pytest

from server import ROOT, wait_until
from test_identity_people import PASSWORD, WIDE, fresh_address, sign_up
from test_shared_database import QUIET

FOLDER = ROOT / "tests" / "simulators"
USER, SECRET = "driftstack", "a secret of the mail server"


class MailServer:
    def __init__(self, security, certificate):
        self.mails, self.lines = [], []
        self.process = subprocess.Popen(["node", FOLDER / "mail_server.mjs", "--security", security, "--cert", certificate / "cert.pem", "--key",
                                         certificate / "key.pem", "--user", USER, "--password", SECRET], stdout=subprocess.PIPE, text=True)
        self.port = json.loads(self.process.stdout.readline())["port"]
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.mails.append(json.loads(line))

    def to(self, address, subject=None):
        return [mail for mail in self.mails if mail["to"] == [address] and subject in (None, mail["subject"])]

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture(scope="module")
def certificate():
    """A certificate for localhost that nobody but its own file vouches for."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="driftstack-mail-"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
                   check=True, capture_output=True)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def packages():
    if not (FOLDER / "node_modules" / "smtp-server").exists():
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cwd=FOLDER, check=True, capture_output=True)
        shutil.copy(FOLDER / "package-lock.json", FOLDER / "node_modules" / ".installed-lock.json")


@pytest.fixture(scope="module")
def make_office(make_server, packages, certificate):
    """make_office(security, ...) starts a mail server and a server that sends through it."""
    made = []

    def make(security, *settings, ca=True):
        mail_server = MailServer(security, certificate)
        made.append(mail_server)
        trust = [f'plugins.mail-smtp.ca_file="{certificate / "cert.pem"}"'] if ca else []
        server = make_server(*QUIET, *WIDE, 'roles.mailer="mail-smtp"', f'plugins.mail-smtp.server="localhost:{mail_server.port}"',
                             f'plugins.mail-smtp.security="{security}"', f'plugins.mail-smtp.username="{USER}"',
                             'plugins.mail-smtp.password={ env = "TEST_SMTP_PASSWORD" }', 'plugins.mail-smtp.from="Grüße <no-reply@example.com>"',
                             'plugins.metrics-prometheus.scrape_token={ env = "TEST_SCRAPE" }', *trust, *settings,
                             environment={"TEST_SMTP_PASSWORD": SECRET, "TEST_SCRAPE": "scrape"})
        return server, mail_server

    yield make
    for mail_server in made:
        mail_server.stop()


@pytest.fixture(scope="module", params=["starttls", "tls"])
def office(request, make_office):
    return make_office(request.param)


def post(server, path, **body):
    return server.client(key=None).post(f"/v1/auth/{path}", body)


def follow_every_link(server, address, token):
    """Lets a newcomer get each mail there is and use its link. `token(subject)` waits for the mail and answers what its link holds."""
    assert post(server, "signup", email=address, password=PASSWORD, name="Ада").status == 200
    assert post(server, "verify-email", token=token("Confirm your e-mail address")).status == 200
    token("Welcome to Driftstack")
    assert post(server, "magic-link/request", email=address).status == 200
    assert post(server, "magic-link/consume", token=token("Your sign-in link")).status == 200
    assert post(server, "password-reset/request", email=address).status == 200
    assert post(server, "password-reset/confirm", token=token("Set a new password"), new_password="another horse battery").status == 200


def test_every_template_arrives_over_tls_and_its_link_works(office):
    server, mails = office
    address = fresh_address()

    def token(subject):
        mail = wait_until(lambda: mails.to(address, subject), what=subject)[0]
        assert mail["tls"] and mail["user"] == USER and mail["from"] == "no-reply@example.com" and mail["attachments"] == 0
        assert mail["sender"] == [{"address": "no-reply@example.com", "name": "Grüße"}]
        assert mail["headers"]["auto-submitted"] == "auto-generated" and mail["headers"]["message-id"].endswith("@example.com>")
        link = next(word for word in mail["text"].split() if "://" in word)
        assert link in mail["html"].replace("&amp;", "&") and "<img" not in mail["html"]
        return link.rpartition("#token=")[2]

    follow_every_link(server, address, token)
    assert "Hello Ада," in mails.to(address)[0]["text"] and len(mails.to(address)) == 4


def test_a_mail_that_is_refused_for_now_is_sent_later_and_one_for_ever_never(make_office):
    server, mails = make_office("starttls")
    visitor, tail = server.client(key=None), uuid.uuid4().hex
    for name in ("gone", "later"):
        assert sign_up(visitor, f"{name}-{tail}@example.com").status == 200
    wait_until(lambda: mails.to(f"later-{tail}@example.com"), limit=30, what="the second attempt")
    counted = {f'driftstack_email_send_total{{template="signup-verification",outcome="{outcome}"}} 1' for outcome in ("inactive-recipient", "transport", "ok")}
    wait_until(lambda: counted <= set(visitor.get("/metrics", key="scrape").body.decode().splitlines()), what="three attempts")
    assert mails.to(f"gone-{tail}@example.com") == []
    assert "5.1.1" in server.log_text() and f"gone-{tail}" not in server.log_text() and SECRET not in server.log_text()


def test_a_mail_server_that_nobody_vouches_for_gets_neither_mail_nor_password(make_office):
    server, mails = make_office("starttls", ca=False)
    assert sign_up(server.client(key=None), fresh_address()).status == 200
    wait_until(lambda: "A mail was not taken" in server.log_text(), what="the refused certificate")
    assert mails.mails == []
