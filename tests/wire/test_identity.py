"""identity.md 1, 2, 8, 10 and platform.md 5 to 8: credentials, scopes, keys, the account, rate limits, idempotency."""
import concurrent.futures
import re
import uuid

import pytest

from server import Client, raw_exchange, wait_until
from test_transport import assert_problem

KEY_FIELDS = {"id", "name", "key_prefix", "scopes", "last_used_at", "revoked_at", "expires_at", "created_at"}
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")


def mint(client, **body):
    body = {"name": "k", "scopes": ["read"], **body}
    return client.post("/v1/api-keys", body)


# ---------------------------------------------------------------- credentials

@pytest.mark.parametrize("header,slug", [
    (None, "unauthorized"), ("", "unauthorized"), ("Bearer", "unauthorized"), ("Bearer ", "unauthorized"), ("Basic abc", "unauthorized"),
    ("Bearer ds_live_" + "x" * 40, "invalid-key"), ("Bearer ds_nonsense", "invalid-key"), ("Bearer oat_unknown", "unauthorized"),
    ("Bearer " + "s" * 43, "unauthorized")])
def test_failures_of_a_credential(anonymous, header, slug):
    answer = anonymous.get("/v1/account/me", headers={} if header is None else {"Authorization": header})
    assert_problem(answer, 401, slug)
    assert answer.header("x-ratelimit-bucket") is None


def test_a_true_prefix_with_a_wrong_secret_is_invalid(shared_server):
    key = shared_server.bootstrap()["owner_key"]
    wrong = key[:-1] + ("a" if key[-1] != "a" else "b")
    assert_problem(shared_server.client(wrong).get("/v1/whoami"), 401, "invalid-key")


def test_two_credentials_are_refused(shared_server):
    import socket
    key = shared_server.bootstrap()["owner_key"]
    with socket.create_connection(("127.0.0.1", shared_server.port)) as connection:
        connection.sendall(f"GET /v1/whoami HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\nAuthorization: Bearer {key}\r\n"
                           "Connection: close\r\n\r\n".encode())
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    assert received.startswith(b"HTTP/1.1 400")


def two_credentials(server, key):
    head = f"GET /v1/whoami HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\nAuthorization: Bearer {key}\r\nConnection: close\r\n\r\n"
    return raw_exchange(server.port, head.encode())[:12]


def test_bootstrap_made_one_enterprise_account_with_two_keys(shared_server):
    given = shared_server.bootstrap()
    assert set(given) == {"base_url", "account_id", "owner_key", "admin_key"}
    assert (shared_server.data / "bootstrap.json").stat().st_mode & 0o777 == 0o600
    owner = shared_server.client().get("/v1/whoami").json
    assert owner["account_id"] == given["account_id"] and owner["tier"] == "enterprise" and owner["scopes"] == ["account_owner"]
    staff = shared_server.client(given["admin_key"])
    assert staff.get("/v1/whoami").json["scopes"] == ["driftstack_internal_admin"]
    assert_problem(staff.get("/v1/account/me"), 403, "forbidden")


# ---------------------------------------------------------------- keys

def test_a_key_is_minted_listed_used_rotated_and_revoked(client, shared_server):
    made = mint(client, name="production", scopes=["read", "write"])
    assert made.status == 201
    key = made.json
    assert set(key) == KEY_FIELDS | {"plaintext"}
    assert re.match(r"^ds_live_[A-Za-z0-9]{40}$", key["plaintext"]) and key["plaintext"].startswith(key["key_prefix"])
    assert len(key["key_prefix"]) == 14 and TIME.match(key["created_at"])
    listed = client.get("/v1/api-keys").json
    assert set(listed) == {"data"}
    row = next(k for k in listed["data"] if k["id"] == key["id"])
    assert set(row) == KEY_FIELDS and row["name"] == "production" and row["scopes"] == ["read", "write"]

    user = shared_server.client(key["plaintext"])
    assert user.get("/v1/account/me").status == 200
    rotated = client.post(f"/v1/api-keys/{key['id']}/rotate")
    assert rotated.status == 201
    assert rotated.json["rotated_from"] == key["id"] and TIME.match(rotated.json["grace_period_ends_at"])
    assert user.get("/v1/account/me").status == 200, "the old key works during its grace"
    assert shared_server.client(rotated.json["plaintext"]).get("/v1/account/me").status == 200

    assert client.delete(f"/v1/api-keys/{key['id']}").status == 204
    assert_problem(user.get("/v1/account/me"), 401, "revoked-key")
    assert client.delete(f"/v1/api-keys/{key['id']}").status == 204, "revoking again is fine"
    assert_problem(client.post(f"/v1/api-keys/{key['id']}/rotate"), 409, "conflict")


