"""Live view (README.md, extensions): a person looks at a real browser over a WebSocket, and takes it over. The client is Debian's websocket-client."""
import json
import struct

import pytest
import websocket

from server import wait_until
from test_transport import assert_problem

HANDSHAKE = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
PAGE = "/view.html"


def token_for(client, session, mode="view"):
    answer = client.post(f"/v1/sessions/{session}/view-token", {"mode": mode})
    assert answer.status == 201, answer.body
    assert set(answer.json) == {"token", "mode", "expires_at"} and answer.json["mode"] == mode
    return answer.json["token"]


def connect(port, session, token, **options):
    return websocket.create_connection(f"ws://127.0.0.1:{port}/v1/sessions/{session}/view?token={token}", timeout=30, suppress_origin=True, **options)


def refusal(client, session, token, headers=None):
    """The answer of a handshake that does not open."""
    return client.request("GET", f"/v1/sessions/{session}/view?token={token}", headers={**HANDSHAKE, **(headers or {})}, key=None)


def picture(viewer):
    kind, sequence, width, height = struct.unpack(">BIHH", (message := viewer.recv())[:9])
    assert kind == 1 and message[9:11] == b"\xff\xd8"
    return sequence, width, height, message[9:]


def close_of(viewer):
    """Code and reason of the server's goodbye, behind whatever is still on its way."""
    while True:
        opcode, data = viewer.recv_data()
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            return struct.unpack(">H", data[:2])[0], data[2:].decode()


@pytest.fixture
def looking(client, session, site, shared_server):
    """Opens viewers of a session that shows a page with a field; all are closed at the end."""
    assert client.post(f"/v1/sessions/{session}/navigate", {"url": site.url(PAGE)}).status == 200
    made = []

    def look(mode="view", token=None):
        made.append(connect(shared_server.port, session, token or token_for(client, session, mode)))
        return made[-1]

    yield look
    for viewer in made:
        viewer.close()


def said(client, session):
    """What the page says it was told."""
    answer = client.post(f"/v1/sessions/{session}/extract", {"extractions": [{"name": "said", "selector": "#said", "type": "text"}]})
    assert answer.status == 200, answer.body
    return answer.json["value"]["said"]


def test_a_viewer_sees_the_page_and_each_change_of_it(client, session, looking):
    viewer = looking()
    first, width, height, _ = picture(viewer)
    assert (width, height) == (1280, 800)
    viewer.settimeout(1)
    with pytest.raises(websocket.WebSocketTimeoutException):
        while True:
            picture(viewer)  # what the page was still painting, then nothing
    viewer.settimeout(30)
    assert client.post(f"/v1/sessions/{session}/interact", {"action": {"kind": "type", "selector": "#field", "text": "hello"}}).status == 200
    sequence, *_ = picture(viewer)
    assert sequence > first
    # A second viewer begins with the newest picture.
    assert picture(looking())[0] >= sequence


def test_a_person_in_control_types_and_taps_and_automation_waits(client, session, looking):
    viewer = looking("control")
    picture(viewer)
    paused = client.post(f"/v1/sessions/{session}/interact", {"action": {"kind": "tap", "selector": "#field"}})
    assert_problem(paused, 409, "conflict")
    assert paused.json["code"] == "paused"
    assert client.get(f"/v1/sessions/{session}/state").json["code"] == "paused"
    assert client.get(f"/v1/sessions/{session}").json["status"] == "ready"
    for message in ({"kind": "tap", "x": 60, "y": 30}, {"kind": "type", "text": "Grüßex"}, {"kind": "press", "key": "Backspace"}):
        viewer.send(json.dumps(message))
    viewer.send(json.dumps({"kind": "press", "key": "NoSuchKey"}))
    while isinstance(told := viewer.recv(), bytes):
        pass
    assert json.loads(told)["code"] == "bad-request"  # messages are carried out in order: the ones before are done
    viewer.close()
    wait_until(lambda: client.post(f"/v1/sessions/{session}/wait", {"condition": {"kind": "time", "ms": 0}}).status == 200, what="automation to go on")
    assert said(client, session) == "Grüße"
    entries = client.get(f"/v1/sessions/{session}/logs?kind=action").json["data"]
    assert {"control tap: ok", "control type: ok", "control press: ok", "view-token control: ok"} <= {entry["message"] for entry in entries}
    assert "Gr" not in json.dumps(entries, ensure_ascii=False)


