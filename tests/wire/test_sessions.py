"""sessions.md 3, 4, 9 and the conformance list of section 13, items 1, 2, 4 to 13, 19 and 22, with a real browser."""
import base64
import concurrent.futures
import json
import struct
import threading
import time
import uuid
import zlib

import pytest

from server import wait_until
from test_transport import assert_problem

SESSION_KEYS = {"id", "account_id", "api_key_id", "status", "archetype", "purpose", "label", "metadata", "egress_capabilities", "egress_capability_report",
                "created_at", "updated_at", "last_state_at", "destroyed_at"}


def operate(client, session, operation, body):
    return client.post(f"/v1/sessions/{session}/{operation}", body)


def navigate(client, session, url, **options):
    answer = operate(client, session, "navigate", {"url": url, **options})
    assert answer.status == 200, answer.body
    return answer.json


def tap(client, session, selector, **options):
    return operate(client, session, "interact", {"action": {"kind": "tap", "selector": selector}, **options})


def text_of(client, session, selector):
    answer = operate(client, session, "extract", {"extractions": [{"name": "text", "selector": selector, "type": "text"}]})
    assert answer.status == 200, answer.body
    return answer.json["value"]["text"]


def attribute_of(client, session, selector, attribute):
    answer = operate(client, session, "extract",
                     {"extractions": [{"name": "value", "selector": selector, "type": "attribute", "attribute": attribute}]})
    assert answer.status == 200, answer.body
    return answer.json["value"]["value"]


def pixels(png):
    """Width, height and a function that answers the colour at a place; enough PNG for 8-bit RGB(A) without interlace."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    at, data = 8, b""
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at:at + 8])
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", png[at + 8:at + 18])
        if kind == b"IDAT":
            data += png[at + 8:at + 8 + length]
        at += length + 12
    assert depth == 8 and colour in (2, 6)
    size = 3 if colour == 2 else 4
    raw, rows, previous = zlib.decompress(data), [], bytes(width * size)
    for y in range(height):
        start = y * (width * size + 1)
        line, row = raw[start + 1:start + 1 + width * size], bytearray(width * size)
        for i, value in enumerate(line):
            left = row[i - size] if i >= size else 0
            up, corner = previous[i], previous[i - size] if i >= size else 0
            guess = left + up - corner
            paeth = min((left, up, corner), key=lambda c: abs(guess - c))
            row[i] = (value + (0, left, up, (left + up) // 2, paeth)[raw[start]]) & 255
        rows.append(row)
        previous = row
    return width, height, lambda x, y: tuple(rows[y][x * size:x * size + 3])


def size_of(png):
    """Width and height, from the head of the file."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n" and png[12:16] == b"IHDR"
    return struct.unpack(">II", png[16:24])


# ---------------------------------------------------------------- 1, 2, 3: create

def test_create_with_an_empty_body_answers_the_whole_flat_object(client):
    answer = client.post("/v1/sessions", {})
    assert answer.status == 201
    session = answer.json
    assert SESSION_KEYS <= set(session)
    assert session["status"] == "ready" and session["id"].startswith("ses_") and session["purpose"] == "production_customer"
    for key in ("label", "metadata", "egress_capabilities", "egress_capability_report", "last_state_at", "destroyed_at", "proxy_id"):
        assert session[key] is None
    assert session["api_key_id"].startswith("key_") and session["account_id"].startswith("acc_")
    assert answer.header("x-ratelimit-bucket") == "sessions:create"
    assert client.get(f"/v1/sessions/{session['id']}").json == session
    assert client.delete(f"/v1/sessions/{session['id']}").status == 204


def test_create_without_any_body_works_too(client):
    answer = client.request("POST", "/v1/sessions")
    assert answer.status == 201
    client.delete(f"/v1/sessions/{answer.json['id']}")


def metadata_of_size(size):
    return {"k": "x" * (size - len('{"k":""}'))}


