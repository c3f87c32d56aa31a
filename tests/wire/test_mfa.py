"""identity.md 4 on the wire: enrolment, the second half of a sign-in, step-up, and what guards them. Codes come from other people's authenticator apps.

A code is good for its own period and one on each side, and each period once; so these tests use the present period first and the next one after that,
which stay good for half a minute at least, and recovery codes for everything else.
"""
import base64
import concurrent.futures
import http.client
import json
import pathlib
import re
import shutil
import subprocess
import time
import xml.etree.ElementTree

import pytest

import outbox
from server import Answer
from test_identity_people import PASSWORD, TIME, WIDE, audit_of, fresh_address, login, request_link, sign_up, verify
from test_shared_database import QUIET
from test_transport import assert_problem

CLIENTS = pathlib.Path(__file__).resolve().parents[1] / "clients"
MFA = "/v1/account/mfa"
NOT_ENROLLED = {"enrolled": False, "enrolled_at": None, "last_used_at": None, "unused_recovery_codes": 0}
PRINTED = re.compile(r"^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$")


@pytest.fixture(scope="module")
def server(make_server):
    return make_server(*QUIET, *WIDE, "plugins.rate-limit-memory.address_per_minute.challenge=100000",
                       "plugins.rate-limit-memory.tiers.free.global_capacity=100000", "plugins.identity.tiers.free.api_access=true")


@pytest.fixture(scope="module")
def visitor(server):
    return server.client(key=None)


def new_person(server, visitor):
    """A verified account: its address and a client that is signed in."""
    address = fresh_address()
    assert sign_up(visitor, address).status == 200
    client = server.client(key=verify(server, visitor, address)["token"])
    client.address, client.server, client.visitor = address, server, visitor
    return client


def code_of(secret, periods=0):
    """What oathtool shows for that many periods from now."""
    when = f"@{int(time.time()) + 30 * periods}"
    return subprocess.run(["oathtool", "--totp", "-b", secret, "-N", when], check=True, capture_output=True, text=True).stdout.strip()


def wrong_code(secret):
    good = {code_of(secret, periods) for periods in range(-2, 5)}
    return next(text for text in (f"{i:06}" for i in range(10)) if text not in good)


def enrol(person):
    """Gives a person a factor; the next period's code is not used yet."""
    invitation = person.post(f"{MFA}/enroll")
    assert invitation.status == 200, invitation.body
    person.secret = invitation.json["secret_base32"]
    answer = person.post(f"{MFA}/verify", {"code": code_of(person.secret)})
    assert answer.status == 200, answer.body
    person.recovery = answer.json["recovery_codes"]
    return person


@pytest.fixture
def enrolled(server, visitor):
    person = enrol(new_person(server, visitor))
    yield person
    person.close()


def challenged(person):
    """Passes the first factor and answers the challenge token."""
    answer = login(person.visitor, person.address)
    assert answer.status == 200 and set(answer.json) == {"mfa_required", "challenge_token", "challenge_expires_at"}, answer.body
    assert answer.json["mfa_required"] is True and TIME.match(answer.json["challenge_expires_at"])
    return answer.json["challenge_token"]


def complete(person, token, **proof):
    return person.visitor.post("/v1/auth/mfa/challenge", {"challenge_token": token, **proof})


def step_up(person, **proof):
    return person.post("/v1/auth/mfa/step-up", proof)


def at_once(work, count=50):
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        return list(pool.map(work, range(count)))


def statuses(answers):
    return sorted(answer.status for answer in answers)


def actions_of(client):
    return [entry["action"] for entry in audit_of(client)]


# ---------------------------------------------------------------- enrolment

