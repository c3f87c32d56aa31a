"""Extensions of sessions.md 4.5 to 4.9 and 15 with a real browser: more kinds of interact, selectors, frames, pop-ups."""
import base64
import json

import pytest

from server import raw_exchange
from test_sessions import attribute_of, navigate, operate, tap, text_of
from test_transport import assert_problem


def act(client, session, action, **options):
    return operate(client, session, "interact", {"action": action, **options})


def done(answer):
    assert answer.status == 200, answer.body
    assert answer.json["ok"] is True and set(answer.json) == {"ok", "duration_ms"}


def file_of(name="a.txt", content=b"hello", **more):
    return {"name": name, "content_base64": base64.b64encode(content).decode(), **more}


def test_every_further_kind_acts_by_trusted_events(client, session, site):
    navigate(client, session, site.url("/controls.html"))
    done(act(client, session, {"kind": "hover", "selector": "#hover"}))
    assert attribute_of(client, session, "body", "data-mouseover") == "hover"
    done(act(client, session, {"kind": "select", "selector": "#one", "values": ["b"]}))
    assert attribute_of(client, session, "body", "data-change") == "one"
    done(act(client, session, {"kind": "clear", "selector": "#text"}))
    done(act(client, session, {"kind": "check", "selector": "role=checkbox[name=Box]"}))
    assert attribute_of(client, session, "body", "data-change") == "box"
    done(act(client, session, {"kind": "upload", "selector": "#file", "files": [file_of("name of file.txt", content_type="text/plain")]}))
    assert operate(client, session, "wait", {"condition": {"kind": "selector", "selector": 'text="name of file.txt=hello"'}}).json["satisfied"]
    done(act(client, session, {"kind": "drag", "selector": "#from", "to_selector": "#to"}))
    assert attribute_of(client, session, "body", "data-pointerup") == "to"
    done(act(client, session, {"kind": "dialog", "accept": True, "text": "Ada"}))
    done(tap(client, session, "#ask"))
    assert text_of(client, session, "#out") == "Ada"
    done(tap(client, session, "#ask"))
    done(act(client, session, {"kind": "dialog", "accept": True}))
    assert text_of(client, session, "#out") == "nobody"
    assert attribute_of(client, session, "body", "data-untrusted") == "0"
    done(act(client, session, {"kind": "select", "selector": "#many", "values": ["a", "c"]}))
    assert text_of(client, session, "#out") == "a,c"


@pytest.mark.parametrize("action", [
    {"kind": "hover"}, {"kind": "hover", "selector": ""}, {"kind": "select", "selector": "#x"}, {"kind": "select", "selector": "#x", "values": []},
    {"kind": "select", "selector": "#x", "values": ["v"] * 101}, {"kind": "select", "selector": "#x", "values": "v"}, {"kind": "clear"},
    {"kind": "check", "selector": "#x", "checked": "yes"}, {"kind": "upload", "selector": "#x"}, {"kind": "upload", "selector": "#x", "files": []},
    {"kind": "upload", "selector": "#x", "files": [file_of()] * 11}, {"kind": "upload", "selector": "#x", "files": [file_of("")]},
    {"kind": "upload", "selector": "#x", "files": [file_of("x" * 256)]}, {"kind": "upload", "selector": "#x", "files": [file_of("../../etc/passwd")]},
    {"kind": "upload", "selector": "#x", "files": [file_of("..")]}, {"kind": "upload", "selector": "#x", "files": [{"name": "a", "content_base64": "*"}]},
    {"kind": "drag", "selector": "#x"}, {"kind": "drag", "selector": "#x", "to_selector": ""}, {"kind": "dialog"},
    {"kind": "dialog", "accept": True, "text": "x" * 2001}], ids=lambda action: json.dumps(action)[:60])
def test_further_kinds_out_of_bounds(client, session, action):
    answer = act(client, session, action)
    assert_problem(answer, 400, "validation-failed")
    assert answer.json["issues"]


def test_an_upload_may_be_eight_mebibytes_and_not_more(client, session, site):
    navigate(client, session, site.url("/controls.html"))
    content = b"x" * (6 * 1024 * 1024 - 4096)
    done(act(client, session, {"kind": "upload", "selector": "#file", "files": [file_of("big.bin", content)]}))
    head = (f"POST /v1/sessions/{session}/interact HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {client.key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {8 * 1024 * 1024 + 1}\r\n\r\n")
    refused = raw_exchange(client.port, head.encode())
    assert refused.startswith(b"HTTP/1.1 413 ") and b"payload-too-large" in refused
    assert client.get(f"/v1/sessions/{session}").json["status"] == "ready"


def test_what_cannot_be_done_leaves_the_session_ready(client, session, site):
    navigate(client, session, site.url("/controls.html"))
    for action in ({"kind": "select", "selector": "#one", "values": ["z"]}, {"kind": "check", "selector": "#out"}, {"kind": "clear", "selector": "#hover"},
                   {"kind": "hover", "selector": "#never"}, {"kind": "drag", "selector": "#from", "to_selector": "#never"},
                   {"kind": "upload", "selector": "#never", "files": [file_of()]}):
        answer = act(client, session, action, timeout_ms=300)
        assert_problem(answer, 504, "session-timeout")
        assert answer.json["timeout_ms"] == 300
    for selector in ("text=", "role=button[", "ref=x"):
        assert_problem(tap(client, session, selector), 400, "bad-request")
    assert client.get(f"/v1/sessions/{session}").json["status"] == "ready"


def test_a_frame_is_named_by_its_address(client, session, site):
    navigate(client, session, site.url("/controls.html"))
    frame = {"host": "127.0.0.1", "path_prefix": "/form.html", "query": {"frame": "1"}}
    done(act(client, session, {"kind": "type", "selector": "#name", "text": "framed"}, frame_match=frame))
    done(act(client, session, {"kind": "tap", "selector": "#agree"}, frame_match=frame))
    read = {"extractions": [{"name": "types", "selector": "body", "type": "attribute", "attribute": "data-untrusted"}], "frame_match": frame}
    assert operate(client, session, "extract", read).json == {"value": {"types": "0"}}
    waited = operate(client, session, "wait", {"condition": {"kind": "selector", "selector": "#late"}, "frame_match": frame})
    assert waited.json["satisfied"] is True
    nowhere = {"host": "nowhere.example"}
    assert_problem(act(client, session, {"kind": "tap", "selector": "#agree"}, frame_match=nowhere), 409, "conflict")
    assert_problem(operate(client, session, "extract", {**read, "frame_match": {"host": "127.0.0.1"}}), 409, "conflict")
    assert_problem(operate(client, session, "wait", {"condition": {"kind": "selector", "selector": "b"}, "frame_match": nowhere, "timeout_ms": 200}),
                   409, "conflict")
    assert_problem(act(client, session, {"kind": "tap", "selector": "#agree"}, frame_match={}), 400, "validation-failed")
    assert client.get(f"/v1/sessions/{session}").json["status"] == "ready"


def test_pop_ups_are_listed_in_the_state(client, session, site):
    navigate(client, session, site.url("/controls.html"))
    assert client.get(f"/v1/sessions/{session}/state").json["popups"] == []
    done(tap(client, session, "#open"))
    assert operate(client, session, "wait", {"condition": {"kind": "url_matches", "pattern": "basic\\.html$"}}).json["satisfied"]
    popups = client.get(f"/v1/sessions/{session}/state").json["popups"]
    assert [popup["url"] for popup in popups] == [site.url("/basic.html")] and popups[0]["at"].endswith("Z")
