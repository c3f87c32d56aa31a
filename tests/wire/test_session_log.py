"""The log of a session (README.md, extensions): pages and the live stream, with a real browser."""
import http.client
import json
import threading

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


def test_a_stream_tells_what_happens_and_ends_with_the_session(shared_server, client, site):
    session = client.post("/v1/sessions", {}).json["id"]
    connection = http.client.HTTPConnection("127.0.0.1", shared_server.port, timeout=30)
    connection.request("GET", f"/v1/sessions/{session}/logs?kind=navigation", headers={"Authorization": f"Bearer {client.key}", "Accept": "text/event-stream"})
    answer = connection.getresponse()
    assert answer.status == 200 and answer.getheader("Content-Type").startswith("text/event-stream")
    lines = []

    def read():
        for line in answer:
            lines.append(line.decode().rstrip("\n"))

    reader = threading.Thread(target=read)
    reader.start()
    operate(client, session, "navigate", {"url": site.url("/basic.html")})
    [data] = wait_until(lambda: [line for line in lines if line.startswith("data: ")], what="an event")
    assert "event: navigation" in lines
    assert json.loads(data.removeprefix("data: "))["url"] == site.url("/basic.html")
    client.delete(f"/v1/sessions/{session}")
    reader.join(10)
    assert not reader.is_alive()
    connection.close()


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
