"""platform.md 1 to 8 as tables: what holds for every route, and the rows that no test of one route shows."""
import datetime
import json
import re
import subprocess
import time
import uuid

import pytest

from server import PROGRAM, wait_until
from test_identity import RATE_HEADERS, TIME
from test_shared_database import QUIET
from test_transport import SECURITY_HEADERS, assert_problem

ID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
ORIGIN = "https://app.example"
EXTRACT = {"extractions": [{"name": "a", "selector": "h1", "type": "text"}]}
# A body that each operation accepts, so that only its path is at fault; what is missing here is sent without a body.
FITTING = {"POST /v1/sessions/{id}/navigate": {"url": "https://example.com/"}, "POST /v1/sessions/{id}/capture": {"kind": "screenshot"},
           "POST /v1/sessions/{id}/extract": EXTRACT, "POST /v1/sessions/{id}/interact": {"action": {"kind": "scroll"}},
           "POST /v1/sessions/{id}/wait": {"condition": {"kind": "time", "ms": 0}},
           "POST /v1/sessions/{id}/search": {"query": "x"}, "POST /v1/sessions/{id}/login": {"username": "x", "password": "y"}, "PATCH /v1/profiles/{id}": {"note": "x"}, "PATCH /v1/teams/{id}": {"name": "x"},
           "POST /v1/profile-snapshots/{id}/restore": {"name": "x"}}
# Operations that a well-made body would let change something: they get one that none of them accepts.
REFUSED_BODY = {"name": 5, "label": 5, "folders": 5}
RETIRED_OR_ABSENT = {"GET /v1/sessions/{id}/proxy": 410, "POST /v1/sessions/{id}/proxy": 410}
# No key is enough.
INTERACTIVE = {"DELETE /v1/account/me", "DELETE /v1/account/mfa", "POST /v1/account/mfa/disable", "POST /v1/account/mfa/enroll",
               "POST /v1/account/mfa/recovery-codes/regenerate", "POST /v1/account/mfa/verify", "POST /v1/auth/mfa/step-up"}
CREATING = {"POST /v1/sessions", "POST /v1/profiles/{id}/launch", "POST /v1/screenshot", "POST /v1/pdf", "POST /v1/content", "POST /v1/markdown",
            "POST /v1/links"}
TITLES = {"bad-request": "Bad Request", "validation-failed": "Validation Failed", "unauthorized": "Unauthorized", "invalid-key": "Invalid API Key",
          "revoked-key": "Revoked API Key", "forbidden": "Forbidden", "not-found": "Not Found", "conflict": "Conflict",
          "feature-unavailable": "Feature Unavailable", "driver-not-integrated": "Driver Not Integrated", "payload-too-large": "Payload Too Large",
          "rate-limited": "Too Many Requests", "tier-limit": "Tier Limit Reached"}


def assert_every_header(answer):
    for name, value in SECURITY_HEADERS.items():
        assert answer.header(name) == value, name
    for name in ("Content-Security-Policy", "Set-Cookie", "Cross-Origin-Embedder-Policy", "Location"):
        assert answer.header(name) is None, name
    assert answer.header("X-Request-Id")
    assert answer.headers.get_all("Cache-Control") == ["no-store, private"]


def assert_known_problem(answer, status, slug):
    assert_problem(answer, status, slug)
    assert answer.json["title"] == TITLES[slug]


def operations(client):
    """Every operation of the contract that needs a credential, as "METHOD /path"."""
    paths = client.get("/openapi.json").json["paths"]
    return sorted(f"{method.upper()} {path}" for path, methods in paths.items() if path.startswith("/v1/") for method, operation in methods.items()
                  if operation["security"])


def call(client, operation, identifier="nonsense", **options):
    method, path = operation.split()
    body = FITTING.get(operation, REFUSED_BODY if method in ("POST", "PATCH", "PUT") and "{id}" not in path else None)
    if "raw" in options:
        body = None
    return client.request(method, path.replace("{id}", identifier), body=body, **options)


# ---------------------------------------------------------------- 1 to 5: what holds for every operation

def test_without_a_credential_every_operation_is_unauthorized_before_anything_is_read(anonymous, shared_server):
    found = operations(anonymous)
    assert len(found) >= 30
    cookie = {"Cookie": "session=" + shared_server.bootstrap()["owner_key"], "Content-Type": "application/json"}
    for operation in found:
        answer = call(anonymous, operation, raw=b"{", headers=cookie)
        assert_known_problem(answer, 401, "unauthorized")
        assert_every_header(answer)
        assert not [name for name in RATE_HEADERS if answer.header(name)], operation