def test_a_revoked_key_is_refused_on_the_next_request_of_the_same_connection(client, shared_server):
    key = mint(client).json
    user = shared_server.client(key["plaintext"])
    for _ in range(20):
        assert user.get("/v1/whoami").status == 200
    assert client.delete(f"/v1/api-keys/{key['id']}").status == 204
    assert_problem(user.get("/v1/whoami"), 401, "revoked-key")


def test_an_expired_key_says_so(client, shared_server):
    import datetime
    soon = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=1.2)).isoformat()
    user = shared_server.client(mint(client, expires_at=soon).json["plaintext"])
    wait_until(lambda: user.get("/v1/whoami").status == 401, 10, "the end of the key")
    assert_problem(user.get("/v1/whoami"), 401, "expired-key")


@pytest.mark.parametrize("body", [
    {}, {"name": "x"}, {"scopes": ["read"]}, {"name": "", "scopes": ["read"]}, {"name": "x" * 121, "scopes": ["read"]}, {"name": "x", "scopes": []},
    {"name": "x", "scopes": ["read", "read"]}, {"name": "x", "scopes": ["fly"]}, {"name": "x", "scopes": None},
    {"name": "x", "scopes": ["read"], "expires_at": "2020-01-01T00:00:00Z"}, {"name": "x", "scopes": ["read"], "expires_at": "tomorrow"}])
def test_key_bodies_out_of_bounds(client, body):
    assert_problem(client.post("/v1/api-keys", body), 400, "validation-failed")


@pytest.mark.parametrize("scope", ["driftstack_internal_admin", "admin"])
def test_scopes_that_nobody_can_mint(client, scope):
    assert_problem(mint(client, scopes=[scope]), 403, "forbidden")


def test_a_key_without_account_owner_mints_nothing(new_key, shared_server):
    user = shared_server.client(new_key("read", "write"))
    answer = mint(user)
    assert_problem(answer, 403, "forbidden")
    assert '"account_owner"' in answer.json["detail"]


@pytest.mark.parametrize("held,path,status", [
    ("read", "/v1/account/me", 200), ("write", "/v1/account/me", 403), ("read:sessions", "/v1/account/me", 403),
    ("read:sessions", "/v1/sessions", 200), ("write", "/v1/sessions", 403), ("write:sessions", "/v1/sessions", 403),
    ("read:api-keys", "/v1/api-keys", 200), ("read:sessions", "/v1/api-keys", 403), ("read:audit", "/v1/account/audit-log", 200),
    ("read", "/v1/account/audit-log", 200), ("read:sessions", "/v1/account/audit-log", 403), ("read:sessions", "/v1/account/rate-limits", 403),
    ("write", "/v1/account/rate-limits", 403), ("read:sessions", "/v1/whoami", 200)])
def test_scopes(new_key, shared_server, held, path, status):
    assert shared_server.client(new_key(held)).get(path).status == status


@pytest.mark.parametrize("bad", ["key_x", "nonsense", "key_00000000-0000-4000-8000-00000000000", "KEY_00000000-0000-4000-8000-000000000000",
                                 "key_00000000-0000-4000-8000-000000000000"])
def test_malformed_and_unknown_key_ids_are_the_same(client, bad):
    assert_problem(client.delete(f"/v1/api-keys/{bad}"), 404, "not-found")


def test_the_team_header(client):
    own = client.get("/v1/whoami").json["account_id"]
    assert client.get("/v1/api-keys", headers={"X-Driftstack-Account": own}).status == 200
    assert_problem(client.get("/v1/api-keys", headers={"X-Driftstack-Account": "acc_" + str(uuid.uuid4())}), 403, "forbidden")
    assert_problem(client.get("/v1/api-keys", headers={"X-Driftstack-Account": "nonsense"}), 400, "bad-request")
    assert client.get("/v1/account/me", headers={"X-Driftstack-Account": "nonsense"}).status == 200, "ignored on this route"


# ---------------------------------------------------------------- account

ACCOUNT_FIELDS = {"id", "email", "name", "tier", "status", "timezone", "slug", "region", "avatar_url", "avatar_source", "mfa_enrolled",
                  "concurrent_session_cap", "concurrent_session_active", "profile_cap", "profile_count", "teams"}


def test_the_account_object(client):
    account = client.get("/v1/account/me").json
    assert set(account) == ACCOUNT_FIELDS
    assert account["tier"] == "enterprise" and account["status"] == "active" and account["concurrent_session_cap"] == 32
    assert account["profile_cap"] is None and account["teams"] == [] and account["avatar_source"] == "none"