def test_an_account_is_enrolled_by_the_first_code_of_the_app(server, visitor):
    person = new_person(server, visitor)
    assert person.get(MFA).json == NOT_ENROLLED and person.get("/v1/account/me").json["mfa_enrolled"] is False
    assert_problem(person.post(f"{MFA}/verify", {"code": "123456"}), 404, "not-found")
    first, invitation = person.post(f"{MFA}/enroll", {}), person.post(f"{MFA}/enroll")
    assert invitation.status == 200
    assert set(invitation.json) == {"otpauth_uri", "secret_base32", "algorithm", "digits", "period_seconds", "qr_svg"}
    secret = invitation.json["secret_base32"]
    assert re.match(r"^[A-Z2-7]{32}$", secret) and secret != first.json["secret_base32"]
    assert (invitation.json["algorithm"], invitation.json["digits"], invitation.json["period_seconds"]) == ("SHA1", 6, 30)
    assert invitation.json["otpauth_uri"] == (f"otpauth://totp/Driftstack:{person.address}?secret={secret}&issuer=Driftstack"
                                              "&algorithm=SHA1&digits=6&period=30")
    assert xml.etree.ElementTree.fromstring(invitation.json["qr_svg"]).tag.endswith("svg")

    # What is pending protects nothing yet, and a wrong code leaves it pending.
    assert set(login(visitor, person.address).json) == {"session"} and person.get(MFA).json == NOT_ENROLLED
    for code in ("12345", "1234567", "12345a", 123456, "", None):
        answer = person.post(f"{MFA}/verify", {"code": code})
        assert_problem(answer, 400, "validation-failed")
        assert [issue["path"] for issue in answer.json["issues"]] == [["code"]]
    assert_problem(person.post(f"{MFA}/verify", {"code": wrong_code(secret)}), 400, "bad-request")
    assert_problem(person.post(f"{MFA}/verify", {"code": code_of(first.json["secret_base32"])}), 400, "bad-request")
    answer = person.post(f"{MFA}/verify", {"code": code_of(secret)})
    assert answer.status == 200 and set(answer.json) == {"recovery_codes"}
    codes = answer.json["recovery_codes"]
    assert len(set(codes)) == 10 and all(PRINTED.match(code) for code in codes)

    status = person.get(MFA).json
    assert status["enrolled"] is True and TIME.match(status["enrolled_at"]) and status["last_used_at"] is None and status["unused_recovery_codes"] == 10
    assert person.get("/v1/account/me").json["mfa_enrolled"] is True
    assert actions_of(person)[0] == "account.mfa_enrolled"
    mail = outbox.wait_for_mail(server, person.address, "mfa-enabled")
    assert mail["Subject"] == "Two-factor sign-in is on" and secret not in mail.as_string()
    assert_problem(person.post(f"{MFA}/enroll"), 409, "conflict")
    assert_problem(person.post(f"{MFA}/verify", {"code": code_of(secret, 1)}), 409, "conflict")
    # The enrolment's code is used up, and the session did not show a factor by it.
    assert_problem(complete(person, challenged(person), code=code_of(secret)), 400, "bad-request")
    assert_problem(person.delete(MFA, body={"confirm": "disable-mfa"}), 403, "mfa-step-up-required")


def test_an_api_key_sees_the_status_and_changes_nothing(server):
    owner = server.client()
    assert owner.get(MFA).json == NOT_ENROLLED
    for method, path in (("POST", f"{MFA}/enroll"), ("POST", f"{MFA}/verify"), ("DELETE", MFA), ("POST", f"{MFA}/disable"),
                         ("POST", f"{MFA}/recovery-codes/regenerate"), ("POST", "/v1/auth/mfa/step-up")):
        assert_problem(owner.request(method, path, body={}), 403, "forbidden")