def test_every_operation_draws_on_its_one_bucket_whatever_its_status(client):
    statuses = set()
    for operation in operations(client):
        answer = call(client, operation)
        statuses.add(answer.status)
        assert answer.headers.get_all("x-ratelimit-bucket") == ["sessions:create" if operation in CREATING else "global"], operation
        assert all(answer.header(name).isdigit() for name in RATE_HEADERS[1:]), operation
        assert_every_header(answer)
        if answer.status >= 400:
            assert_known_problem(answer, answer.status, answer.slug)
    assert {200, 400, 404} <= statuses


@pytest.mark.parametrize("identifier", ["nonsense", "ses_", "key_00000000-0000-4000-8000-00000000000g", "%F0%9F%98%80", "a%2Fb"])
def test_a_malformed_id_in_a_path_is_not_found_on_every_operation(client, identifier):
    paths, checked = client.get("/openapi.json").json["paths"], 0

    def wants_a_body(operation):
        method, path = operation.split()
        content = paths[path][method.lower()].get("requestBody", {}).get("content", {})
        return any(kind != "application/json" or described["schema"].get("required") for kind, described in content.items())

    for operation in operations(client):
        if "{id}" in operation and (operation in FITTING or not wants_a_body(operation)):
            answer = call(client, operation, identifier)
            assert answer.status == RETIRED_OR_ABSENT.get(operation, 404), (operation, answer.body)
            checked += 1
    assert checked >= 15


def test_a_missing_scope_is_named_before_the_body_is_read(client, new_key, shared_server):
    user = shared_server.client(new_key("read:audit"))
    own = {"GET /v1/account/me": "read", "GET /v1/account/rate-limits": "read", "PATCH /v1/account/me": "account_owner",
           "POST /v1/profiles/{id}/launch": "write:sessions", "POST /v1/sessions/{id}/view-token": "read:sessions"}
    scopes = {"sessions": ("read:sessions", "write:sessions"), "profiles": ("read:profiles", "write:profiles"), "api-keys": ("read:api-keys", "account_owner")}
    for operation in operations(client):
        method, path = operation.split()
        if path.startswith(("/v1/account/audit-log", "/v1/whoami")):
            continue
        answer = call(user, operation, raw=b"{", headers={"Content-Type": "application/json"})
        assert_known_problem(answer, 403, "forbidden")
        if operation in INTERACTIVE:
            assert "interactive sign-in" in answer.json["detail"]
            continue
        area = "profiles" if path.endswith("/organization") else path.split("/")[2]
        wanted = own.get(operation) or scopes.get(area, ("[a-z_:-]+", "[a-z_:-]+"))[method != "GET"]
        assert re.search(rf'the scope .*"{wanted}"', answer.json["detail"]), (operation, answer.json["detail"])


def test_each_stage_of_the_order_of_checks_comes_before_the_next(client, anonymous, new_key, shared_server):
    broken = {"raw": b"{", "headers": {"Content-Type": "application/json"}}
    stranger = {"X-Driftstack-Account": "acc_" + str(uuid.uuid4())}
    used = {"Idempotency-Key": uuid.uuid4().hex}
    assert client.post("/v1/api-keys", {"name": "order", "scopes": ["read"]}, headers=used).status == 201
    reader = shared_server.client(new_key("read"))
    rows = [
        ("route before credential", anonymous.post("/v1/nowhere", {}, key="ds_live_x"), 404, "not-found"),
        ("credential before body", anonymous.request("POST", "/v1/api-keys", key="ds_live_x", **broken), 401, "invalid-key"),
        ("scope before team", reader.request("POST", "/v1/api-keys", raw=b"{", headers={**broken["headers"], **stranger}), 403, "forbidden"),
        ("team before body", client.request("POST", "/v1/api-keys", raw=b"{", headers={**broken["headers"], **stranger}), 403, "forbidden"),
        ("body before replay", client.request("POST", "/v1/api-keys", raw=b"{", headers={**broken["headers"], **used}), 400, "bad-request"),
        ("replay before validation", client.post("/v1/api-keys", {"name": ""}, headers=used), 409, "conflict"),
        ("validation before state", client.patch(f"/v1/profiles/prof_{uuid.uuid4()}", {"note": "x" * 281}), 400, "validation-failed"),
    ]
    for name, answer, status, slug in rows:
        assert (name, answer.status, answer.slug) == (name, status, slug)
        assert_known_problem(answer, status, slug)


