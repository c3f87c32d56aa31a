"""platform.md 1 to 4: framing, problems, headers, caching, CORS."""
import re

import pytest

from server import raw_exchange

UUID = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
SECURITY_HEADERS = {
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains; preload",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "no-referrer",
    "X-DNS-Prefetch-Control": "off",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


def head(*lines, body=b""):
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def status_of(received):
    return int(received.split(b" ", 2)[1]) if received.startswith(b"HTTP/1.1 ") else None


def assert_problem(answer, status, slug):
    assert answer.status == status, answer.body
    assert answer.header("Content-Type") == "application/problem+json"
    body = answer.json
    assert body["type"] == "https://errors.driftstack.dev/" + slug
    assert body["status"] == status
    assert body["title"] and body["detail"]
    assert body["instance"] == answer.header("X-Request-Id")


def test_an_unknown_path_is_a_problem_with_every_header(anonymous):
    answer = anonymous.get("/v1/nowhere?token=secret")
    assert_problem(answer, 404, "not-found")
    assert "secret" not in answer.body.decode()
    for name, value in SECURITY_HEADERS.items():
        assert answer.header(name) == value
    for name in ("Content-Security-Policy", "Set-Cookie", "Cross-Origin-Embedder-Policy"):
        assert answer.header(name) is None
    assert answer.header("Cache-Control") == "no-store, private"


def test_an_unknown_method_on_a_known_path_is_not_found(anonymous):
    assert_problem(anonymous.request("PUT", "/health"), 404, "not-found")
    assert_problem(anonymous.request("BREW", "/health"), 404, "not-found")


def test_paths_match_case_sensitively_and_exactly(anonymous):
    for path in ("/Health", "/health/", "/V1/sessions"):
        assert_problem(anonymous.get(path), 404, "not-found")
    assert anonymous.get("/health").status == 200


@pytest.mark.parametrize("path", ["/v1/../health", "/v1/./health", "//health", "/v1//sessions", "/%68ealth", "/v1/%2e%2e/health", "/health%00",
                                  "/health%zz", "/health%2", "/v1/sessions/%0a"])
def test_a_path_that_is_not_canonical_is_refused(anonymous, path):
    assert_problem(anonymous.get(path), 400, "bad-request")


def test_an_encoded_slash_stays_inside_its_segment(client):
    assert_problem(client.get("/v1/sessions/a%2Fb"), 404, "not-found")


def test_request_ids_are_kept_when_safe_and_made_otherwise(anonymous):
    assert anonymous.get("/health", headers={"X-Request-Id": "abc.DEF_1-2"}).header("X-Request-Id") == "abc.DEF_1-2"
    for bad in ("a b", "x" * 129, "<script>", "ü"):
        answer = anonymous.get("/health", headers={"X-Request-Id": bad.encode("utf-8").decode("latin-1")})
        assert UUID.match(answer.header("X-Request-Id")), bad


FRAMING = [
    ("content-length and transfer-encoding", head("POST /v1/sessions HTTP/1.1", "Host: localhost", "Content-Length: 2", "Transfer-Encoding: chunked", body=b"0\r\n\r\n")),
    ("two content-lengths", head("POST /v1/sessions HTTP/1.1", "Host: localhost", "Content-Length: 2", "Content-Length: 3", body=b"{}")),
    ("content-length list", head("POST /v1/sessions HTTP/1.1", "Host: localhost", "Content-Length: 2, 2", body=b"{}")),
    ("signed content-length", head("POST /v1/sessions HTTP/1.1", "Host: localhost", "Content-Length: +2", body=b"{}")),
    ("hex content-length", head("POST /v1/sessions HTTP/1.1", "Host: localhost", "Content-Length: 0x2", body=b"{}")),
    ("unknown transfer-encoding", head("POST /v1/sessions HTTP/1.1", "Host: localhost", "Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n")),
    ("twice chunked", head("POST /v1/sessions HTTP/1.1", "Host: localhost", "Transfer-Encoding: chunked, chunked", body=b"0\r\n\r\n")),
    ("space before colon", head("GET /health HTTP/1.1", "Host : localhost")),
    ("folded line", head("GET /health HTTP/1.1", "Host: localhost", "X-A: b", " c")),
    ("bare LF", b"GET /health HTTP/1.1\nHost: localhost\n\n"),
    ("NUL in a value", head("GET /health HTTP/1.1", "Host: localhost", "X-A: b\0c")),
    ("bare CR in a value", head("GET /health HTTP/1.1", "Host: localhost", "X-A: b\rc")),
    ("no host", head("GET /health HTTP/1.1")),
    ("two hosts", head("GET /health HTTP/1.1", "Host: localhost", "Host: localhost")),
    ("odd version", head("GET /health HTTP/3.7", "Host: localhost")),
]


@pytest.mark.parametrize("name,request_bytes", FRAMING, ids=[name for name, _ in FRAMING])
def test_ambiguous_framing_is_refused_and_the_connection_closed(shared_server, name, request_bytes):
    received = raw_exchange(shared_server.port, request_bytes + b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert status_of(received) in (400, 505), received
    assert received.count(b"HTTP/1.1 ") == 1, "what was buffered behind the bad request was answered"
    assert b"application/problem+json" in received


def test_a_chunk_size_that_overflows_is_refused(shared_server):
    key = shared_server.bootstrap()["owner_key"]
    request = head("POST /v1/api-keys HTTP/1.1", "Host: localhost", f"Authorization: Bearer {key}", "Content-Type: application/json",
                   "Transfer-Encoding: chunked", body=b"fffffffffffffffff\r\n{}\r\n0\r\n\r\n")
    assert status_of(raw_exchange(shared_server.port, request)) in (400, 413)


def test_a_chunked_body_is_read_like_any_other(shared_server):
    key = shared_server.bootstrap()["owner_key"]
    request = head("POST /v1/api-keys HTTP/1.1", "Host: localhost", f"Authorization: Bearer {key}", "Content-Type: application/json", "Connection: close",
                   "Transfer-Encoding: chunked", body=b'1\r\n{\r\n1\r\n}\r\n0\r\n\r\n')
    received = raw_exchange(shared_server.port, request)
    assert status_of(received) == 400 and b"validation-failed" in received


def test_too_many_headers_and_too_long_heads_are_refused(shared_server):
    many = head("GET /health HTTP/1.1", "Host: localhost", *[f"X-{i}: y" for i in range(300)])
    long = head("GET /health HTTP/1.1", "Host: localhost", "X-Long: " + "y" * 200_000)
    for request in (many, long):
        received = raw_exchange(shared_server.port, request)
        assert status_of(received) in (400, 413, 431), received[:200]
        assert b"application/problem+json" in received


def test_pipelined_requests_are_answered_in_order(shared_server):
    one = "GET /health HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: first\r\n\r\n"
    two = "GET /nowhere HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: second\r\nConnection: close\r\n\r\n"
    received = raw_exchange(shared_server.port, (one + two).encode())
    assert received.index(b"first") < received.index(b"second")
    assert received.count(b"HTTP/1.1 ") == 2


def test_head_answers_the_length_without_the_body(anonymous, shared_server):
    length = len(anonymous.get("/health").body)
    received = raw_exchange(shared_server.port, b"HEAD /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert received.endswith(b"\r\n\r\n")
    assert f"content-length: {length}".encode() in received.lower()


def test_a_body_over_the_limit_is_413_with_both_sizes(client):
    answer = client.request("POST", "/v1/api-keys", raw=b"x" * ((1 << 20) + 1), headers={"Content-Type": "application/json"})
    assert_problem(answer, 413, "payload-too-large")
    assert answer.json["limit_bytes"] == 1 << 20
    assert answer.json["size_bytes"] == (1 << 20) + 1


@pytest.mark.parametrize("body,slug", [
    (b"{", "bad-request"), (b"[]", "validation-failed"), (b'{"name":"a","name":"b"}', "bad-request"), (b'{"name":"\\u0000"}', "bad-request"),
    (b"\xef\xbb\xbf{}", "bad-request"), (b'{"name":"\xff"}', "bad-request"), (b"[" * 65 + b"]" * 65, "bad-request"), (b"{} x", "bad-request"),
    (b"{}", "validation-failed")])
def test_bodies_that_do_not_fit(client, body, slug):
    answer = client.request("POST", "/v1/api-keys", raw=body, headers={"Content-Type": "application/json"})
    assert_problem(answer, 400, slug)


def test_all_issues_of_a_body_are_listed_with_their_paths(client):
    answer = client.post("/v1/api-keys", {"name": "", "scopes": ["read", "fly", "read"]})
    assert_problem(answer, 400, "validation-failed")
    issues = answer.json["issues"]
    assert all(set(issue) >= {"path", "message", "code"} for issue in issues)
    paths = [issue["path"] for issue in issues]
    assert ["name"] in paths and ["scopes", 1] in paths


def test_another_content_type_is_refused_and_a_charset_accepted(client):
    body = b'{"name":"x"}'
    assert_problem(client.request("POST", "/v1/api-keys", raw=body, headers={"Content-Type": "text/plain"}), 400, "bad-request")
    assert_problem(client.request("POST", "/v1/api-keys", raw=body, headers={"Content-Type": "application/json", "Content-Encoding": "gzip"}), 400, "bad-request")
    accepted = client.request("POST", "/v1/api-keys", raw=body, headers={"Content-Type": "application/json; charset=utf-8"})
    assert accepted.slug == "validation-failed"


def test_a_host_that_is_not_ours_is_refused(anonymous):
    assert_problem(anonymous.get("/health", headers={"Host": "evil.example"}), 400, "bad-request")
    assert anonymous.get("/health", headers={"Host": "localhost:1234"}).status == 200


def test_cors_is_an_exact_list(make_server):
    server = make_server('server.cors_origins=["https://app.example"]')
    client = server.client(key=None)
    allowed = client.get("/health", headers={"Origin": "https://app.example"})
    assert allowed.header("Access-Control-Allow-Origin") == "https://app.example"
    assert allowed.header("Vary") == "Origin"
    assert allowed.header("Access-Control-Allow-Credentials") == "true"
    for origin in ("https://app.example.evil", "http://app.example", "null"):
        refused = client.get("/health", headers={"Origin": origin})
        assert refused.status == 200 and refused.header("Access-Control-Allow-Origin") is None
    preflight = client.request("OPTIONS", "/v1/sessions", headers={"Origin": "https://app.example", "Access-Control-Request-Method": "POST"})
    assert preflight.status == 204 and preflight.body == b""
    assert preflight.header("Access-Control-Max-Age") == "600"
    assert "idempotency-key" in preflight.header("Access-Control-Allow-Headers")
    assert preflight.header("x-ratelimit-bucket") is None
    server.stop()


def test_the_contract_lists_every_operation_and_the_page_has_no_script(anonymous):
    document = anonymous.get("/openapi.json").json
    assert document["openapi"] == "3.1.0"
    for path, method in [("/v1/sessions", "post"), ("/v1/sessions/{id}/navigate", "post"), ("/v1/api-keys", "get"), ("/v1/account/me", "get")]:
        assert method in document["paths"][path]
    create = document["paths"]["/v1/sessions"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert create["properties"]["label"]["maxLength"] == 120
    page = anonymous.get("/docs")
    assert page.header("Content-Type").startswith("text/html")
    assert page.header("X-Frame-Options") == "DENY"
    assert "script-src 'none'" in page.header("Content-Security-Policy")
    assert b"<script" not in page.body
