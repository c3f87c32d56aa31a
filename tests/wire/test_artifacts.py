"""Stored artefacts (README.md, extensions): the real browser, the real store of files, from outside."""
import hashlib

import pytest


@pytest.fixture
def kept(client, session, site):
    """The artefact of a picture, as the answer of its capture shows it."""
    assert client.post(f"/v1/sessions/{session}/navigate", {"url": site.url("/basic.html")}).status == 200
    answer = client.post(f"/v1/sessions/{session}/capture", {"kind": "screenshot", "store": True})
    assert answer.status == 200, answer.body
    assert set(answer.json) == {"kind", "artifact", "byte_size", "duration_ms"}
    return answer.json["artifact"]


def path_of(server, url):
    base = f"http://127.0.0.1:{server.port}"
    assert url.startswith(base + "/v1/files/")
    return url.removeprefix(base)


def test_a_stored_picture_is_read_by_its_link_without_a_key(shared_server, anonymous, kept):
    assert set(kept) == {"id", "byte_size", "sha256", "url", "expires_at"}
    file = anonymous.get(path_of(shared_server, kept["url"]))
    assert file.status == 200
    assert file.body.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(file.body) == kept["byte_size"]
    assert hashlib.sha256(file.body).hexdigest() == kept["sha256"]
    assert file.header("Content-Type") == "image/png"
    assert file.header("Content-Disposition") == f'attachment; filename="{kept["id"]}.png"'
    assert file.header("X-Content-Type-Options") == "nosniff"
    assert file.header("Cache-Control") == "no-store, private"
    assert "sandbox" in file.header("Content-Security-Policy")


def test_a_changed_link_is_not_found(shared_server, anonymous, kept):
    path = path_of(shared_server, kept["url"])
    for changed in (path[:-1] + ("0" if path[-1] != "0" else "1"), path[:-1], path + "0", "/v1/files/nonsense"):
        answer = anonymous.get(changed)
        assert answer.status == 404 and answer.slug == "not-found", changed


def test_the_record_says_what_the_capture_said_and_more(client, session, kept):
    shown = client.get(f"/v1/artifacts/{kept['id']}")
    assert shown.status == 200
    assert shown.json["session_id"] == session
    assert shown.json["kind"] == "screenshot"
    assert shown.json["content_type"] == "image/png"
    assert {key: shown.json[key] for key in ("byte_size", "sha256", "expires_at")} == {key: kept[key] for key in ("byte_size", "sha256", "expires_at")}
    page = client.get(f"/v1/artifacts?session_id={session}")
    assert [item["id"] for item in page.json["data"]] == [kept["id"]]
    assert page.json["has_more"] is False and page.json["next_cursor"] is None


def test_a_deleted_artefact_is_gone_at_once_with_its_link_and_its_file(shared_server, client, anonymous, kept):
    files = [path for path in shared_server.data.rglob(kept["id"].removeprefix("art_"))]
    assert len(files) == 1
    assert b"PNG" not in files[0].read_bytes()
    assert client.delete(f"/v1/artifacts/{kept['id']}").status == 204
    assert client.get(f"/v1/artifacts/{kept['id']}").status == 404
    assert client.delete(f"/v1/artifacts/{kept['id']}").status == 404
    assert anonymous.get(path_of(shared_server, kept["url"])).status == 404
    assert not files[0].exists()


def test_reading_needs_the_read_scope_and_deleting_the_write_scope(client, new_key, kept):
    reader, writer = new_key("read:sessions"), new_key("write:sessions")
    path = f"/v1/artifacts/{kept['id']}"
    assert client.get(path, key=reader).status == 200
    assert client.get("/v1/artifacts", key=reader).status == 200
    assert client.delete(path, key=reader).status == 403
    assert client.get(path, key=writer).status == 403
    assert client.get(path, key=None).status == 401
    assert client.delete(path, key=writer).status == 204


def test_an_artefact_survives_the_session_and_a_restart(make_server, site):
    server = make_server()
    client = server.client()
    session = client.post("/v1/sessions", {}).json["id"]
    client.post(f"/v1/sessions/{session}/navigate", {"url": site.url("/basic.html")})
    kept = client.post(f"/v1/sessions/{session}/capture", {"kind": "dom_snapshot", "store": True}).json["artifact"]
    client.delete(f"/v1/sessions/{session}")
    server.kill()
    server.start()
    client = server.client()
    shown = client.get(f"/v1/artifacts/{kept['id']}")
    assert shown.status == 200
    file = client.get(path_of(server, shown.json["url"]), key=None)
    assert hashlib.sha256(file.body).hexdigest() == kept["sha256"]
    assert file.header("Content-Type") == "text/html; charset=utf-8"