# ---------------------------------------------------------------- 1: bodies

def test_unknown_members_of_a_body_are_dropped(client):
    name = "p" + uuid.uuid4().hex
    odd = {"nonsense": {"deep": [1]}, "Name": "other", "id": "prof_" + str(uuid.uuid4())}
    profile = client.post("/v1/profiles", {"name": name, **odd})
    assert profile.status == 200 and profile.json["name"] == name and "nonsense" not in profile.json and profile.json["id"] != odd["id"]
    made = client.post("/v1/api-keys", {"name": "dropped", "scopes": ["read"], **odd, "plaintext": "ds_live_mine"})
    assert made.status == 201 and made.json["name"] == "dropped" and made.json["plaintext"] != "ds_live_mine"
    changed = client.patch("/v1/account/me", {"name": "Ada", **odd, "tier": "free", "email": "x@example.com"})
    assert changed.status == 200 and changed.json["tier"] == "enterprise" and changed.json["email"] != "x@example.com"
    client.delete(f"/v1/profiles/{profile.json['id']}")
    gone = client.delete(f"/v1/api-keys/{made.json['id']}")
    assert (gone.status, gone.body, gone.header("Content-Type")) == (204, b"", None)
    assert_every_header(gone)


def test_a_post_without_a_body_needs_no_content_type(client):
    made = client.post("/v1/api-keys", {"name": "bodyless", "scopes": ["read"]}).json
    rotated = client.request("POST", f"/v1/api-keys/{made['id']}/rotate")
    assert rotated.status == 201 and rotated.json["rotated_from"] == made["id"]


# ---------------------------------------------------------------- 3: request ids

@pytest.mark.parametrize("method,path,status", [("GET", "/v1/account/me", 200), ("DELETE", "/v1/profiles/prof_" + str(uuid.uuid4()), 204),
                                                ("GET", "/v1/sessions?limit=0", 400), ("GET", "/v1/nowhere", 404), ("OPTIONS", "/v1/sessions", 204)])
@pytest.mark.parametrize("given", ["a", "x" * 128, "A-z_0.9"])
def test_a_good_request_id_comes_back_on_every_kind_of_answer(client, method, path, status, given):
    answer = client.request(method, path, headers={"X-Request-Id": given})
    assert answer.status == status and answer.headers.get_all("X-Request-Id") == [given]
    if status >= 400:
        assert answer.json["instance"] == given


# ---------------------------------------------------------------- 4: pages, CORS, and 5.6: addresses

@pytest.fixture(scope="module")
def edge(make_server):
    """A server behind a trusted proxy, with small buckets per address; each test comes from addresses of its own."""
    limits = "plugins.rate-limit-memory.address_per_minute."
    server = make_server(*QUIET, f'server.cors_origins=["{ORIGIN}"]', 'server.trusted_proxies=["127.0.0.0/8"]', "server.hsts=false", limits + "public=3",
                         limits + "auth_failure=4", "plugins.identity.tiers.enterprise.live_keys=false", "plugins.identity.tiers.enterprise.api_keys=4",
                         egress=False)
    yield server
    server.stop()


@pytest.fixture
def visitor(edge):
    client = edge.client(key=None)
    yield client
    client.close()


def visit(client, address, path="/docs", **options):
    return client.get(path, headers={"X-Forwarded-For": address}, **options)


def test_the_page_has_the_headers_of_a_page(anonymous):
    page = anonymous.get("/docs")
    expected = {"X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "strict-origin-when-cross-origin",
                "Permissions-Policy": "accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()"}
    assert {name: page.header(name) for name in expected} == expected
    policy = [part.strip() for part in page.header("Content-Security-Policy").split(";")]
    assert {"default-src 'self'", "base-uri 'self'", "object-src 'none'", "frame-ancestors 'none'", "frame-src 'none'", "form-action 'self'",
            "manifest-src 'self'", "upgrade-insecure-requests", "script-src 'none'", "connect-src 'none'"} <= set(policy)


def test_a_plain_listener_may_leave_hsts_out(visitor):
    answer = visitor.get("/health")
    assert answer.header("Strict-Transport-Security") is None and answer.header("X-Content-Type-Options") == "nosniff"