def test_bounds_of_create(client):
    fits = client.post("/v1/sessions", {"metadata": metadata_of_size(8192), "label": "x" * 120, "record": True, "behavioral_profile": "casual"})
    assert fits.status == 201 and fits.json["label"] == "x" * 120 and len(json.dumps(fits.json["metadata"], separators=(",", ":"))) == 8192
    client.delete(f"/v1/sessions/{fits.json['id']}")
    before = len(client.get("/v1/sessions?limit=100").json["data"])
    for body in ({"metadata": metadata_of_size(8193)}, {"label": "x" * 121}, {"archetype": "nokia_3310"}, {"archetype": "No"}, {"metadata": []},
                 {"purpose": "test_domain_probe"}, {"behavioral_profile": "wild"}, {"label": 5}):
        assert_problem(client.post("/v1/sessions", body), 400, "validation-failed")
    assert len(client.get("/v1/sessions?limit=100").json["data"]) == before, "a refused create left a row"


def test_a_raw_proxy_is_refused_before_any_lookup(client):
    answer = client.post("/v1/sessions", {"proxy": {"host": "x"}, "profile_id": "prof_" + str(uuid.uuid4())})
    assert_problem(answer, 400, "bad-request")
    assert_problem(client.post("/v1/sessions", {"profile_id": "prof_" + str(uuid.uuid4())}), 404, "not-found")



@pytest.mark.parametrize("lists, reached", [({"allowed_domains": ["127.0.0.1"]}, True), ({"allowed_domains": ["example.com"]}, False),
                                            ({"blocked_domains": ["127.0.0.1"]}, False), ({"blocked_domains": ["example.com"]}, True),
                                            ({"allowed_domains": ["127.0.0.1"], "blocked_domains": ["127.0.0.1"]}, False)])
def test_lists_of_domains_hold_for_the_whole_session(client, site, lists, reached):
    session = client.post("/v1/sessions", lists).json["id"]
    answer = operate(client, session, "navigate", {"url": site.url("/cookie")})
    if reached:
        assert answer.status == 200
    else:
        assert_problem(answer, 502, "driver-error")
    client.delete(f"/v1/sessions/{session}")


@pytest.mark.parametrize("lists", [{"allowed_domains": "a.example"}, {"allowed_domains": ["a b"]}, {"blocked_domains": ["http://a.example"]},
                                   {"blocked_domains": ["a.example"] * 101}, {"allowed_domains": [None]}])
def test_lists_of_domains_are_bounded(client, lists):
    assert_problem(client.post("/v1/sessions", lists), 400, "validation-failed")

# ---------------------------------------------------------------- 4: the cap

def test_parallel_creates_never_exceed_the_cap(make_server):
    server = make_server("plugins.identity.tiers.enterprise.concurrent_sessions=3")
    def create(_):
        return server.client().post("/v1/sessions", {})
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(create, range(8)))
    assert sorted(a.status for a in answers) == [201] * 3 + [429] * 5
    denied = next(a for a in answers if a.status == 429)
    assert_problem(denied, 429, "concurrency-limit")
    assert denied.json["limit"] == 3 and denied.json["current_sessions"] == 3
    assert denied.header("Retry-After") is None
    client = server.client()
    assert client.get("/v1/account/me").json["concurrent_session_active"] == 3
    one = next(a for a in answers if a.status == 201).json["id"]
    assert client.delete(f"/v1/sessions/{one}").status == 204
    assert client.post("/v1/sessions", {}).status == 201, "the slot was freed at once"
    server.stop()


# ---------------------------------------------------------------- 5, 6, 7: claims and ends

def test_two_operations_at_once_are_one_success_and_one_conflict(client, session, shared_server, site):
    navigate(client, session, site.url("/basic.html"))
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(operate(shared_server.client(), session, "wait", {"condition": {"kind": "time", "ms": 1200}})))
    waiting.start()
    wait_until(lambda: client.get(f"/v1/sessions/{session}").json["status"] == "busy", 5, "a busy session")
    assert_problem(tap(client, session, "#title"), 409, "conflict")
    assert_problem(client.get(f"/v1/sessions/{session}/state"), 409, "conflict")
    waiting.join()
    assert answers[0].status == 200 and answers[0].json["satisfied"] is True
    assert tap(client, session, "#title").status == 200


