"""sessions.md 10: saved proxies."""
import uuid

import pytest

import proxy_server
from test_transport import assert_problem

PATH = "/v1/account/me/proxies"
PROXY_KEYS = {"id", "label", "scheme", "host", "port", "username", "has_password", "has_secret", "has_preshared_key", "config", "revision", "created_at",
              "updated_at"}
GOOD = {"label": "Berlin", "host": "proxy.example.com", "port": 1080}


@pytest.fixture
def save(client):
    """save(**fields) saves a proxy that is deleted after the test."""
    made = []

    def one(**fields):
        answer = client.post(PATH, {**GOOD, **fields})
        assert answer.status == 201, answer.body
        made.append(answer.json["id"])
        return answer.json

    yield one
    for proxy in made:
        assert client.delete(f"{PATH}/{proxy}").status in (204, 404)


def listed(client):
    return {row["id"]: row for row in client.get(PATH).json["data"]}


def test_a_saved_proxy_is_listed_without_its_password(client, save):
    proxy = save(username="ada", password="very-secret")
    assert set(proxy) == PROXY_KEYS
    assert proxy["scheme"] == "socks5" and proxy["host"] == "proxy.example.com" and proxy["port"] == 1080 and proxy["username"] == "ada"
    assert proxy["has_password"] is True and proxy["revision"] == 1
    assert proxy["has_secret"] is False and proxy["has_preshared_key"] is False and proxy["config"] is None
    answer = client.get(PATH)
    assert listed(client)[proxy["id"]] == proxy and answer.json["count"] == len(answer.json["data"])
    assert b"very-secret" not in answer.body
    assert save(scheme="http", label="x" * 80, port=65535, password=None)["has_password"] is False


@pytest.mark.parametrize("change", [
    {"label": ""}, {"label": "x" * 81}, {"label": None}, {"scheme": "wireguard"}, {"host": ""}, {"host": "a b"}, {"host": "http://a.example"},
    {"host": "user@a.example"}, {"host": "a.example:1080"}, {"host": "x" * 256}, {"host": "[::g]"}, {"port": 0}, {"port": 65536}, {"port": "1080"},
    {"username": "x" * 256}, {"password": "x" * 1025}, {"unknown": 1}])
def test_bodies_are_strict_and_bounded(client, save, change):
    assert_problem(client.post(PATH, {**GOOD, **change}), 400, "validation-failed")
    proxy = save()
    assert_problem(client.request("PUT", f"{PATH}/{proxy['id']}", change), 400, "validation-failed")
    assert listed(client)[proxy["id"]] == proxy


@pytest.mark.parametrize("host", [
    "127.0.0.1", "127.1", "0x7f000001", "2130706433", "10.0.0.1", "169.254.169.254", "192.168.1.1", "::1", "[::1]", "::ffff:10.0.0.1", "fd00::1",
    "localhost", "LOCALHOST.", "a.localhost", "metadata.google.internal", "printer.local", "router"])
def test_a_private_host_is_refused_on_create_and_on_edit(client, save, host):
    assert_problem(client.post(PATH, {**GOOD, "host": host}), 400, "bad-request")
    proxy = save()
    assert_problem(client.request("PUT", f"{PATH}/{proxy['id']}", {"host": host}), 400, "bad-request")
    assert listed(client)[proxy["id"]] == proxy


def test_public_addresses_are_taken(save):
    assert save(host="9.9.9.9")["host"] == "9.9.9.9"
    assert save(host="[2620:fe::fe]")["host"] == "2620:fe::fe"


def test_an_edit_keeps_what_is_not_sent(client, save):
    proxy = save(username="ada", password="one")
    path = f"{PATH}/{proxy['id']}"
    edited = client.request("PUT", path, {"label": "Paris", "port": 1081, "expected_revision": 1}).json
    assert edited["label"] == "Paris" and edited["port"] == 1081 and edited["has_password"] is True and edited["username"] == "ada"
    assert edited["revision"] == 2 and edited["host"] == proxy["host"]
    stale = client.request("PUT", path, {"label": "Rome", "expected_revision": 1})
    assert_problem(stale, 409, "conflict")
    assert stale.json["code"] == "stale_revision" and stale.json["current_revision"] == 2
    cleared = client.request("PUT", path, {"password": None, "username": None}).json
    assert cleared["has_password"] is False and cleared["username"] is None and cleared["revision"] == 3
    assert client.request("PUT", path, {"password": "two"}).json["has_password"] is True
    assert client.request("PUT", path, {}).json["revision"] == 4, "nothing was asked for"