CORS_ANSWER = {"Access-Control-Allow-Origin": ORIGIN, "Vary": "Origin", "Access-Control-Allow-Credentials": "true",
               "Access-Control-Expose-Headers": "x-request-id, idempotent-replayed, x-ratelimit-bucket, x-ratelimit-limit, x-ratelimit-remaining, "
                                                "x-ratelimit-reset, ratelimit-limit, ratelimit-remaining, ratelimit-reset, retry-after"}
CORS_PREFLIGHT = {"Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE, OPTIONS", "Access-Control-Max-Age": "600",
                  "Access-Control-Allow-Headers": "authorization, content-type, x-request-id, stripe-signature, x-nowpayments-sig, idempotency-key, "
                                                  "x-driftstack-account"}


@pytest.mark.parametrize("method,path,status", [("GET", "/health", 200), ("GET", "/v1/account/me", 401), ("GET", "/v1/nowhere", 404)])
def test_an_allowed_origin_may_read_answers_and_failures(visitor, method, path, status):
    from_here = {"X-Forwarded-For": "192.0.2.1"}
    answer = visitor.request(method, path, headers={"Origin": ORIGIN, **from_here})
    assert answer.status == status and {name: answer.header(name) for name in CORS_ANSWER} == CORS_ANSWER
    assert answer.header("Access-Control-Max-Age") is None
    other = visitor.request(method, path, headers={"Origin": "https://other.example", **from_here})
    assert other.status == status and not [name for name in other.headers if name.lower().startswith("access-control-")]


def test_a_preflight_is_free_and_answered_empty(visitor, edge):
    asked = {"Access-Control-Request-Method": "POST", "X-Forwarded-For": "192.0.2.2"}
    for _ in range(8):
        answer = visitor.request("OPTIONS", "/v1/api-keys", headers={"Origin": ORIGIN, **asked})
        assert (answer.status, answer.body) == (204, b"")
        assert {name: answer.header(name) for name in CORS_ANSWER | CORS_PREFLIGHT} == CORS_ANSWER | CORS_PREFLIGHT
    stranger = visitor.request("OPTIONS", "/v1/api-keys", headers={"Origin": "https://other.example", **asked})
    assert stranger.status == 204 and stranger.header("Access-Control-Allow-Origin") is None and stranger.header("Access-Control-Allow-Methods") is None
    with_key = edge.client().request("OPTIONS", "/v1/api-keys", headers={"Origin": ORIGIN, **asked})
    assert with_key.status == 204 and with_key.header("x-ratelimit-bucket") is None


# Three requests fill a bucket; a fourth shows whether it comes from the same address.
ADDRESSES = [
    ("the right-most address that is not trusted", ["203.0.113.1", "198.51.100.9, 203.0.113.1", "203.0.113.1, 127.0.0.9"], "203.0.113.1", 429),
    ("another address", ["203.0.113.2"] * 3, "203.0.113.3", 200),
    ("a spoofed left part", ["203.0.113.4"] * 3, "203.0.113.5, 203.0.113.4", 429),
    ("one /64", ["2001:db8:1::1", "2001:db8:1:0:ffff::2", "2001:db8:1::3"], "2001:db8:1::4", 429),
    ("another /64", ["2001:db8:2::1"] * 3, "2001:db8:2:1::1", 200),
]


@pytest.mark.parametrize("name,first,last,status", ADDRESSES, ids=[row[0] for row in ADDRESSES])
def test_buckets_belong_to_the_address_of_the_client(visitor, name, first, last, status):
    assert [visit(visitor, address).status for address in first] == [200] * 3
    assert visit(visitor, last).status == status


def test_public_routes_share_one_bucket_and_probes_need_none(visitor):
    here = "203.0.113.20"
    assert [visit(visitor, here, path).status for path in ("/docs", "/openapi.json", "/metrics")] == [200, 200, 503]
    for path in ("/docs", "/openapi.json", "/metrics"):
        denied = visit(visitor, here, path)
        assert_known_problem(denied, 429, "rate-limited")
        assert denied.json["retry_after_seconds"] == int(denied.header("Retry-After")) >= 1
        assert "ip:" not in denied.json["detail"] and "203.0.113" not in denied.json["detail"] and not [n for n in RATE_HEADERS if denied.header(n)]
    for path in ("/health", "/healthz", "/v1/health", "/ready"):
        assert visit(visitor, here, path).status == 200