def test_destroy_during_a_wait_wins(client, shared_server):
    session = client.post("/v1/sessions", {}).json["id"]
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(operate(shared_server.client(), session, "wait", {"condition": {"kind": "time", "ms": 30000}})))
    waiting.start()
    wait_until(lambda: client.get(f"/v1/sessions/{session}").json["status"] == "busy", 5, "a busy session")
    begin = time.monotonic()
    assert client.delete(f"/v1/sessions/{session}").status == 204
    waiting.join()
    assert time.monotonic() - begin < 5
    assert_problem(answers[0], 410, "session-destroyed")
    assert client.get(f"/v1/sessions/{session}").json["status"] == "destroyed"


def test_destroy_twice_leaves_one_audit_row(client):
    session = client.post("/v1/sessions", {"label": "twice"}).json["id"]
    for _ in range(2):
        answer = client.delete(f"/v1/sessions/{session}")
        assert answer.status == 204 and answer.body == b""
    rows = client.get(f"/v1/account/audit-log?target_resource_id={session}").json["data"]
    assert [row["action"] for row in rows] == ["session.destroyed", "session.created"]
    assert rows[0]["payload"] == {"reason": "customer"} and rows[1]["payload"]["label"] == "twice"
    assert_problem(operate(client, session, "navigate", {"url": "https://example.com/"}), 410, "session-destroyed")
    record = client.get(f"/v1/sessions/{session}").json
    assert record["status"] == "destroyed" and record["destroyed_at"]


@pytest.mark.parametrize("bad", ["ses_x", "nonsense", "ses_00000000-0000-4000-8000-000000000000", "prof_00000000-0000-4000-8000-000000000000"])
def test_unknown_and_malformed_ids_are_the_same(client, bad):
    assert_problem(client.get(f"/v1/sessions/{bad}"), 404, "not-found")
    assert_problem(client.delete(f"/v1/sessions/{bad}"), 404, "not-found")
    assert_problem(operate(client, bad, "navigate", {"url": "https://example.com/"}), 404, "not-found")


# ---------------------------------------------------------------- 8: driver failures

def test_a_failed_navigation_ends_the_session(client, site):
    session = client.post("/v1/sessions", {}).json["id"]
    answer = operate(client, session, "navigate", {"url": site.url("/close")})
    assert_problem(answer, 502, "driver-error")
    record = client.get(f"/v1/sessions/{session}").json
    assert record["status"] == "errored" and record["destroyed_at"]
    assert_problem(operate(client, session, "capture", {"kind": "screenshot"}), 410, "session-destroyed")
    assert client.delete(f"/v1/sessions/{session}").status == 204
    assert client.get(f"/v1/sessions/{session}").json["status"] == "errored"


def test_a_navigation_that_hangs_is_a_timeout_and_ends_the_session(client, site):
    session = client.post("/v1/sessions", {}).json["id"]
    answer = operate(client, session, "navigate", {"url": site.url("/hang"), "timeout_ms": 1000})
    assert_problem(answer, 504, "session-timeout")
    assert answer.json["timeout_ms"] == 1000
    assert client.get(f"/v1/sessions/{session}").json["status"] == "errored"


def test_an_http_error_document_is_no_failure(client, session, site):
    result = navigate(client, session, site.url("/status?code=503"))
    assert result["status"] == 503
    state = client.get(f"/v1/sessions/{session}/state").json
    assert state["page_state"]["state"] == "errored" and state["page_state"]["error"]["kind"] == "http" and state["page_state"]["error"]["http_status"] == 503


# ---------------------------------------------------------------- 9: navigate

def test_navigate_follows_redirects_and_reports_both_urls(client, session, site):
    target = site.url("/basic.html")
    result = navigate(client, session, site.url("/redirect?to=" + target))
    assert set(result) == {"url", "status", "final_url", "duration_ms"}
    assert result["url"] == site.url("/redirect?to=" + target) and result["final_url"] == target and result["status"] == 200


@pytest.mark.parametrize("body", [
    {"url": "file:///etc/passwd"}, {"url": "ftp://example.com/"}, {"url": "data:text/html,x"}, {"url": "about:blank"}, {"url": "javascript:alert(1)"},
    {"url": "/relative"}, {"url": ""}, {}, {"url": "http://"}, {"url": "https://example.com/", "timeout_ms": 999},
    {"url": "https://example.com/", "timeout_ms": 120001}, {"url": "https://example.com/", "wait_until": "never"}])