def test_authenticator_apps_of_others_agree(server, visitor):
    if not (CLIENTS / "node_modules" / "otplib").exists():
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cwd=CLIENTS, check=True, capture_output=True)
        shutil.copy(CLIENTS / "package-lock.json", CLIENTS / "node_modules" / ".installed-lock.json")
    person = new_person(server, visitor)
    invitation = person.post(f"{MFA}/enroll").json
    run = subprocess.run(["node", CLIENTS / "one_time_codes.mjs"], input=invitation["otpauth_uri"], check=True, capture_output=True, text=True)
    app = json.loads(run.stdout)
    assert app["secret"] == invitation["secret_base32"] and app["issuer"] == "Driftstack" and app["label"] == f"Driftstack:{person.address}"
    assert person.post(f"{MFA}/verify", {"code": app["code"]}).status == 200
    person.secret = app["secret"]
    assert complete(person, challenged(person), code=code_of(app["secret"], 1)).status == 200


# ---------------------------------------------------------------- the second half of a sign-in

def test_a_sign_in_is_completed_by_the_code(enrolled, server, visitor):
    sessions = len(enrolled.get("/v1/account/web-sessions").json["data"])
    token = challenged(enrolled)
    assert len(enrolled.get("/v1/account/web-sessions").json["data"]) == sessions and "account.login" not in actions_of(enrolled)
    for proof in ({}, {"code": "12345"}, {"code": 123456}, {"recovery_code": ""}):
        assert_problem(complete(enrolled, token, **proof), 400, "validation-failed")
    for nobody in ("", 5, None):
        assert_problem(visitor.post("/v1/auth/mfa/challenge", {"challenge_token": nobody, "code": "123456"}), 400, "validation-failed")
    assert_problem(complete(enrolled, "t" * 43, code=code_of(enrolled.secret, 1)), 400, "bad-request")
    assert_problem(complete(enrolled, token, code=wrong_code(enrolled.secret), recovery_code=enrolled.recovery[0]), 400, "bad-request")

    answer = complete(enrolled, token, code=code_of(enrolled.secret, 1))
    assert answer.status == 200 and set(answer.json) == {"session", "via"} and answer.json["via"] == "totp"
    session = answer.json["session"]
    assert set(session) == {"token", "expires_at", "account_id"} and re.match(r"^[A-Za-z0-9_-]{43}$", session["token"])
    assert_problem(complete(enrolled, token, recovery_code=enrolled.recovery[0]), 400, "bad-request")
    user = server.client(key=session["token"])
    assert user.get("/v1/account/me").json["id"] == session["account_id"]
    entry = audit_of(user)[0]
    assert entry["action"] == "account.login" and entry["payload"] == {"method": "mfa_totp", "issued_from_ip": "127.0.0.1", "user_agent": None}
    assert TIME.match(user.get(MFA).json["last_used_at"]) and user.get(MFA).json["unused_recovery_codes"] == 10
    # The new session has shown its factor; the old one has not.
    assert user.delete(MFA, body={"confirm": "no"}).slug == "validation-failed"
    assert enrolled.delete(MFA, body={"confirm": "no"}).slug == "mfa-step-up-required"


@pytest.mark.parametrize("kind", ["magic-link", "password-reset"])
def test_a_link_ends_at_the_challenge_too(enrolled, server, visitor, kind):
    before = challenged(enrolled)
    body = {"token": request_link(server, visitor, enrolled.address, kind)}
    if kind == "password-reset":
        body["new_password"] = "another horse battery"
    answer = visitor.post(f"/v1/auth/{kind}/" + ("consume" if kind == "magic-link" else "confirm"), body)
    assert answer.status == 200 and set(answer.json) == {"mfa_required", "challenge_token", "challenge_expires_at"}
    # A new password ends the challenge that the old one got.
    assert complete(enrolled, before, code=wrong_code(enrolled.secret)).json["detail"].startswith(
        "The code is wrong" if kind == "magic-link" else "The challenge is not known")
    answer = complete(enrolled, answer.json["challenge_token"], recovery_code=enrolled.recovery[0])
    assert answer.status == 200 and answer.json["via"] == "recovery"