def test_changing_the_account(client):
    changed = client.patch("/v1/account/me", {"name": " Ada ", "timezone": "UTC", "slug": "ada-1", "region": "eu"})
    assert changed.status == 200 and (changed.json["name"], changed.json["slug"], changed.json["region"]) == ("Ada", "ada-1", "eu")
    cleared = client.patch("/v1/account/me", {"name": None, "timezone": None, "slug": None, "region": None}).json
    assert cleared["name"] is None and cleared["region"] is None
    for body in ({}, {"name": ""}, {"timezone": "Foo/Bar"}, {"slug": "Up"}, {"slug": "a--b"}, {"slug": "ab"}, {"region": "mars"}):
        assert_problem(client.patch("/v1/account/me", body), 400, "validation-failed")


# ---------------------------------------------------------------- rate limits

RATE_HEADERS = ["x-ratelimit-bucket", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "ratelimit-limit", "ratelimit-remaining",
                "ratelimit-reset"]


def test_rate_headers_on_success_and_on_failure(client):
    for path in ("/v1/account/me", "/v1/sessions/nonsense"):
        answer = client.get(path)
        assert all(answer.header(name) is not None for name in RATE_HEADERS)
        assert answer.header("x-ratelimit-bucket") == "global"
        assert answer.header("x-ratelimit-limit") == answer.header("ratelimit-limit") == "60000"


def test_the_effective_limits(client):
    answer = client.get("/v1/account/rate-limits")
    assert answer.status == 200
    body = answer.json
    assert body["tier"] == "enterprise"
    assert body["buckets"] == [
        {"bucket_key": "global", "capacity": 60000, "refill_per_second": 1000, "source": "tier_default", "override_expires_at": None},
        {"bucket_key": "sessions:create", "capacity": 600, "refill_per_second": 10, "source": "tier_default", "override_expires_at": None}]


@pytest.fixture(scope="module")
def small_buckets(make_server):
    server = make_server("plugins.rate-limit-memory.tiers.enterprise.global_capacity=5", "plugins.rate-limit-memory.tiers.enterprise.global_per_minute=12",
                         "plugins.rate-limit-memory.address_per_minute.public=5", "plugins.rate-limit-memory.address_per_minute.auth_failure=5")
    yield server
    server.stop()


def test_an_empty_bucket_is_a_problem_with_a_wait(small_buckets):
    client = small_buckets.client()
    answers = [client.get("/v1/whoami") for _ in range(7)]
    assert [a.status for a in answers[:5]] == [200] * 5
    denied = answers[5]
    assert_problem(denied, 429, "rate-limited")
    assert denied.json["title"] == "Too Many Requests" and "bucket" not in denied.json
    assert denied.json["retry_after_seconds"] == int(denied.header("Retry-After")) >= 1
    assert denied.header("x-ratelimit-remaining") == "0" and '"global"' in denied.json["detail"] and '"enterprise"' in denied.json["detail"]


def test_public_routes_are_limited_by_address_and_probes_are_not(small_buckets):
    client = small_buckets.client(key=None)
    statuses = [client.get("/v1/archetypes").status for _ in range(7)]
    assert 429 in statuses and 200 in statuses
    denied = client.get("/v1/archetypes")
    assert_problem(denied, 429, "rate-limited")
    assert denied.header("Retry-After") and denied.header("x-ratelimit-bucket") is None
    assert all(client.get("/health").status == 200 for _ in range(20))


def test_two_credentials_count_as_a_failure_of_their_address(small_buckets):
    key = small_buckets.bootstrap()["owner_key"]
    answers = [two_credentials(small_buckets, key) for _ in range(8)]
    assert answers[0] == b"HTTP/1.1 400" and answers[-1] == b"HTTP/1.1 429", answers


def test_failed_credentials_end_in_429(make_server):
    small_buckets = make_server("plugins.rate-limit-memory.address_per_minute.auth_failure=5")
    client = small_buckets.client(key="ds_live_" + "z" * 40)
    statuses = [client.get("/v1/whoami").status for _ in range(8)]
    assert statuses[0] == 401 and statuses[-1] == 429


# ---------------------------------------------------------------- idempotency