def test_one_person_is_in_control_and_others_may_look(client, session, looking, shared_server):
    looking("control")
    second = refusal(shared_server.client(key=None), session, token_for(client, session, "control"))
    assert_problem(second, 409, "conflict")
    assert second.json["code"] == "controlled"
    picture(looking())


@pytest.mark.parametrize("message, binary, reason", [
    ('{"kind":"tap","x":1,"y":1}', False, "This token is for looking only."),
    ("", True, "This token is for looking only."),
])
def test_who_may_only_look_is_shown_the_door_when_he_touches(client, session, looking, message, binary, reason):
    viewer = looking()
    viewer.send(message, websocket.ABNF.OPCODE_BINARY if binary else websocket.ABNF.OPCODE_TEXT)
    assert close_of(viewer) == (1008, reason)
    assert client.post(f"/v1/sessions/{session}/wait", {"condition": {"kind": "time", "ms": 0}}).status == 200


@pytest.mark.parametrize("message", ["nonsense", '{"kind":"evaluate","script":"1"}', '{"kind":"tap","x":-5,"y":1}', '{"kind":"type","text":""}', "[]"])
def test_what_is_no_input_ends_the_connection(looking, message):
    viewer = looking("control")
    viewer.send(message)
    assert close_of(viewer)[0] == 1008


@pytest.mark.parametrize("frame, code", [
    (b"\x81\x01x", 1002),  # no mask
    (b"\xc1\x81\0\0\0\0x", 1002),  # reserved bit
    (b"\x83\x81\0\0\0\0x", 1002),  # reserved opcode
    (b"\x09\x81\0\0\0\0x", 1002),  # a ping in fragments
    (b"\x80\x81\0\0\0\0x", 1002),  # the end of nothing
    (b"\x81\xfe\0\x01\0\0\0\0x", 1002),  # a length that is longer than it needs to be
    (b"\x81\x81\0\0\0\0\xff", 1007),
    (b"\x82\xff\0\0\0\0\0\x10\0\0\0\0\0\0", 1009),
])
def test_frames_that_break_the_rules_end_the_connection_with_their_code(looking, frame, code):
    viewer = looking("control")
    viewer.sock.sendall(frame)
    assert close_of(viewer)[0] == code


def test_tokens_open_one_session_of_theirs_and_end_with_it(client, session, shared_server, stranger, anonymous):
    other = client.post("/v1/sessions", {}).json["id"]
    token, late = token_for(client, session), token_for(client, other)
    for bad in (late, token + "x", "", "nonsense", client.key):
        assert_problem(refusal(anonymous, session, bad), 401, "unauthorized")
    # A key opens nothing here, a token nothing elsewhere.
    assert refusal(client, session, "nonsense", {"Authorization": f"Bearer {client.key}"}).status == 401
    assert anonymous.get(f"/v1/sessions/{session}", key=token).status == 401
    assert_problem(stranger.post(f"/v1/sessions/{session}/view-token", {}), 404, "not-found")
    viewer = connect(shared_server.port, other, late)
    picture(viewer)
    client.delete(f"/v1/sessions/{other}")
    assert close_of(viewer)[0] == 1000
    assert_problem(refusal(anonymous, other, late), 401, "unauthorized")
    assert_problem(client.post(f"/v1/sessions/{other}/view-token", {}), 410, "session-destroyed")


def test_control_needs_the_scope_to_write(client, session, new_key, shared_server):
    reader = shared_server.client(new_key("read:sessions"))
    assert reader.post(f"/v1/sessions/{session}/view-token").json["mode"] == "view"
    assert_problem(reader.post(f"/v1/sessions/{session}/view-token", {"mode": "control"}), 403, "forbidden")
    both = shared_server.client(new_key("read:sessions", "write:sessions"))
    assert both.post(f"/v1/sessions/{session}/view-token", {"mode": "control"}).status == 201
    for one in (reader, both):
        one.close()


def test_pages_of_other_origins_open_no_view(client, session, shared_server, anonymous):
    token = token_for(client, session)
    assert_problem(refusal(anonymous, session, token, {"Origin": "https://evil.example"}), 403, "forbidden")
    for origin in (f"http://127.0.0.1:{shared_server.port}", f"https://127.0.0.1:{shared_server.port}"):
        viewer = websocket.create_connection(f"ws://127.0.0.1:{shared_server.port}/v1/sessions/{session}/view?token={token}", timeout=30, origin=origin)
        picture(viewer)
        viewer.close()