def test_a_recovery_code_signs_in_once_in_any_spelling(enrolled, server):
    token = challenged(enrolled)
    answer = complete(enrolled, token, recovery_code=enrolled.recovery[3].lower().replace("-", " "))
    assert answer.status == 200 and answer.json["via"] == "recovery"
    user = server.client(key=answer.json["session"]["token"])
    entries = [entry for entry in audit_of(user) if entry["action"] in ("account.login", "account.recovery_code_used")]
    assert {entry["action"]: entry["payload"].get("method", entry["payload"].get("remaining")) for entry in entries} == {
        "account.login": "mfa_recovery", "account.recovery_code_used": 9}
    assert user.get(MFA).json["unused_recovery_codes"] == 9
    for used in (enrolled.recovery[3], "00000-00000", "nonsense"):
        assert_problem(complete(enrolled, challenged(enrolled), recovery_code=used), 400, "bad-request")
    assert step_up(user, recovery_code=enrolled.recovery[4]).status == 200
    assert user.get(MFA).json["unused_recovery_codes"] == 8


def test_a_challenge_is_bound_to_the_address_that_got_it(enrolled, server):
    token = challenged(enrolled)
    elsewhere = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30, source_address=("127.0.0.2", 0))
    body = json.dumps({"challenge_token": token, "recovery_code": enrolled.recovery[0]})
    elsewhere.request("POST", "/v1/auth/mfa/challenge", body=body, headers={"Content-Type": "application/json"})
    response = elsewhere.getresponse()
    assert_problem(Answer(response.status, response.headers, response.read()), 400, "bad-request")
    elsewhere.close()
    assert complete(enrolled, token, recovery_code=enrolled.recovery[0]).status == 200


def test_the_fifth_wrong_code_ends_a_challenge(enrolled):
    token, code = challenged(enrolled), wrong_code(enrolled.secret)
    for _ in range(5):
        assert_problem(complete(enrolled, token, code=code), 400, "bad-request")
    assert_problem(complete(enrolled, token, code=code_of(enrolled.secret, 1)), 400, "bad-request")
    assert complete(enrolled, challenged(enrolled), code=code_of(enrolled.secret, 1)).status == 200


def test_ten_wrong_codes_pause_the_account_and_leave_its_sessions_alone(enrolled, server, visitor):
    held, magic = challenged(enrolled), request_link(server, visitor, enrolled.address, "magic-link")
    reset = request_link(server, visitor, enrolled.address, "password-reset")
    code = wrong_code(enrolled.secret)
    for _ in range(10):
        assert_problem(step_up(enrolled, code=code), 400, "bad-request")
    good = {"code": code_of(enrolled.secret, 1)}
    refused = [complete(enrolled, held, **good), step_up(enrolled, **good), step_up(enrolled, recovery_code=enrolled.recovery[0]),
               login(visitor, enrolled.address), visitor.post("/v1/auth/magic-link/consume", {"token": magic})]
    for answer in refused:
        assert_problem(answer, 429, "rate-limited")
        assert 800 < int(answer.header("Retry-After")) <= 900
    assert enrolled.get("/v1/account/me").status == 200 and enrolled.get(MFA).json["unused_recovery_codes"] == 10
    assert_problem(login(visitor, enrolled.address, "p" * 12), 401, "invalid-credentials")
    mail = outbox.wait_for_mail(server, enrolled.address, "mfa-signin-paused")
    assert mail["Subject"] == "Sign-in to your account is paused" and len(outbox.mails(server, enrolled.address, "mfa-signin-paused")) == 1
    # Whoever lost the password may set a new one meanwhile; it does not lead past the pause.
    answer = visitor.post("/v1/auth/password-reset/confirm", {"token": reset, "new_password": "another horse battery"})
    assert answer.status == 200 and answer.json["mfa_required"] is True
    assert_problem(complete(enrolled, answer.json["challenge_token"], **good), 429, "rate-limited")


# ---------------------------------------------------------------- races

