"""The options of capture of sessions.md 4.8 with a real browser: pictures of elements, scales, JPEG; the page as text, Markdown, outline, one frame."""
import base64
import json

import pytest

from test_sessions import navigate, operate, pixels, tap
from test_transport import assert_problem


def capture(client, session, kind, **options):
    return operate(client, session, "capture", {"kind": kind, **options})


def captured(client, session, kind, **options):
    answer = capture(client, session, kind, **options)
    assert answer.status == 200, answer.body
    assert set(answer.json) == {"kind", "data", "encoding", "byte_size", "duration_ms"} and answer.json["kind"] == kind
    picture = kind in ("screenshot", "pdf")
    assert answer.json["encoding"] == ("base64" if picture else "utf8")
    content = base64.b64decode(answer.json["data"], validate=True) if picture else answer.json["data"].encode()
    assert answer.json["byte_size"] == len(content)
    return content


def is_ready(client, session):
    return client.get(f"/v1/sessions/{session}").json["status"] == "ready"


def test_a_picture_shows_one_element_at_the_scale_asked_for(client, session, site):
    navigate(client, session, site.url("/controls.html"))
    width, height, colour = pixels(captured(client, session, "screenshot", selector="#from"))
    assert 40 <= width <= 41 and 40 <= height <= 41
    assert colour(38, 38) == (0xCC, 0xCC, 0xCC)
    width, height, colour = pixels(captured(client, session, "screenshot", selector="#from", device_scale_factor=2))
    assert 80 <= width <= 81 and 80 <= height <= 81
    assert colour(76, 76) == (0xCC, 0xCC, 0xCC)
    assert pixels(captured(client, session, "screenshot"))[:2] == (1280, 800), "the scale is afterwards as before"


def test_a_jpeg_is_smaller_at_a_lower_quality(client, session, site):
    navigate(client, session, site.url("/controls.html"))
    fine, coarse = (captured(client, session, "screenshot", format="jpeg", quality=quality) for quality in (95, 5))
    assert fine.startswith(b"\xff\xd8\xff") and coarse.startswith(b"\xff\xd8\xff") and len(coarse) < len(fine)


def test_a_page_is_read_as_text_markdown_and_outline(client, session, site):
    navigate(client, session, site.url("/controls.html"))
    assert b"hover" in captured(client, session, "text")
    assert f"[open]({site.url('/basic.html')})".encode() in captured(client, session, "markdown")
    found, pending = {}, [json.loads(captured(client, session, "accessibility"))]
    while pending:
        node = pending.pop()
        found[node["role"], node["name"]] = node
        pending += node.get("children", [])
    box = found["checkbox", "Box"]
    assert set(box["box"]) == {"x", "y", "width", "height"}
    assert tap(client, session, f"ref={box['ref']}").status == 200
    assert ("link", "open") in found


def test_a_snapshot_is_of_the_one_frame_that_fits(client, session, site):
    navigate(client, session, site.url("/controls.html"))
    frame = {"host": "127.0.0.1", "path_prefix": "/form.html"}
    inner = captured(client, session, "dom_snapshot", frame_match=frame)
    assert b'id="agree"' in inner and b'id="hover"' not in inner
    for match in ({"host": "127.0.0.1"}, {"host": "nowhere.example"}):
        assert_problem(capture(client, session, "dom_snapshot", frame_match=match), 409, "conflict")
    assert is_ready(client, session)


@pytest.mark.parametrize("body, field", [
    ({"kind": "links"}, "kind"), ({"kind": "screenshot", "format": "webp"}, "format"), ({"kind": "screenshot", "quality": 50}, "quality"),
    ({"kind": "screenshot", "format": "jpeg", "quality": 0}, "quality"), ({"kind": "screenshot", "format": "jpeg", "quality": 101}, "quality"),
    ({"kind": "screenshot", "selector": ""}, "selector"), ({"kind": "screenshot", "selector": "p", "full_page": True}, "selector"),
    ({"kind": "screenshot", "device_scale_factor": 0.9}, "device_scale_factor"),
    ({"kind": "screenshot", "device_scale_factor": 3.1}, "device_scale_factor"), ({"kind": "pdf", "format": "png"}, "format"),
    ({"kind": "markdown", "selector": "p"}, "selector"), ({"kind": "screenshot", "frame_match": {"host": "a"}}, "frame_match"),
    ({"kind": "text", "frame_match": {"host": "a"}}, "frame_match")], ids=lambda value: json.dumps(value)[:60])
def test_options_out_of_bounds_are_named(client, body, field):
    answer = operate(client, "ses_00000000-0000-7000-8000-000000000000", "capture", body)
    assert_problem(answer, 400, "validation-failed")
    assert [issue["path"] for issue in answer.json["issues"]] == [[field]]


def test_what_cannot_be_pictured_leaves_the_session_ready(client, session, site):
    navigate(client, session, site.url("/basic.html"))
    assert_problem(capture(client, session, "screenshot", selector="#never"), 409, "conflict")
    assert_problem(capture(client, session, "screenshot", selector="##"), 400, "bad-request")
    navigate(client, session, site.url("/tall.html"))
    too_large = capture(client, session, "screenshot", full_page=True, device_scale_factor=3)
    assert_problem(too_large, 413, "payload-too-large")
    assert too_large.json["limit_bytes"] < too_large.json["size_bytes"] == 3840 * 12000 * 4
    assert is_ready(client, session)
