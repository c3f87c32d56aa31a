"""One-shot routes (README.md, extensions): a browser for one page, from outside."""
import base64
import http.client
import json

import pytest

import server as driftstack


def active(client):
    return client.get("/v1/account/me").json["concurrent_session_active"]


def test_each_route_answers_its_capture_of_a_page_and_leaves_no_session(client, site):
    before, listed = active(client), client.get("/v1/sessions").json["data"]
    url = site.url("/basic.html")
    picture = client.post("/v1/screenshot", {"url": url})
    assert picture.status == 200, picture.body
    assert set(picture.json) == {"kind", "data", "encoding", "byte_size", "duration_ms"}
    assert base64.b64decode(picture.json["data"]).startswith(b"\x89PNG\r\n\x1a\n")
    jpeg = client.post("/v1/screenshot", {"url": url, "format": "jpeg", "quality": 40, "full_page": True})
    assert base64.b64decode(jpeg.json["data"]).startswith(b"\xff\xd8\xff")
    pdf = client.post("/v1/pdf", {"url": url})
    assert base64.b64decode(pdf.json["data"]).startswith(b"%PDF-")
    content = client.post("/v1/content", {"url": url, "wait_until": "domcontentloaded"})
    assert content.json["kind"] == "dom_snapshot" and "<html" in content.json["data"]
    markdown = client.post("/v1/markdown", {"url": url})
    assert markdown.json["kind"] == "markdown" and "# " in markdown.json["data"]
    assert active(client) == before
    assert client.get("/v1/sessions").json["data"] == listed


def test_links_are_absolute_and_in_the_order_of_the_page(client, site):
    answer = client.post("/v1/links", {"url": site.url("/links.html")})
    assert answer.status == 200, answer.body
    assert set(answer.json) == {"links", "duration_ms"}
    assert answer.json["links"] == [
        {"url": site.url("/basic.html"), "text": "A page"},
        {"url": site.url("/form.html#name"), "text": "A field"},
        {"url": "https://elsewhere.example/?a=1&b=2", "text": "Elsewhere"},
    ]


def test_a_page_that_answers_an_error_is_captured_all_the_same(client, site):
    answer = client.post("/v1/markdown", {"url": site.url("/status?code=503")})
    assert answer.status == 200 and "status 503" in answer.json["data"]


def test_the_guards_of_sessions_hold(client, site):
    for url in ("http://127.0.0.1:1/", "http://169.254.169.254/latest/meta-data/", "http://[::1]/"):
        refused = client.post("/v1/content", {"url": url})
        assert refused.status == 502 and refused.slug == "driver-error", url
    for body, field in (({"url": "file:///etc/passwd"}, "url"), ({}, "url"), ({"url": site.url("/"), "timeout_ms": 1}, "timeout_ms")):
        refused = client.post("/v1/pdf", body)
        assert refused.status == 400 and refused.slug == "validation-failed"
        assert field in refused.body.decode()
    assert active(client) == 0


def test_scopes_are_those_of_sessions(client, new_key, site):
    body = {"url": site.url("/basic.html")}
    assert client.post("/v1/links", body, key=new_key("read:sessions")).status == 403
    assert client.post("/v1/links", body, key=None).status == 401
    assert client.post("/v1/links", body, key=new_key("write:sessions")).status == 200


def test_a_page_that_does_not_come_is_a_timeout_and_its_browser_is_gone(client, site):
    answer = client.post("/v1/screenshot", {"url": site.url("/hang"), "timeout_ms": 1000})
    assert answer.status == 504 and answer.slug == "session-timeout" and answer.json["timeout_ms"] == 1000
    assert active(client) == 0


def test_a_client_that_goes_away_ends_its_run(shared_server, client, site):
    impatient = http.client.HTTPConnection("127.0.0.1", shared_server.port, timeout=10)
    body = json.dumps({"url": site.url("/hang?gone"), "timeout_ms": 120000})
    impatient.request("POST", "/v1/screenshot", body=body, headers={"Authorization": f"Bearer {client.key}", "Content-Type": "application/json"})
    driftstack.wait_until(lambda: "/hang?gone" in site.requests, what="the page to be asked for")
    assert active(client) == 1
    impatient.close()
    driftstack.wait_until(lambda: active(client) == 0, limit=30, what="the run to end")


def test_a_run_can_be_kept_as_an_artefact(client, anonymous, shared_server, site):
    answer = client.post("/v1/screenshot", {"url": site.url("/basic.html"), "store": True})
    assert answer.status == 200 and set(answer.json) == {"kind", "artifact", "byte_size", "duration_ms"}
    path = answer.json["artifact"]["url"].removeprefix(f"http://127.0.0.1:{shared_server.port}")
    assert len(anonymous.get(path).body) == answer.json["byte_size"]


@pytest.mark.parametrize("path", ["/v1/screenshot", "/v1/pdf", "/v1/content", "/v1/markdown", "/v1/links"])
def test_the_routes_are_described(anonymous, path):
    operation = anonymous.get("/openapi.json").json["paths"][path]["post"]
    assert "url" in json.dumps(operation["requestBody"])
    assert "200" in operation["responses"]