def test_failed_credentials_count_by_address_and_by_prefix_and_never_for_a_good_one(visitor, edge):
    def fail(address, prefix):
        return visit(visitor, address, "/v1/whoami", key=f"ds_live_{prefix}" + "q" * 34).status

    assert [fail("203.0.113.30", f"AAAAA{i}") for i in range(6)] == [401] * 4 + [429] * 2
    good = edge.bootstrap()["owner_key"]
    assert visit(visitor, "203.0.113.30", "/v1/whoami", key=good).status == 200
    spread = [fail(f"203.0.113.{40 + i}", "BBBBBB") for i in range(6)]
    assert spread == [401] * 4 + [429] * 2, "the same prefix from many addresses"
    assert fail("203.0.113.50", "CCCCCC") == 401


# ---------------------------------------------------------------- 2 and 8.3: caps of a tier

def test_a_cap_of_the_tier_is_a_problem_with_its_numbers(edge):
    client = edge.client()
    keys = [client.post("/v1/api-keys", {"name": f"k{i}", "scopes": ["read"]}) for i in range(5)]
    assert keys[0].json["plaintext"].startswith("ds_test_"), "keys of this tier are for tests"
    denied = next(answer for answer in keys if answer.status != 201)
    assert_known_problem(denied, 429, "tier-limit")
    assert denied.json["limit"] == denied.json["current"] == 4 and denied.json["resource"] == "api_key"
    assert denied.header("Retry-After") is None and denied.header("x-ratelimit-bucket") == "global"


def test_a_tier_without_api_access_is_forbidden_before_a_bucket_is_asked(make_server):
    server = make_server(*QUIET, "plugins.identity.tiers.enterprise.api_access=false", egress=False)
    answer = server.client().get("/v1/whoami")
    assert_known_problem(answer, 403, "forbidden")
    assert answer.header("x-ratelimit-bucket") is None
    server.stop()


# ---------------------------------------------------------------- 5: account buckets

def test_an_account_bucket_is_shared_refills_and_charges_nothing_for_a_denial(make_server):
    limits = "plugins.rate-limit-memory.tiers.enterprise."
    server = make_server(*QUIET, limits + "global_capacity=5", limits + "global_per_minute=20", egress=False)
    owner = server.client()
    mine = owner.post("/v1/api-keys", {"name": "shares", "scopes": ["read:audit"]})
    assert mine.status == 201 and mine.header("x-ratelimit-remaining") == "4", "a new bucket starts full"
    second = server.client(mine.json["plaintext"])
    assert owner.get("/v1/whoami", key="ds_live_" + "n" * 40).status == 401
    shared = second.get("/v1/whoami")
    assert int(shared.header("x-ratelimit-remaining")) == int(shared.header("ratelimit-remaining")) == 3, "one bucket, and failures do not draw on it"
    until_full = int(shared.header("ratelimit-reset"))
    assert 3 <= until_full <= 6, "two tokens at one in three seconds"
    assert until_full - 1 <= int(shared.header("x-ratelimit-reset")) - time.time() <= until_full + 1
    answers = [owner.get("/v1/whoami") for _ in range(6)]
    denied = answers[-1]
    assert_known_problem(denied, 429, "rate-limited")
    assert 1 <= int(denied.header("Retry-After")) <= 3 and all(denied.header(name) for name in RATE_HEADERS)
    assert second.get("/v1/api-keys").status == 429, "the bucket is asked before the scope"
    wait_until(lambda: owner.get("/v1/whoami").status == 200, 5, "the bucket to refill under fire")
    server.stop()


TIER_BUCKETS = [("free", 60, 60, 5, 1), ("solo_manual", 120, 120, 10, 2), ("team_manual", 360, 360, 20, 6), ("agency_manual", 1800, 1800, 60, 60),
                ("api_starter", 240, 240, 15, 3), ("api_builder", 1800, 1800, 60, 60), ("api_scale", 6000, 6000, 120, 120),
                ("enterprise", 60000, 60000, 600, 600)]
ADDRESS_LIMITS = {"status_subscribe": 3, "mail": 3, "magic_link": 3, "signup": 5, "login": 10, "challenge": 10, "token": 10, "refresh": 30, "device": 60,
                  "oauth": 30, "oauth_client": 600, "status": 60, "register_subscribe": 3, "provider": 600, "files": 600, "public": 60, "auth_failure": 60}