def test_navigate_out_of_bounds(client, session, body):
    assert_problem(operate(client, session, "navigate", body), 400, "validation-failed")
    assert client.get(f"/v1/sessions/{session}").json["status"] == "ready"


@pytest.mark.parametrize("wait_until", ["load", "domcontentloaded", "networkidle"])
def test_each_way_to_wait_for_a_page(client, session, site, wait_until):
    assert navigate(client, session, site.url("/basic.html"), wait_until=wait_until)["status"] == 200


def test_private_addresses_are_refused_and_the_listed_one_is_not(client, site, shared_server):
    for url in (f"http://127.0.0.1:{shared_server.port}/health", "http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/", "http://[::1]/",
                f"http://localhost:{shared_server.port}/", "http://0x7f000001/"):
        session = client.post("/v1/sessions", {}).json["id"]
        assert_problem(operate(client, session, "navigate", {"url": url, "timeout_ms": 8000}), 502, "driver-error")
        client.delete(f"/v1/sessions/{session}")
    session = client.post("/v1/sessions", {}).json["id"]
    navigate(client, session, site.url(f"/reach.html?target=http://127.0.0.1:{shared_server.port}/health"))
    wait = operate(client, session, "wait", {"condition": {"kind": "url_matches", "pattern": "reach"}, "timeout_ms": 2000})
    assert wait.json["satisfied"]
    wait_until(lambda: text_of(client, session, "#out") != "waiting", 10, "the page's verdict")
    assert text_of(client, session, "#out") == "blocked no image"
    navigate(client, session, site.url(f"/reach.html?target={site.url('/basic.html')}"))
    wait_until(lambda: text_of(client, session, "#out") != "waiting", 10, "the page's verdict")
    assert text_of(client, session, "#out") == "reached no image", "the twin: a listed target is reached"
    client.delete(f"/v1/sessions/{session}")


# ---------------------------------------------------------------- 10: interact

def test_a_form_is_filled_and_sent_with_trusted_events_only(client, session, site):
    site.events.clear()
    site.posts.clear()
    navigate(client, session, site.url("/form.html"))
    for action in ({"kind": "type", "selector": "#name", "text": "Ada Lövelace 你好 😀"}, {"kind": "type", "selector": "#secret", "text": "pass", "sensitive": True},
                   {"kind": "tap", "selector": "#agree"}, {"kind": "type", "selector": "#note", "text": "a", "delay_ms": 5}, {"kind": "press", "key": "Enter"},
                   {"kind": "press", "key": "b"}, {"kind": "scroll", "selector": "#box", "delta_y": 300}, {"kind": "scroll"}):
        answer = operate(client, session, "interact", {"action": action})
        assert answer.status == 200, (action, answer.body)
        assert answer.json["ok"] is True and answer.json["duration_ms"] >= 0
    assert attribute_of(client, session, "body", "data-untrusted") == "0"
    assert int(attribute_of(client, session, "body", "data-seen")) > 20
    assert tap(client, session, "#send").status == 200
    wait_until(lambda: site.posts and any(path == "/received" for path, _ in site.posts), 10, "the form")
    wait_until(lambda: text_of(client, session, "h1") == "Received", 10, "the answer to the form")  # the site has the form before the page has the answer
    assert text_of(client, session, "#echo-name") == "Ada Lövelace 你好 😀"
    assert text_of(client, session, "#echo-note").split() == ["a", "b"] and text_of(client, session, "#echo-secret") == "pass"
    events = wait_until(lambda: list(site.events), 10, "the page's events")
    assert all(event["trusted"] for event in events)
    assert {"pointerdown", "mousedown", "click", "keydown", "input"} <= {event["type"] for event in events}


@pytest.mark.parametrize("action", [
    {"kind": "click", "selector": "#x"}, {"kind": "tap"}, {"kind": "tap", "selector": ""}, {"kind": "type", "selector": "#x"},
    {"kind": "type", "selector": "#x", "text": "x" * 10001}, {"kind": "type", "selector": "#x", "text": "x", "delay_ms": 501},
    {"kind": "press", "key": "x" * 21}, {"kind": "press", "key": ""}, {"kind": "scroll", "selector": ""}, {"selector": "#x"}, None])
