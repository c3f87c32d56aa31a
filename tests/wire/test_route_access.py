"""Who may call what: route_access.tsv is the table that a reviewer signs; every operation is held against it with every scope alone."""
import csv
import pathlib

import pytest

from test_platform import call
from test_transport import assert_problem

BROAD = ["read", "write", "account_owner"]
GRANULAR = ["read:sessions", "write:sessions", "read:profiles", "write:profiles", "admin:profiles", "read:webhooks", "write:webhooks", "admin:webhooks",
            "read:api-keys", "admin:api-keys", "read:billing", "admin:billing", "read:audit"]
with open(pathlib.Path(__file__).with_name("route_access.tsv")) as file:
    TABLE = {f"{row['method']} {row['path']}": row for row in csv.DictReader(file, delimiter="\t")}


def satisfies(have, need):
    """identity.md 2.2 for one scope."""
    return have == need or have == "account_owner" or (":" in need and have == need.split(":")[0])


def test_the_table_lists_the_operations_of_the_contract_and_no_other(client):
    paths = client.get("/openapi.json").json["paths"]
    found = {f"{method.upper()} {path}": operation for path, methods in paths.items() for method, operation in methods.items()}
    assert sorted(found) == sorted(TABLE), "a new operation needs its row in route_access.tsv: " + str(sorted(set(found) ^ set(TABLE)))
    for operation, described in found.items():
        assert bool(described["security"]) == (TABLE[operation]["access"] != "public"), operation


def ask(client, operation, **headers):
    """A call that cannot change anything: its body is no JSON, its id names nothing."""
    return call(client, operation.replace("{token}", "nonsense"), raw=b"{", headers={"Content-Type": "application/json", **headers})


@pytest.mark.parametrize("scope", BROAD + GRANULAR)
def test_one_scope_alone_opens_what_the_table_says_and_nothing_else(new_key, shared_server, scope):
    user, opened = shared_server.client(new_key(scope)), 0
    for operation, row in TABLE.items():
        need = row["access"]
        if need in ("public", "scrape-token"):
            continue
        answer = ask(user, operation)
        if need != "web-session" and (need == "any" or satisfies(scope, need)):
            assert answer.status not in (401, 403), (operation, answer.body)
            opened += 1
        else:
            assert answer.status == 403, (operation, answer.status)
            assert_problem(answer, 403, "forbidden")
        assert answer.header("x-ratelimit-bucket") == row["bucket"], operation
    user.close()
    assert opened >= 1


def test_a_staff_key_opens_no_operation_of_customers(shared_server):
    user = shared_server.client(shared_server.bootstrap()["admin_key"])
    for operation, row in TABLE.items():
        if row["access"] not in ("public", "scrape-token", "any"):
            assert_problem(ask(user, operation), 403, "forbidden")


def test_a_web_session_opens_everything_of_customers(stranger):
    for operation, row in TABLE.items():
        if row["access"] not in ("public", "scrape-token"):
            answer = ask(stranger, operation)
            assert answer.status not in (401, 403), (operation, answer.body)


def test_public_operations_ask_for_no_credential(anonymous):
    for operation, row in TABLE.items():
        if row["access"] == "public" and row["bucket"] in ("none", "ip:public", "ip:files"):
            answer = ask(anonymous, operation)
            assert answer.status not in (401, 403) and answer.header("x-ratelimit-bucket") is None, operation


# ---------------------------------------------------------------- acting for the owner of a team: identity.md 9.3

def refused(answer):
    return answer.status == 403


@pytest.mark.parametrize("role,opens", [("admin", {"member-read", "admin-write", "admin-only"}), ("member", {"member-read"}), (None, set())])
def test_a_role_in_a_team_opens_what_the_table_says_and_nothing_else(client, teammates, role, opens):
    owner = {"X-Driftstack-Account": client.get("/v1/account/me").json["id"]}
    seen = set()
    for operation, row in TABLE.items():
        if row["team"] in ("-", "ignored"):
            continue
        answer = ask(teammates[role], operation, **owner)
        assert refused(answer) == (row["team"] not in opens), (operation, answer.body)
        assert answer.header("x-ratelimit-bucket") == row["bucket"], operation
        malformed = ask(teammates[role], operation, **{"X-Driftstack-Account": "nonsense"})
        assert_problem(malformed, 400, "bad-request")
        assert "X-Driftstack-Account" in malformed.json["detail"], operation
        seen.add(row["team"])
    assert seen == {"member-read", "admin-write", "admin-only"}


def test_the_account_header_means_nothing_elsewhere(client, teammates):
    owner = {"X-Driftstack-Account": client.get("/v1/account/me").json["id"]}
    checked = 0
    for operation, row in TABLE.items():
        if row["team"] != "ignored":
            continue
        for headers in (owner, {"X-Driftstack-Account": "nonsense"}):
            answer = ask(teammates[None], operation, **headers)
            assert answer.status not in (401, 403) and b"X-Driftstack-Account" not in answer.body, (operation, answer.body)
        checked += 1
    assert checked >= 15
    assert teammates["admin"].get("/v1/account/me", headers=owner).json["id"] != owner["X-Driftstack-Account"]
