"""security.md 25 and 26, generated from the contract: nobody reaches by its id what belongs to another account."""
import uuid

import pytest

from test_platform import FITTING, RETIRED_OR_ABSENT, operations
from test_proxies import GOOD as PROXY
from test_transport import assert_problem

BODIES = {**FITTING, "PUT /v1/account/me/proxies/{id}": PROXY, "POST /v1/profiles/{id}/snapshots": {"label": "x"},
          "POST /v1/profiles/{id}/clone": {"name": "x"}}
# By contract the same for every id that names nothing of the caller's (sessions.md 7.6): it hides as much, and must change as little.
FORGIVING = {"DELETE /v1/profiles/{id}": 204,
             "GET /v1/sessions/{id}/view": 400}  # no handshake; with one it knows tokens only (test_live_view.py)
# What may be asked of one's own without harm, so that a 404 says something about the caller and not about the resource.
HARMLESS = {"GET /v1/sessions/{id}", "GET /v1/sessions/{id}/state", "GET /v1/profiles/{id}", "GET /v1/profiles/{id}/activity",
            "GET /v1/profiles/{id}/export", "GET /v1/profiles/{id}/snapshots", "GET /v1/profile-snapshots/{id}", "GET /v1/artifacts/{id}",
            "PATCH /v1/profiles/{id}", "PATCH /v1/teams/{id}", "PUT /v1/account/me/proxies/{id}", "POST /v1/sessions/{id}/interact"}


@pytest.fixture
def belongings(client, session, site, teammates):
    """One resource of each kind, by the path that names it."""
    assert client.post(f"/v1/sessions/{session}/navigate", {"url": site.url("/basic.html")}).status == 200
    artifact = client.post(f"/v1/sessions/{session}/capture", {"kind": "screenshot", "store": True}).json["artifact"]["id"]
    profile = client.post("/v1/profiles", {"name": "p" + uuid.uuid4().hex}).json["id"]
    snapshot = client.post(f"/v1/profiles/{profile}/snapshots", {"label": "mine"}).json["id"]
    proxy = client.post("/v1/account/me/proxies", PROXY).json["id"]
    key = client.post("/v1/api-keys", {"name": "mine", "scopes": ["read"]}).json["id"]
    yield {"/v1/sessions": session, "/v1/artifacts": artifact, "/v1/profiles": profile, "/v1/profile-snapshots": snapshot,
           "/v1/account/me/proxies": proxy, "/v1/api-keys": key, "/v1/teams": client.get("/v1/teams").json["data"][0]["id"],
           "/v1/team/members": client.get("/v1/team/members").json["data"][0]["id"]}
    for path in (f"/v1/artifacts/{artifact}", f"/v1/profile-snapshots/{snapshot}", f"/v1/account/me/proxies/{proxy}", f"/v1/api-keys/{key}",
                 f"/v1/profiles/{profile}", f"/v1/profiles/{profile}/purge"):
        assert client.delete(path).status in (200, 204), path


def ask(client, operation, identifier):
    method, path = operation.split()
    return client.request(method, path.replace("{id}", identifier), body=BODIES.get(operation))


def test_what_belongs_to_another_account_cannot_be_told_from_what_is_not_there(client, stranger, belongings):
    own = {"/v1/account/web-sessions": stranger.get("/v1/account/web-sessions").json["data"][0]["id"]}
    checked = 0
    for operation in operations(client):
        prefix = operation.split()[1].split("/{")[0]
        if "{" not in operation:
            continue
        # The other direction where the first account has none: the owner's key asks for what the stranger owns.
        asking, identifier = (client, own[prefix]) if prefix in own else (stranger, belongings.get(prefix))
        assert identifier, f"{operation}: add its resource to this test"
        foreign = ask(asking, operation, identifier)
        absent = ask(asking, operation, identifier[:-36] + str(uuid.uuid4()))
        assert foreign.status == absent.status == {**RETIRED_OR_ABSENT, **FORGIVING}.get(operation, 404), (operation, foreign.body)
        if foreign.status >= 400:
            assert {**foreign.json, "instance": 0} == {**absent.json, "instance": 0}, operation
        checked += 1
    assert checked >= 30
    for operation in HARMLESS:
        mine = ask(client, operation, belongings[operation.split()[1].split("/{")[0]])
        assert mine.status == 200, (operation, mine.body)
    assert stranger.get("/v1/account/me").status == 200
    assert belongings["/v1/api-keys"] in {key["id"] for key in client.get("/v1/api-keys").json["data"] if key["revoked_at"] is None}


def test_lists_show_nothing_of_another_account(client, stranger, belongings):
    lists = [operation.split()[1] for operation in operations(client) if operation.startswith("GET ") and "{" not in operation]
    shown = {path: stranger.get(path) for path in lists}
    assert len(lists) >= 10
    for path, answer in shown.items():
        assert answer.status == 200, (path, answer.body)
        for identifier in (*belongings.values(), client.get("/v1/account/me").json["id"]):
            assert identifier.encode() not in answer.body, path


def test_the_account_header_of_a_stranger_opens_nothing(client, stranger, belongings):
    owner = {"X-Driftstack-Account": client.get("/v1/account/me").json["id"]}
    assert_problem(stranger.get(f"/v1/sessions/{belongings['/v1/sessions']}", headers=owner), 403, "forbidden")
    assert_problem(stranger.get("/v1/profiles", headers=owner), 403, "forbidden")
