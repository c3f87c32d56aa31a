"""sessions.md 1.1 and 13 item 21: what members and admins of a team may do with the sessions of its owner."""
import pytest

from test_identity_people import WIDE
from test_teams import acting_for, join, owner, people, visitor  # noqa: F401 (fixtures)
from test_transport import assert_problem


@pytest.fixture(scope="module")
def server(make_server):
    free = "plugins.identity.tiers.free"
    return make_server(*WIDE, 'plugins.identity.mail_poll="50ms"', f"{free}.api_access=true", f"{free}.team_seats=2",
                       "plugins.rate-limit-memory.tiers.free.global_capacity=100000")


def test_a_member_reads_records_and_an_admin_does_everything(server, owner, people):  # noqa: F811
    admin, member = people[0], people[1]
    join(server, owner, admin, "admin")
    join(server, owner, member, "member")
    profile = owner.post("/v1/profiles", {"name": "shared"}).json["id"]
    session = owner.post("/v1/sessions", {}).json["id"]
    path, acting = f"/v1/sessions/{session}", {"headers": acting_for(owner)}
    wait = {"condition": {"kind": "time", "ms": 0}}

    for reader in (member, admin):
        assert [row["id"] for row in reader.get("/v1/sessions", **acting).json["data"]] == [session]
        assert reader.get(path, **acting).json["id"] == session
        assert reader.get(path + "/logs", **acting).status == 200
        assert_problem(reader.get(path), 404, "not-found")
    for refused in (member.get(path + "/state", **acting), member.post("/v1/sessions", {}, **acting), member.post(path + "/wait", wait, **acting),
                    member.delete(path, **acting), member.post(f"/v1/profiles/{profile}/launch", **acting)):
        assert_problem(refused, 403, "forbidden")
    assert owner.get(path).json["status"] == "ready" and owner.get(path).json["last_state_at"] is None

    assert admin.get(path + "/state", **acting).status == 200
    assert admin.post(path + "/wait", wait, **acting).status == 200
    assert admin.delete(path, **acting).status == 204
    created = admin.post("/v1/sessions", {}, **acting)
    assert created.status == 201 and created.json["account_id"] == owner.account
    assert admin.delete(f"/v1/sessions/{created.json['id']}", **acting).status == 204
    launched = admin.post(f"/v1/profiles/{profile}/launch", **acting)
    assert launched.status == 201 and launched.json["metadata"]["profile_id"] == profile
    assert admin.delete(f"/v1/sessions/{launched.json['id']}", **acting).status == 204