@pytest.mark.parametrize("plugin", ["rate-limit-memory", "rate-limit-redis"])
def test_the_limits_without_any_setting_are_the_published_ones(plugin):
    schema = json.loads(subprocess.run([str(PROGRAM), "config", "schema"], capture_output=True, text=True, check=True).stdout)
    limiter = schema["properties"]["plugins"]["properties"][plugin]["properties"]
    tiers = limiter["tiers"]["properties"]
    names = ("global_capacity", "global_per_minute", "sessions_create_capacity", "sessions_create_per_minute")
    assert [(tier, *[tiers[tier]["properties"][name]["default"] for name in names]) for tier, *_ in TIER_BUCKETS] == TIER_BUCKETS
    assert {name: entry["default"] for name, entry in limiter["address_per_minute"]["properties"].items()} == ADDRESS_LIMITS


def test_reading_the_limits_leaves_no_trace(client):
    def newest():
        return client.get("/v1/account/audit-log?limit=1").json["data"][0]["id"]
    before = newest()
    assert client.get("/v1/account/rate-limits").status == 200
    assert newest() == before


# ---------------------------------------------------------------- 6: idempotency

@pytest.fixture
def keyed_profile(client):
    """keyed_profile(key, name) creates under a key; what was made is removed after the test."""
    made = set()

    def create(key, name, **fields):
        answer = client.post("/v1/profiles", {"name": name, **fields}, headers={"Idempotency-Key": key})
        if answer.status == 200:
            made.add(answer.json["id"])
        return answer

    yield create
    for profile in made:
        client.delete(f"/v1/profiles/{profile}")


def test_keys_are_trimmed_then_matched_exactly(keyed_profile):
    key, name = "k" + uuid.uuid4().hex, "p" + uuid.uuid4().hex
    first = keyed_profile(key, name)
    assert first.status == 200 and first.header("Idempotent-Replayed") is None
    trimmed = keyed_profile(f"  {key}\t", name)
    assert trimmed.body == first.body and trimmed.headers.get_all("Idempotent-Replayed") == ["1"]
    for other in (key.upper(), key + "x", (key + "~" * 255)[:255]):
        made = keyed_profile(other, "p" + uuid.uuid4().hex)
        assert made.status == 200 and made.json["id"] != first.json["id"] and made.header("Idempotent-Replayed") is None
    for blank in ("", " ", "\t"):
        assert keyed_profile(blank, "p" + uuid.uuid4().hex).header("Idempotent-Replayed") is None
    for bad in (key + "x" * 256, "a b", "a\tb", "a\x7f", "a\xe9"):
        assert_known_problem(keyed_profile(bad, "p" + uuid.uuid4().hex), 400, "bad-request")


def test_a_key_counts_per_route_and_a_replay_writes_no_audit_row(client, keyed_profile):
    key, name = uuid.uuid4().hex, "p" + uuid.uuid4().hex
    profile = keyed_profile(key, name).json["id"]
    assert client.post("/v1/api-keys", {"name": "same key", "scopes": ["read"]}, headers={"Idempotency-Key": key}).status == 201
    assert keyed_profile(key, name).header("Idempotent-Replayed") == "1"
    mismatch = keyed_profile(key, name, note="other")
    assert_known_problem(mismatch, 409, "conflict")
    assert mismatch.json["idempotency_status"] == "mismatch" and mismatch.header("Idempotent-Replayed") is None
    rows = client.get(f"/v1/account/audit-log?target_resource_id=profile_{profile.removeprefix('prof_')}").json["data"]
    assert [row["action"] for row in rows] == ["profile.created"]


def test_an_answer_that_is_no_success_is_not_kept(client, keyed_profile):
    key, name = uuid.uuid4().hex, "p" + uuid.uuid4().hex
    holder = keyed_profile(uuid.uuid4().hex, name).json["id"]
    assert_known_problem(keyed_profile(key, name), 409, "conflict")
    client.delete(f"/v1/profiles/{holder}")
    later = keyed_profile(key, name)
    assert later.status == 200 and later.header("Idempotent-Replayed") is None