def test_a_deleted_proxy_is_gone(client, save):
    path = f"{PATH}/{save()['id']}"
    assert client.delete(path).status == 204
    assert_problem(client.delete(path), 404, "not-found")
    assert_problem(client.request("PUT", path, {"label": "x"}), 404, "not-found")
    assert_problem(client.delete(f"{PATH}/nonsense"), 404, "not-found")


def test_a_keyed_create_saves_one_proxy(client, save):
    before = client.get(PATH).json["count"]
    key = {"Idempotency-Key": uuid.uuid4().hex}
    first = client.post(PATH, GOOD, headers=key)
    again = client.post(PATH, GOOD, headers=key)
    assert first.status == again.status == 201 and first.json == again.json
    assert client.get(PATH).json["count"] == before + 1
    assert client.delete(f"{PATH}/{first.json['id']}").status == 204


def test_only_the_owner_sees_proxies(shared_server, new_key, save):
    proxy = save()
    weak = shared_server.client(key=new_key("read", "write"))
    assert_problem(weak.get(PATH), 403, "forbidden")
    assert_problem(weak.post(PATH, GOOD), 403, "forbidden")
    assert_problem(weak.request("PUT", f"{PATH}/{proxy['id']}", {"label": "x"}), 403, "forbidden")
    assert_problem(weak.delete(f"{PATH}/{proxy['id']}"), 403, "forbidden")
    weak.close()


def test_every_change_is_audited_without_secrets(client, save):
    proxy = save(password="very-secret")
    client.request("PUT", f"{PATH}/{proxy['id']}", {"label": "Paris"})
    client.delete(f"{PATH}/{proxy['id']}")
    answer = client.get(f"/v1/account/audit-log?limit=100&target_resource_id={proxy['id']}")
    assert [row["action"] for row in reversed(answer.json["data"])] == ["proxy.created", "proxy.updated", "proxy.deleted"]
    assert answer.json["data"][0]["payload"] == {"proxy_id": proxy["id"], "label": "Paris", "scheme": "socks5"}
    assert b"very-secret" not in answer.body


def test_a_profile_whose_proxy_is_gone_starts_nothing_until_another_is_chosen(client, save):
    proxy = save()["id"]
    profile = client.post("/v1/profiles", {"name": "p" + uuid.uuid4().hex, "default_proxy_id": proxy}).json
    assert profile["proxy_choice"] == "bound" and profile["default_proxy_id"] == proxy
    assert_problem(client.post("/v1/sessions", {"proxy_id": str(uuid.uuid4())}), 404, "not-found")
    assert client.delete(f"{PATH}/{proxy}").status == 204
    detached = client.get(f"/v1/profiles/{profile['id']}").json
    assert detached["proxy_choice"] == "detached" and detached["default_proxy_id"] is None and detached["revision"] == 2
    assert_problem(client.post("/v1/sessions", {"profile_id": profile["id"]}), 409, "conflict")
    assert_problem(client.post(f"{PATH}/{proxy}/test", {}), 404, "not-found")
    client.delete(f"/v1/profiles/{profile['id']}")
    client.delete(f"/v1/profiles/{profile['id']}/purge")


@pytest.fixture(scope="module")
def proxied(make_server, site):
    """A server that permits three proxies on loopback: `socks` and `http` carry site.test and the probe, `blocked` carries nothing."""
    proxies = {"socks": proxy_server.Proxy("socks5", ("ada", "s3cret-word")), "http": proxy_server.Proxy("http", ("ada", "s3cret-word")),
               "blocked": proxy_server.Proxy("socks5")}
    for name in ("socks", "http"):
        proxies[name].names |= {"site.test": site.port, "probe.test": site.port}
    pairs = ",".join(f'"127.0.0.1:{one.port}"' for one in proxies.values()) + ',"127.0.0.1:9"'
    server = make_server(f"plugins.sessions.proxy_allow=[{pairs}]", f"plugins.browser-webkit.egress_allow=[{pairs}]",
                         'plugins.browser-webkit.proxy_probe="probe.test:80"', egress=False)
    yield server, proxies
    for one in proxies.values():
        one.stop()


