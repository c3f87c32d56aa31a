"""The log of a session (README.md, extensions): pages and the live stream, with a real browser."""
import http.client
import json
import threading

import outbox
from conftest import sign_up
from server import wait_until
from test_transport import assert_problem


def operate(client, session, operation, body):
    return client.post(f"/v1/sessions/{session}/{operation}", body)


def logs(client, session, query=""):
    answer = client.get(f"/v1/sessions/{session}/logs{query}")
    assert answer.status == 200, answer.body
    return answer.json


def test_what_was_done_is_in_the_log_at_once_without_what_was_typed(client, session, site):
    operate(client, session, "navigate", {"url": site.url("/form.html")})
    operate(client, session, "interact", {"action": {"kind": "type", "selector": "#secret", "text": "typed-7b1e"}})
    operate(client, session, "interact", {"action": {"kind": "tap", "selector": "#nowhere"}, "timeout_ms": 200})
    page = logs(client, session)
    assert set(page) == {"data", "has_more", "next_cursor"}
    assert [set(entry) for entry in page["data"]] == [{"id", "session_id", "kind", "level", "message", "url", "at", "data"}] * 4
    tap, typed, navigation, navigate = page["data"]
    assert tap["level"] == "error" and tap["data"]["outcome"] == "session-timeout" and tap["data"]["selector"] == "#nowhere"
    assert typed["data"]["action"] == "type" and typed["data"]["outcome"] == "ok" and typed["data"]["duration_ms"] >= 0
    assert navigation["kind"] == "navigation" and navigation["url"] == site.url("/form.html") and navigation["data"]["status"] == 200
    assert navigate["kind"] == "action" and navigate["data"]["operation"] == "navigate"
    assert "typed-7b1e" not in json.dumps(page)


def test_pages_filters_and_errors(client, session, site, new_key):
    for path in ("/basic.html", "/status?code=404"):
        operate(client, session, "navigate", {"url": site.url(path)})
    assert [entry["level"] for entry in logs(client, session, "?kind=navigation")["data"]] == ["warn", "info"]
    first = logs(client, session, "?limit=3")
    assert first["has_more"] and len(first["data"]) == 3
    rest = logs(client, session, f"?limit=3&cursor={first['next_cursor']}")
    assert not rest["has_more"] and len(rest["data"]) == 1
    for query in ("?kind=everything", "?kind=", "?limit=0", "?limit=101", "?cursor=nonsense"):
        assert_problem(client.get(f"/v1/sessions/{session}/logs{query}"), 400, "validation-failed")
    assert_problem(client.get("/v1/sessions/ses_00000000-0000-4000-8000-000000000000/logs"), 404, "not-found")
    assert client.get(f"/v1/sessions/{session}/logs", key=new_key("write:sessions")).status == 403
    assert client.get(f"/v1/sessions/{session}/logs", key=new_key("read:sessions")).status == 200


class Stream:
    """The log of a session as one client follows it."""

    def __init__(self, server, session, key, headers=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        self.connection.request("GET", f"/v1/sessions/{session}/logs?kind=navigation",
                                headers={"Authorization": f"Bearer {key}", "Accept": "text/event-stream", **(headers or {})})
        self.answer = self.connection.getresponse()
        assert self.answer.status == 200 and self.answer.getheader("Content-Type").startswith("text/event-stream")
        self.lines = []
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.answer:
            self.lines.append(line.decode().rstrip("\n"))

    def urls(self):
        return [json.loads(line.removeprefix("data: "))["url"] for line in self.lines if line.startswith("data: ")]

    def wait_for_end(self):
        self.reader.join(20)
        assert not self.reader.is_alive()
        self.connection.close()


def test_a_stream_tells_what_happens_and_ends_with_the_session(shared_server, client, site):
    session = client.post("/v1/sessions", {}).json["id"]
    stream = Stream(shared_server, session, client.key)
    operate(client, session, "navigate", {"url": site.url("/basic.html")})
    assert wait_until(stream.urls, what="an event") == [site.url("/basic.html")]
    assert "event: navigation" in stream.lines
    client.delete(f"/v1/sessions/{session}")
    stream.wait_for_end()


def test_streams_end_with_the_membership_or_the_key_that_opened_them_and_others_go_on(shared_server, client, session, site):
    admin, address = sign_up(shared_server, "follower@example.com"), "follower@example.com"
    assert client.post("/v1/team/invites", {"email": address}).status == 202
    token = outbox.token_in(outbox.wait_for_mail(shared_server, address, "team-invite"))
    membership = admin.post("/v1/team/invites/accept", {"token": token}).json["membership"]
    key = client.post("/v1/api-keys", {"name": "follower", "scopes": ["read:sessions"]}).json
    own = Stream(shared_server, session, client.key)
    by_member = Stream(shared_server, session, admin.key, {"X-Driftstack-Account": membership["owner_account_id"]})
    by_key = Stream(shared_server, session, key["plaintext"])
    operate(client, session, "navigate", {"url": site.url("/basic.html")})
    for stream in (own, by_member, by_key):
        assert wait_until(stream.urls, what="an event") == [site.url("/basic.html")]

    assert client.delete(f"/v1/team/members/{membership['id']}").status == 204
    assert client.delete(f"/v1/api-keys/{key['id']}").status == 204
    by_member.wait_for_end()
    by_key.wait_for_end()
    assert own.reader.is_alive()
    operate(client, session, "navigate", {"url": site.url("/form.html")})
    wait_until(lambda: len(own.urls()) == 2, what="a second event")
    assert len(by_member.urls()) == len(by_key.urls()) == 1
    client.delete(f"/v1/sessions/{session}")
    own.wait_for_end()


def test_the_log_outlives_its_session_and_a_kill_of_the_server(make_server, site):
    server = make_server()
    client = server.client()
    session = client.post("/v1/sessions", {}).json["id"]
    operate(client, session, "navigate", {"url": site.url("/basic.html")})
    assert len(logs(client, session)["data"]) == 2
    server.kill()
    server.start()
    client = server.client()
    assert client.get(f"/v1/sessions/{session}").json["status"] == "errored"
    assert [entry["kind"] for entry in logs(client, session)["data"]] == ["navigation", "action"]