def test_of_fifty_requests_with_one_challenge_one_signs_in(enrolled, server):
    token, code = challenged(enrolled), code_of(enrolled.secret, 1)
    body = {"challenge_token": token, "code": code}
    answers = at_once(lambda _: server.client(key=None).post("/v1/auth/mfa/challenge", body))
    assert statuses(answers) == [200] + [400] * 49
    assert actions_of(enrolled).count("account.login") == 1


def test_of_fifty_requests_with_one_code_one_passes_and_nothing_is_paused(enrolled, server):
    code = code_of(enrolled.secret, 1)
    answers = at_once(lambda _: server.client(key=enrolled.key).post("/v1/auth/mfa/step-up", {"code": code}))
    assert statuses(answers) == [200] + [400] * 49
    assert complete(enrolled, challenged(enrolled), recovery_code=enrolled.recovery[0]).status == 200


def test_of_fifty_requests_with_one_recovery_code_one_passes(enrolled, server):
    answers = at_once(lambda _: server.client(key=enrolled.key).post("/v1/auth/mfa/step-up", {"recovery_code": enrolled.recovery[0]}))
    # A used code is a wrong one, and the tenth of those pauses the account; nothing else may happen.
    assert statuses(answers) == [200] + [400] * 10 + [429] * 39
    assert actions_of(enrolled).count("account.recovery_code_used") == 1 and enrolled.get(MFA).json["unused_recovery_codes"] == 9


def test_fifty_wrong_codes_for_one_challenge_count_as_five(enrolled, server):
    body = {"challenge_token": challenged(enrolled), "code": wrong_code(enrolled.secret)}
    assert statuses(at_once(lambda _: server.client(key=None).post("/v1/auth/mfa/challenge", body))) == [400] * 50
    assert complete(enrolled, challenged(enrolled), code=code_of(enrolled.secret, 1)).status == 200


# ---------------------------------------------------------------- step-up, disable, regenerate

def test_what_weakens_an_account_needs_a_fresh_factor_before_anything_else(enrolled):
    gated = [("DELETE", MFA), ("POST", f"{MFA}/disable"), ("POST", f"{MFA}/recovery-codes/regenerate"), ("DELETE", "/v1/account/me")]
    for method, path in gated:
        answer = enrolled.request(method, path, raw=b"{", headers={"Content-Type": "application/json"})
        assert_problem(answer, 403, "mfa-step-up-required")
        assert answer.json["requires_mfa_step_up"] is True and answer.json["reason"] == "never_satisfied"
    for proof in ({}, {"code": "12345"}, {"recovery_code": ""}):
        assert_problem(step_up(enrolled, **proof), 400, "validation-failed")
    assert_problem(step_up(enrolled, code=wrong_code(enrolled.secret)), 400, "bad-request")
    answer = step_up(enrolled, code=code_of(enrolled.secret, 1))
    assert answer.status == 200 and set(answer.json) == {"via", "mfa_satisfied_at"} and answer.json["via"] == "totp"
    assert TIME.match(answer.json["mfa_satisfied_at"])
    # Fresh now, also after the session was traded in; so the body is looked at, and nothing happens without the words.
    session = enrolled.visitor.post("/v1/auth/refresh", {"token": enrolled.key}).json["session"]
    enrolled.key = session["token"]
    for method, path in gated:
        if "regenerate" not in path:
            assert_problem(enrolled.request(method, path, body={"confirm": "yes"}), 400, "validation-failed")
    assert enrolled.get(MFA).json["enrolled"] is True
    assert enrolled.request("DELETE", "/v1/account/me", body={"confirm": "delete-account"}).status == 204


def test_an_account_without_a_factor_needs_no_step_up(server, visitor):
    person = new_person(server, visitor)
    assert_problem(step_up(person, code="123456"), 404, "not-found")
    assert_problem(person.post(f"{MFA}/recovery-codes/regenerate"), 404, "not-found")
    assert_problem(person.delete(MFA, body={"confirm": "yes"}), 400, "validation-failed")
    assert person.delete(MFA, body={"confirm": "disable-mfa"}).status == 204
    assert "account.mfa_disabled" not in actions_of(person)