def test_what_is_no_handshake_is_told_the_version(client, session, anonymous):
    token = token_for(client, session)
    plain = anonymous.get(f"/v1/sessions/{session}/view?token={token}")
    assert_problem(plain, 400, "bad-request")
    assert plain.header("sec-websocket-version") == "13"
    assert_problem(refusal(anonymous, session, token, {"Sec-WebSocket-Version": "8"}), 400, "bad-request")


def test_the_viewer_page_loads_nothing_from_elsewhere(anonymous):
    page = anonymous.get("/view")
    assert page.status == 200 and page.header("content-type").startswith("text/html")
    policy = page.header("content-security-policy")
    for rule in ("default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"):
        assert rule in policy
    assert b"http://" not in page.body and b"https://" not in page.body and b"<style" not in page.body and b"onclick" not in page.body
    for path in ("/view/viewer.js", "/view/viewer.css"):
        assert path.encode() in page.body
        file = anonymous.get(path)
        assert file.status == 200 and file.header("x-content-type-options") == "nosniff"
    assert anonymous.get("/view/viewer.js").header("content-type").startswith("text/javascript")


@pytest.fixture(scope="module")
def reachable_server(make_server, site):
    """A server whose browsers may load its own pages."""
    server = make_server('plugins.metrics-prometheus.scrape_token={ env = "SCRAPE" }', environment={"SCRAPE": "scrape"}, start=False)
    server.settings.append(f'plugins.browser-webkit.egress_allow=["127.0.0.1:{site.port}","127.0.0.1:{server.port}"]')
    return server.start()


def test_the_viewer_page_shows_a_session_and_takes_it_over_in_a_real_browser(reachable_server, site):
    client = reachable_server.client()
    shown, person = (client.post("/v1/sessions", {}).json["id"] for _ in range(2))
    assert client.post(f"/v1/sessions/{shown}/navigate", {"url": site.url(PAGE)}).status == 200
    token = token_for(client, shown, "control")

    def do(operation, body):
        answer = client.post(f"/v1/sessions/{person}/{operation}", body)
        assert answer.status == 200, answer.body
        return answer.json

    do("navigate", {"url": f"http://127.0.0.1:{reachable_server.port}/view#session={shown}&token={token}&control"})
    assert do("wait", {"condition": {"kind": "selector", "selector": "#screen.control:not([hidden])"}})["satisfied"]
    assert token not in client.get(f"/v1/sessions/{person}/state").json["url"]
    do("interact", {"action": {"kind": "tap", "selector": "#screen"}})
    for key in ("H", "i", "x", "Backspace", "ü"):
        do("interact", {"action": {"kind": "press", "key": key}})
    words = do("extract", {"extractions": [{"name": "status", "selector": "#status", "type": "text"}]})["value"]["status"]
    assert words == "You are in control; automation is paused."
    assert client.post(f"/v1/sessions/{shown}/wait", {"condition": {"kind": "time", "ms": 0}}).json["code"] == "paused"
    wait_until(lambda: len([entry for entry in client.get(f"/v1/sessions/{shown}/logs?kind=action").json["data"]
                            if entry["message"].startswith("control ")]) == 6, what="six inputs")
    client.delete(f"/v1/sessions/{person}")  # whoever leaves gives control back
    wait_until(lambda: client.post(f"/v1/sessions/{shown}/wait", {"condition": {"kind": "time", "ms": 0}}).status == 200, what="automation to go on")
    assert said(client, shown) == "Hiü"
    client.delete(f"/v1/sessions/{shown}")
    client.close()


def test_a_drain_says_goodbye_and_a_token_is_in_no_log(reachable_server):
    client = reachable_server.client()
    session = client.post("/v1/sessions", {}).json["id"]
    token = token_for(client, session)
    viewer = connect(reachable_server.port, session, token)
    picture(viewer)
    assert "driftstack_http_websockets 1" in client.get("/metrics", key="scrape").body.decode()
    client.close()
    reachable_server.stop()
    assert close_of(viewer)[0] == 1001
    assert token not in reachable_server.log_text()