@pytest.mark.parametrize("name", ["socks", "http"])
def test_a_session_goes_through_its_proxy(proxied, name):
    server, proxies = proxied
    client, proxy = server.client(), proxies[name]
    saved = client.post(PATH, proxy.fields).json["id"]
    assert client.post(f"{PATH}/{saved}/test", {}).json.items() >= {"ok": True}.items()
    session = client.post("/v1/sessions", {"proxy_id": saved})
    assert session.status == 201 and session.json["proxy_id"] == saved
    at = f"/v1/sessions/{session.json['id']}"
    assert client.get(at).json["proxy_id"] == saved
    assert client.post(f"{at}/navigate", {"url": "http://site.test/cookie"}).json["status"] == 200
    assert "site.test" in proxy.asked
    assert client.delete(at).status == 204 and client.get(at).json["proxy_id"] == saved
    profile = client.post("/v1/profiles", {"name": "p" + uuid.uuid4().hex, "default_proxy_id": saved}).json["id"]
    bound = client.post("/v1/sessions", {"profile_id": profile})
    assert bound.status == 201 and bound.json["proxy_id"] == saved
    client.delete(f"/v1/sessions/{bound.json['id']}")
    assert client.delete(f"{PATH}/{saved}").status == 204
    assert b"s3cret-word" not in session.body + bound.body
    client.close()


def test_a_session_with_a_proxy_never_falls_back(proxied, site):
    server, proxies = proxied
    client = server.client()
    saved = client.post(PATH, proxies["socks"].fields).json["id"]
    session = client.post("/v1/sessions", {"proxy_id": saved}).json["id"]
    before = len(site.requests)
    failed = client.post(f"/v1/sessions/{session}/navigate", {"url": f"http://127.0.0.1:{site.port}/cookie"})
    assert_problem(failed, 502, "driver-error")
    assert len(site.requests) == before and "127.0.0.1" not in proxies["socks"].asked
    client.delete(f"{PATH}/{saved}")
    client.close()


@pytest.mark.parametrize("name, changed, reason", [
    ("socks", {"password": "other"}, "auth_failed"), ("http", {"password": None}, "auth_failed"), ("blocked", {}, "egress_blocked"),
    ("blocked", {"port": 9}, "unreachable")])
def test_a_proxy_that_carries_nothing_starts_no_session(proxied, name, changed, reason):
    server, proxies = proxied
    client = server.client()
    saved = client.post(PATH, proxies[name].fields | changed).json["id"]
    sessions = client.get("/v1/sessions").json["data"]
    refused = client.post("/v1/sessions", {"proxy_id": saved})
    assert_problem(refused, 422, "proxy-validation-failed")
    assert refused.json["reason"] == reason and refused.json["resource"] == "proxy"
    assert client.get("/v1/sessions").json["data"] == sessions
    test = client.post(f"{PATH}/{saved}/test", {}).json
    assert test == {"ok": False, "reason": refused.json["detail"]}
    client.delete(f"{PATH}/{saved}")
    client.close()


def test_the_operator_caps_proxies_and_lists_private_ones(make_server):
    server = make_server("plugins.identity.tiers.enterprise.saved_proxies=1", 'plugins.sessions.proxy_allow=["127.0.0.1:1080"]')
    client = server.client()
    assert_problem(client.post(PATH, {**GOOD, "host": "127.0.0.1", "port": 1081}), 400, "bad-request")
    proxy = client.post(PATH, {**GOOD, "host": "127.0.0.1"})
    assert proxy.status == 201 and client.get(PATH).json["cap"] == 1
    full = client.post(PATH, GOOD)
    assert_problem(full, 429, "tier-limit")
    assert full.json["resource"] == "proxy" and full.json["limit"] == 1 and full.json["current"] == 1
    assert_problem(client.request("PUT", f"{PATH}/{proxy.json['id']}", {"port": 1081}), 400, "bad-request")
    assert client.delete(f"{PATH}/{proxy.json['id']}").status == 204
    assert client.post(PATH, GOOD).status == 201
    client.close()