def test_a_keyed_creation_of_a_secret_happens_once(client):
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    body = {"name": "once", "scopes": ["read"]}
    first = client.post("/v1/api-keys", body, headers=headers)
    assert first.status == 201
    again = client.post("/v1/api-keys", body, headers=headers)
    assert_problem(again, 409, "conflict")
    assert again.json["idempotency_status"] == "completed" and again.json["resource_id"] == first.json["id"]
    other = client.post("/v1/api-keys", {"name": "other", "scopes": ["read"]}, headers=headers)
    assert_problem(other, 409, "conflict")
    assert other.json["idempotency_status"] == "mismatch"


def test_parallel_repeats_make_one_key(client, shared_server):
    name = "parallel-" + uuid.uuid4().hex[:8]
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    def attempt(_):
        return shared_server.client().post("/v1/api-keys", {"name": name, "scopes": ["read"]}, headers=headers).status
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        statuses = list(pool.map(attempt, range(12)))
    assert statuses.count(201) == 1 and set(statuses) <= {201, 409}
    assert sum(key["name"] == name for key in client.get("/v1/api-keys").json["data"]) == 1


def test_a_refused_request_frees_its_key(client):
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    assert client.post("/v1/api-keys", {"name": ""}, headers=headers).status == 400
    assert client.post("/v1/api-keys", {"name": "fine", "scopes": ["read"]}, headers=headers).status == 201


@pytest.mark.parametrize("key,status", [("x" * 256, 400), ("a b", 400), ("   ", 201), (" trimmed ", 201)])
def test_forms_of_the_key(client, key, status):
    value = key if key.strip() == "" or status == 400 else " " + uuid.uuid4().hex + " "
    answer = client.post("/v1/api-keys", {"name": "form", "scopes": ["read"]}, headers={"Idempotency-Key": value})
    assert answer.status == status, answer.body


def test_the_header_is_ignored_elsewhere(client):
    assert client.get("/v1/whoami", headers={"Idempotency-Key": "x y"}).status == 200


# ---------------------------------------------------------------- audit log

def test_key_changes_are_in_the_audit_log(client):
    made = mint(client, name="audited").json
    client.delete(f"/v1/api-keys/{made['id']}")
    rows = client.get(f"/v1/account/audit-log?target_resource_id={made['id']}").json["data"]
    assert [row["action"] for row in rows] == ["api_key.revoked", "api_key.minted"]
    entry = rows[1]
    assert set(entry) == {"id", "account_id", "actor_type", "actor_account_id", "actor_key_id", "action", "target_resource_id", "payload", "ip_address",
                          "user_agent", "timestamp"}
    assert entry["payload"]["name"] == "audited" and entry["actor_type"] == "customer" and entry["ip_address"] == "127.0.0.1"
    assert TIME.match(entry["timestamp"]) and uuid.UUID(entry["id"])


def test_the_audit_log_pages_without_gaps(client):
    for index in range(3):
        mint(client, name=f"page-{index}")
    seen, cursor = [], None
    while True:
        page = client.get("/v1/account/audit-log?action=api_key.minted&limit=2" + (f"&cursor={cursor}" if cursor else "")).json
        assert page["has_more"] == (page["next_cursor"] is not None)
        seen += [row["id"] for row in page["data"]]
        if page["next_cursor"] is None:
            break
        assert page["next_cursor"] != cursor
        cursor = page["next_cursor"]
    whole = client.get("/v1/account/audit-log?action=api_key.minted&limit=100").json["data"]
    assert seen[:100] == [row["id"] for row in whole]
    first = client.get("/v1/account/audit-log?action=api_key.minted&limit=1").json["next_cursor"]
    for query in (f"cursor={first}", f"action=api_key.revoked&cursor={first}", f"action=api_key.minted&cursor={first[:-2]}AA", "limit=0", "limit=101",
                  "cursor=" + "x" * 513, "action=fly", "limit=abc", "from=yesterday"):
        assert_problem(client.get("/v1/account/audit-log?" + query), 400, "validation-failed")


def test_the_audit_export(client):
    answer = client.get("/v1/account/audit-log/export")
    assert answer.status == 200 and re.match(r'attachment; filename="driftstack-audit-log-\d{4}-\d\d-\d\d\.json"', answer.header("Content-Disposition"))
    assert answer.header("x-driftstack-export-truncated") == "false"
    assert set(answer.json) == {"generated_at", "account_id", "row_count", "truncated", "data"} and answer.json["row_count"] == len(answer.json["data"])
    table = client.get("/v1/account/audit-log/export?format=csv")
    assert table.header("Content-Type").startswith("text/csv")
    assert table.body.splitlines()[0] == b"timestamp,action,actor_type,actor_account_id,actor_key_id,target_resource_id,ip_address,user_agent,payload"
    assert_problem(client.get("/v1/account/audit-log/export?format=xml"), 400, "validation-failed")