def test_a_keyed_rotation_makes_one_successor_and_its_key_covers_the_path(client):
    one, two = (client.post("/v1/api-keys", {"name": "rotated", "scopes": ["read"]}).json["id"] for _ in range(2))
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    first = client.post(f"/v1/api-keys/{one}/rotate", headers=headers)
    assert first.status == 201
    again = client.post(f"/v1/api-keys/{one}/rotate", headers=headers)
    assert_known_problem(again, 409, "conflict")
    assert again.json["idempotency_status"] == "completed" and again.json["resource_id"] == first.json["id"]
    assert "plaintext" not in again.json and first.json["plaintext"].encode() not in again.body
    other = client.post(f"/v1/api-keys/{two}/rotate", headers=headers)
    assert_known_problem(other, 409, "conflict")
    assert other.json["idempotency_status"] == "mismatch"


def test_a_keyed_launch_starts_one_browser(client, keyed_profile):
    profile = keyed_profile(uuid.uuid4().hex, "p" + uuid.uuid4().hex).json["id"]
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    first = client.post(f"/v1/profiles/{profile}/launch", headers=headers)
    assert first.status == 201 and first.header("x-ratelimit-bucket") == "sessions:create"
    again = client.post(f"/v1/profiles/{profile}/launch", headers=headers)
    assert (again.status, again.body, again.header("Idempotent-Replayed")) == (201, first.body, "1")
    client.delete(f"/v1/sessions/{first.json['id']}")


@pytest.mark.parametrize("method,path,body,status", [
    ("PATCH", "/v1/account/me", {"name": "Ada"}, 200), ("PUT", "/v1/account/me/organization", {"tags": ["t"]}, 200),
    ("DELETE", "/v1/profiles/prof_" + str(uuid.uuid4()), None, 204), ("POST", f"/v1/sessions/ses_{uuid.uuid4()}/wait", FITTING["POST /v1/sessions/{id}/wait"], 404)])
def test_routes_that_create_nothing_ignore_the_key_even_a_bad_one(client, method, path, body, status):
    for _ in range(2):
        answer = client.request(method, path, body=body, headers={"Idempotency-Key": "not a key"})
        assert answer.status == status and answer.header("Idempotent-Replayed") is None


# ---------------------------------------------------------------- 7: pagination

LISTS = ["/v1/sessions", "/v1/profiles", "/v1/account/audit-log"]


@pytest.fixture(scope="module")
def many(shared_server):
    """51 profiles, and so at least 51 audit rows."""
    client = shared_server.client()
    made = [client.post("/v1/profiles", {"name": "many" + uuid.uuid4().hex}).json["id"] for _ in range(51)]
    yield made
    for profile in made:
        client.delete(f"/v1/profiles/{profile}")


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("query,name,bound", [
    ("limit=0", "limit", "1"), ("limit=-1", "limit", "1"), ("limit=101", "limit", "100"), ("limit=1.5", "limit", None), ("limit=", "limit", None),
    ("limit=99999999999999999999", "limit", None), ("limit=0x10", "limit", None), ("cursor=", "cursor", "1"), ("cursor=" + "x" * 513, "cursor", "512"),
    ("cursor=" + "x" * 512, "cursor", None), ("cursor=AAAA", "cursor", None)],
                         ids=lambda value: str(value)[:24])
def test_a_bad_page_names_its_parameter_and_bound(client, path, query, name, bound):
    answer = client.get(f"{path}?{query}")
    assert_known_problem(answer, 400, "validation-failed")
    assert [issue["path"] for issue in answer.json["issues"]] == [[name]] and f'"{name}"' in answer.json["detail"]
    assert bound is None or re.search(rf"\b{bound}\b", answer.json["detail"])


@pytest.mark.parametrize("path", LISTS[1:])
def test_a_page_holds_50_unless_told_and_100_at_most(client, many, path):
    page = client.get(path).json
    assert set(page) == {"data", "has_more", "next_cursor"}
    assert len(page["data"]) == 50 and page["has_more"] is True and 1 <= len(page["next_cursor"]) <= 512
    assert re.match(r"^[A-Za-z0-9_-]+$", page["next_cursor"])
    most = client.get(path + "?limit=100").json
    assert 51 <= len(most["data"]) <= 100 and most["data"][:50] == page["data"]
    times = [row.get("created_at") or row["timestamp"] for row in most["data"]]
    assert times == sorted(times, reverse=True)