def test_new_recovery_codes_replace_the_old_and_disabling_ends_it_all(enrolled, visitor):
    assert step_up(enrolled, recovery_code=enrolled.recovery[0]).json["via"] == "recovery"
    answer = enrolled.post(f"{MFA}/recovery-codes/regenerate", {})
    assert answer.status == 200 and len(set(answer.json["recovery_codes"]) - set(enrolled.recovery)) == 10
    assert enrolled.get(MFA).json["unused_recovery_codes"] == 10
    assert_problem(complete(enrolled, challenged(enrolled), recovery_code=enrolled.recovery[1]), 400, "bad-request")
    assert complete(enrolled, challenged(enrolled), recovery_code=answer.json["recovery_codes"][0]).status == 200

    held = challenged(enrolled)
    assert enrolled.post(f"{MFA}/disable", {"confirm": "disable-mfa"}).status == 204
    assert enrolled.delete(MFA, body={"confirm": "disable-mfa"}).status == 204
    assert actions_of(enrolled).count("account.mfa_disabled") == 1
    assert enrolled.get(MFA).json == NOT_ENROLLED and enrolled.get("/v1/account/me").json["mfa_enrolled"] is False
    assert_problem(complete(enrolled, held, code=code_of(enrolled.secret, 1)), 400, "bad-request")
    assert set(login(visitor, enrolled.address).json) == {"session"}
    assert enrolled.post(f"{MFA}/enroll").status == 200


# ---------------------------------------------------------------- limits, keys, and a server without it

def test_challenges_are_limited_by_address(make_server):
    server = make_server(*QUIET, "plugins.mfa-totp.enabled=true")
    visitor = server.client(key=None)
    for _ in range(10):
        assert visitor.post("/v1/auth/mfa/challenge", {}).status == 400
    assert_problem(visitor.post("/v1/auth/mfa/challenge", {}), 429, "rate-limited")


@pytest.mark.parametrize("value", ["not-a-key", base64.b64encode(b"k" * 31).decode(), base64.b64encode(b"k" * 33).decode(), "6b" * 32])
def test_an_encryption_key_of_the_wrong_form_refuses_the_start(make_server, value):
    server = make_server(*QUIET, start=False, environment={"MFA_ENCRYPTION_KEY": value}).start(wait=False)
    assert server.process.wait(60) != 0
    assert "MFA_ENCRYPTION_KEY" in server.error_text() and value not in server.error_text() + server.log_text()


def test_factors_outlive_a_restart_under_their_key_and_under_no_other(make_server):
    server = make_server(*QUIET, *WIDE, environment={"MFA_ENCRYPTION_KEY": base64.b64encode(b"k" * 32).decode()})
    person = enrol(new_person(server, server.client(key=None)))
    server.restart()
    assert complete(person, challenged(person), code=code_of(person.secret, 1)).status == 200
    server.stop()
    server.environment["MFA_ENCRYPTION_KEY"] = base64.b64encode(b"x" * 32).decode()
    server.start(wait=False)
    assert server.process.wait(60) != 0 and "encryption_key" in server.error_text()


def test_a_server_without_the_plugin_signs_in_by_one_factor(make_server):
    server = make_server(*QUIET, *WIDE, "plugins.mfa-totp.enabled=false")
    person = new_person(server, server.client(key=None))
    assert set(login(person.visitor, person.address).json) == {"session"}
    for method, path in (("GET", MFA), ("POST", f"{MFA}/enroll"), ("POST", "/v1/auth/mfa/challenge"), ("POST", "/v1/auth/mfa/step-up")):
        assert_problem(person.request(method, path, body=None if method == "GET" else {}), 404, "not-found")
    assert person.request("DELETE", "/v1/account/me", body={"confirm": "delete-account"}).status == 204