def test_interact_out_of_bounds(client, session, action):
    assert_problem(operate(client, session, "interact", {"action": action}), 400, "validation-failed")


def test_a_target_that_comes_late_is_waited_for(client, session, site):
    navigate(client, session, site.url("/form.html"))
    assert tap(client, session, "#late").status == 200
    assert text_of(client, session, "#late") == "tapped"


def test_a_target_that_never_comes_and_one_that_is_covered(client, session, site):
    navigate(client, session, site.url("/form.html"))
    missing = tap(client, session, "#never", timeout_ms=300)
    assert_problem(missing, 504, "session-timeout")
    assert missing.json["timeout_ms"] == 300
    covered = tap(client, session, "#covered", timeout_ms=500)
    assert_problem(covered, 504, "session-timeout")
    assert "cover" in covered.json["detail"]
    assert client.get(f"/v1/sessions/{session}").json["status"] == "ready"
    assert_problem(tap(client, session, "##["), 400, "bad-request")
    assert tap(client, session, "#send").status == 200


def test_dialogs_are_dismissed_and_pop_ups_load_in_the_session(client, session, site):
    navigate(client, session, site.url("/dialog.html"))
    assert tap(client, session, "#alert").status == 200
    wait_until(lambda: text_of(client, session, "#out") == "after alert", 5, "the page after its alert")
    assert tap(client, session, "#confirm").status == 200
    wait_until(lambda: text_of(client, session, "#out") == "false", 5, "the answer of the dialog")
    assert tap(client, session, "#popup").status == 200
    assert operate(client, session, "wait", {"condition": {"kind": "url_matches", "pattern": "basic\\.html$"}}).json["satisfied"]


# ---------------------------------------------------------------- 11: wait

def test_waits(client, session, site):
    navigate(client, session, site.url("/form.html"))
    def wait(condition, **options):
        return operate(client, session, "wait", {"condition": condition, **options})
    assert wait({"kind": "selector", "selector": "#late"}).json["satisfied"] is True
    assert wait({"kind": "selector_hidden", "selector": "#nothing-here"}).json["satisfied"] is True
    never = wait({"kind": "selector", "selector": "#never"}, timeout_ms=200)
    assert never.status == 200 and never.json["satisfied"] is False and never.json["duration_ms"] >= 200
    assert wait({"kind": "url_matches", "pattern": "form\\.html$"}).json["satisfied"] is True
    assert wait({"kind": "url_matches", "pattern": "^nowhere"}, timeout_ms=200).json["satisfied"] is False
    timed = wait({"kind": "time", "ms": 150}).json
    assert timed["satisfied"] is True and timed["duration_ms"] >= 150
    for condition in ({"kind": "time"}, {"kind": "time", "ms": 60001}, {"kind": "time", "ms": -1}, {"kind": "selector", "selector": ""}, {"kind": "network"},
                      {"kind": "url_matches", "pattern": "("}, {}):
        assert_problem(wait(condition), 400, "validation-failed")
    for timeout in (99, 120001):
        assert_problem(wait({"kind": "time", "ms": 0}, timeout_ms=timeout), 400, "validation-failed")
    assert_problem(wait({"kind": "selector", "selector": "["}), 400, "bad-request")


# ---------------------------------------------------------------- state

def test_state_shows_the_page_and_its_cookies(client, session, site):
    empty = client.get(f"/v1/sessions/{session}/state").json
    assert empty["url"] is None and empty["cookies"] == [] and empty["local_storage"] == {} and empty["page_state"] is None
    navigate(client, session, site.url("/cookie"))
    state = client.get(f"/v1/sessions/{session}/state").json
    assert state["url"] == site.url("/cookie") and state["page_state"]["state"] == "loaded"
    cookie = state["cookies"][0]
    assert (cookie["name"], cookie["value"], cookie["domain"], cookie["path"], cookie["http_only"]) == ("taste", "sweet", "127.0.0.1", "/", True)
    record = client.get(f"/v1/sessions/{session}").json
    assert record["last_state_at"] is not None


def test_nothing_bleeds_from_one_session_into_the_next(client, site):
    first = client.post("/v1/sessions", {}).json["id"]
    navigate(client, first, site.url("/cookie"))
    client.delete(f"/v1/sessions/{first}")
    second = client.post("/v1/sessions", {}).json["id"]
    navigate(client, second, site.url("/basic.html"))
    assert client.get(f"/v1/sessions/{second}/state").json["cookies"] == []
    client.delete(f"/v1/sessions/{second}")