def test_a_cursor_survives_inserts_and_deletes(client, many, keyed_profile):
    whole = [row["id"] for row in client.get("/v1/profiles?limit=100").json["data"]]
    page = client.get("/v1/profiles?limit=3").json
    keyed_profile(uuid.uuid4().hex, "p" + uuid.uuid4().hex)
    assert client.delete(f"/v1/profiles/{page['data'][-1]['id']}").status == 204
    assert client.delete(f"/v1/profiles/{whole[3]}").status == 204
    following = client.get(f"/v1/profiles?limit=3&cursor={page['next_cursor']}").json
    assert [row["id"] for row in following["data"]] == whole[4:7]


def test_a_cursor_of_one_list_is_no_cursor_of_another_nor_changed_a_cursor_at_all(client, many):
    cursors = {path: client.get(path + "?limit=1").json["next_cursor"] for path in LISTS[1:]}
    for path in LISTS:
        for home, cursor in cursors.items():
            answer = client.get(f"{path}?limit=1&cursor={cursor}")
            if path == home:
                assert answer.status == 200 and answer.json["next_cursor"] != cursor
            else:
                assert_known_problem(answer, 400, "validation-failed")
    cursor = cursors["/v1/profiles"]
    for at in range(0, len(cursor) - 1, 5):
        changed = cursor[:at] + ("A" if cursor[at] != "A" else "B") + cursor[at + 1:]
        assert_known_problem(client.get(f"/v1/profiles?limit=1&cursor={changed}"), 400, "validation-failed")


# ---------------------------------------------------------------- 8: ids and times

def members(value):
    """Every member of a body with its name, except what a customer wrote."""
    if isinstance(value, list):
        for entry in value:
            yield from members(entry)
    elif isinstance(value, dict):
        for name, entry in value.items():
            yield name, entry
            if name not in ("metadata", "payload"):
                yield from members(entry)


def test_names_ids_and_times_have_one_form_in_every_body(client, many, session):
    prefixes = {"/v1/sessions": "ses_", f"/v1/sessions/{session}": "ses_", "/v1/profiles": "prof_", f"/v1/profiles/{many[0]}": "prof_",
                "/v1/api-keys": "key_", "/v1/account/me": "acc_", "/v1/account/audit-log": "", "/v1/account/audit-log/export": "", "/v1/account/rate-limits": None,
                "/v1/whoami": None, "/v1/profiles/trash": "prof_", "/ready": None}
    times = 0
    for path, prefix in prefixes.items():
        answer = client.get(path)
        assert answer.status == 200, path
        for name, value in members(answer.json):
            assert re.match(r"^[a-z][a-z0-9_]*$", name), (path, name)
            if name == "id":
                assert re.match(prefix + ID, value), (path, value)
            if name == "account_id":
                assert re.match("acc_" + ID, value), (path, value)
            if (name.endswith("_at") or name == "timestamp") and value is not None:
                assert TIME.match(value), (path, name, value)
                times += 1
    assert times > 100


def test_times_are_read_with_any_offset_and_written_in_utc(client):
    at = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=2)).replace(hour=1, minute=2, second=3, microsecond=0)
    for hours in (0, 5, -11):
        zone = datetime.timezone(datetime.timedelta(hours=hours))
        made = client.post("/v1/api-keys", {"name": "offset", "scopes": ["read"], "expires_at": at.astimezone(zone).isoformat()})
        assert made.status == 201 and made.json["expires_at"] == at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def test_the_audit_log_takes_days_and_times_inclusive_at_both_ends(client, keyed_profile):
    profile = keyed_profile(uuid.uuid4().hex, "p" + uuid.uuid4().hex).json["id"]
    base = f"/v1/account/audit-log?target_resource_id=profile_{profile.removeprefix('prof_')}"
    stamp = client.get(base).json["data"][0]["timestamp"]
    moment = datetime.datetime.fromisoformat(stamp.replace("Z", "+00:00"))
    day, step = datetime.timedelta(days=1), datetime.timedelta(milliseconds=1)
    east = moment.astimezone(datetime.timezone(datetime.timedelta(hours=9))).isoformat(timespec="milliseconds").replace("+", "%2B")

    def utc(at):
        return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    rows = [(f"from={stamp}&to={stamp}", 1), (f"from={east}&to={east}", 1), (f"from={utc(moment + step)}", 0), (f"to={utc(moment - step)}", 0),
            (f"from={moment:%Y-%m-%d}&to={moment:%Y-%m-%d}", 1), (f"from={moment + day:%Y-%m-%d}", 0), (f"to={moment - day:%Y-%m-%d}", 0)]
    assert [(query, len(client.get(f"{base}&{query}").json["data"])) for query, _ in rows] == rows