# ---------------------------------------------------------------- 12: capture

def test_captures(client, session, site):
    navigate(client, session, site.url("/basic.html"))
    shot = operate(client, session, "capture", {"kind": "screenshot"}).json
    assert set(shot) == {"kind", "data", "encoding", "byte_size", "duration_ms"} and shot["encoding"] == "base64"
    png = base64.b64decode(shot["data"], validate=True)
    assert shot["byte_size"] == len(png)
    width, height, colour = pixels(png)
    assert (width, height) == (1280, 800)
    assert colour(1270, 5) == (0x12, 0x34, 0x56), "the page's own background"
    full = operate(client, session, "capture", {"kind": "screenshot", "full_page": True}).json
    assert size_of(base64.b64decode(full["data"]))[1] > 2400
    dom = operate(client, session, "capture", {"kind": "dom_snapshot", "full_page": True}).json
    assert dom["encoding"] == "utf8" and 'id="title"' in dom["data"] and dom["byte_size"] == len(dom["data"].encode())
    pdf = operate(client, session, "capture", {"kind": "pdf"}).json
    assert base64.b64decode(pdf["data"]).startswith(b"%PDF")
    for body in ({"kind": "video"}, {}, {"kind": "screenshot", "full_page": "yes"}):
        assert_problem(operate(client, session, "capture", body), 400, "validation-failed")


# ---------------------------------------------------------------- 13: extract

def test_extract(client, session, site):
    navigate(client, session, site.url("/basic.html"))
    answer = operate(client, session, "extract", {"extractions": [
        {"name": "price", "selector": ".price", "type": "text", "transform": "number"}, {"name": "title", "selector": "h1", "type": "text"},
        {"name": "id", "selector": "h1", "type": "attribute", "attribute": "id"}, {"name": "plain", "selector": "li", "type": "list"},
        {"name": "links", "selector": "li", "type": "list", "extract": {"href": {"type": "attribute", "attribute": "href", "selector": "a"}, "text": {"type": "text"}}},
        {"name": "none", "selector": ".none", "type": "text"}, {"name": "nothing", "selector": ".none", "type": "list"},
        {"name": "missing", "selector": "h1", "type": "attribute", "attribute": "href"}, {"name": "nan", "selector": "h1", "type": "text", "transform": "number"}]})
    assert answer.status == 200, answer.body
    assert answer.json == {"value": {
        "price": 1019.99, "title": "A basic page", "id": "title", "plain": ["First", "Second", "Third"],
        "links": [{"href": "/a", "text": "First"}, {"href": "/b", "text": "Second"}, {"href": None, "text": "Third"}],
        "none": None, "nothing": [], "missing": None, "nan": None}}


def test_extract_out_of_bounds_and_hostile_selectors(client, session, site):
    navigate(client, session, site.url("/basic.html"))
    item = {"name": "a", "selector": "h1", "type": "text"}
    for extractions in ([], [item] * 101, [{**item, "name": ""}], [{**item, "selector": ""}], [{**item, "type": "html"}], [{**item, "type": "attribute"}],
                        [{**item, "transform": "upper"}]):
        assert_problem(operate(client, session, "extract", {"extractions": extractions}), 400, "validation-failed")
    assert operate(client, session, "extract", {"extractions": [item] * 100}).status == 200
    for hostile in ("'); document.title='owned'; ('", "`${document.title='owned'}`", "\"];document.title='owned'//", "h1\\"):
        operate(client, session, "extract", {"extractions": [{"name": "x", "selector": hostile, "type": "text"}]})
    assert client.get(f"/v1/sessions/{session}/state").json["title"] == "Basic"


# ---------------------------------------------------------------- retired routes

def test_the_proxy_route_is_retired(client):
    for method in ("GET", "POST"):
        answer = client.request(method, "/v1/sessions/anything/proxy")
        assert_problem(answer, 410, "feature-unavailable") if answer.status != 410 else None
        assert answer.status == 410 and answer.slug == "feature-unavailable" and answer.json["code"] == "endpoint_retired"


# ---------------------------------------------------------------- 19: archetypes

def test_archetypes_are_public_and_honest(anonymous):
    answer = anonymous.get("/v1/archetypes")
    assert answer.status == 200 and answer.header("Cache-Control") == "public, max-age=300"
    body = answer.json
    assert len(body["data"]) >= 3
    default = [entry for entry in body["data"] if entry["is_default"]]
    assert len(default) == 1 and default[0]["id"] == body["default_archetype_id"] and default[0]["status"] == "launch"
    for entry in body["data"]:
        assert set(entry) == {"id", "display_label", "device", "ios_version", "safari_version", "canvas_family", "status", "is_default"}
        assert all(entry[key] for key in ("display_label", "device", "ios_version", "safari_version")) and entry["canvas_family"] in ("A", "B")


def test_each_archetype_starts_with_its_own_viewport(client, anonymous, site):
    sizes = set()
    for entry in anonymous.get("/v1/archetypes").json["data"]:
        session = client.post("/v1/sessions", {"archetype": entry["id"]}).json
        assert session["archetype"] == entry["id"]
        navigate(client, session["id"], site.url("/basic.html"))
        shot = operate(client, session["id"], "capture", {"kind": "screenshot"}).json
        sizes.add(size_of(base64.b64decode(shot["data"])))
        client.delete(f"/v1/sessions/{session['id']}")
    assert len(sizes) >= 2


# ---------------------------------------------------------------- 22: lists

def test_lists_page_through_every_session(make_server):
    server = make_server(egress=False)
    client = server.client()
    made = [client.post("/v1/sessions", {"label": str(index)}).json["id"] for index in range(3)]
    client.delete(f"/v1/sessions/{made[0]}")
    seen, cursors, query = [], [], "?limit=1"
    while True:
        page = client.get("/v1/sessions" + query).json
        assert page["has_more"] == (page["next_cursor"] is not None)
        seen += [row["id"] for row in page["data"]]
        if page["next_cursor"] is None:
            break
        cursors.append(page["next_cursor"])
        query = "?limit=1&cursor=" + page["next_cursor"]
    assert seen == made[::-1] and len(set(cursors)) == len(cursors) == 2
    assert [row["id"] for row in client.get("/v1/sessions?status=destroyed").json["data"]] == [made[0]]
    for query in ("limit=0", "limit=101", "limit=x", "cursor=" + "x" * 513, "cursor=tampered", "status=asleep", f"status=ready&cursor={cursors[0]}"):
        assert_problem(client.get("/v1/sessions?" + query), 400, "validation-failed")
    server.stop()


# ---------------------------------------------------------------- idempotency

def test_a_keyed_create_is_replayed(client, shared_server):
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    def create(_):
        return shared_server.client().post("/v1/sessions", {"label": "keyed"}, headers=headers)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(create, range(4)))
    assert {a.status for a in answers} == {201} and len({a.json["id"] for a in answers}) == 1
    assert len({a.body for a in answers}) == 1
    assert sorted(a.header("Idempotent-Replayed") or "" for a in answers) == ["", "1", "1", "1"]
    mismatch = client.post("/v1/sessions", {"label": "other"}, headers=headers)
    assert_problem(mismatch, 409, "conflict")
    assert mismatch.json["idempotency_status"] == "mismatch"
    client.delete(f"/v1/sessions/{answers[0].json['id']}")


# ---------------------------------------------------------------- a real site's static copy

def test_a_page_of_a_real_site_is_read_and_captured(client, session, site):
    import pathlib
    pages = sorted(pathlib.Path("/usr/share/doc/debian").rglob("*.html"))
    assert pages, "the package debian-faq is installed by scripts/dependencies --test"
    path = "/" + str(next((p for p in pages if "en" in p.name and "index" in p.name), pages[0]).relative_to("/usr/share/doc/debian"))
    assert navigate(client, session, site.url(path))["status"] == 200
    links = operate(client, session, "extract", {"extractions": [{"name": "links", "selector": "a[href]", "type": "list"}]}).json["value"]["links"]
    assert len(links) > 5
    assert len(base64.b64decode(operate(client, session, "capture", {"kind": "screenshot", "full_page": True}).json["data"])) > 5000
