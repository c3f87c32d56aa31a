"""identity.md 9 on the wire: inviting, joining, acting for an owner, leaving. Which routes honour the header is in test_route_access.py."""
import concurrent.futures
import re
import uuid

import pytest

import outbox
from test_identity_people import PASSWORD, TIME, WIDE, audit_of, fresh_address, sign_up, verify
from test_shared_database import QUIET
from test_transport import assert_problem

HEADER = "X-Driftstack-Account"


@pytest.fixture(scope="module")
def server(make_server):
    return make_server(*QUIET, *WIDE, 'plugins.identity.mail_poll="50ms"', "plugins.rate-limit-memory.tiers.free.global_capacity=100000", "plugins.identity.tiers.free.api_access=true",
                       "plugins.identity.tiers.free.team_seats=2")


@pytest.fixture(scope="module")
def visitor(server):
    return server.client(key=None)


def make_person(server, visitor, name=None):
    address = fresh_address()
    assert sign_up(visitor, address, **({"name": name} if name else {})).status == 200
    session = verify(server, visitor, address)
    client = server.client(key=session["token"])
    client.address, client.account = address, session["account_id"]
    return client


@pytest.fixture
def owner(server, visitor):
    return make_person(server, visitor, name="Olga")


@pytest.fixture(scope="module")
def people(server, visitor):
    """Accounts that tests invite; which teams they are on does not matter to others."""
    return [make_person(server, visitor) for _ in range(3)]


def invite(server, owner, address, role=None):
    """Invites an address; the token of the mail."""
    sent_to = address.lower()
    before = len(outbox.mails(server, sent_to, "team-invite"))
    answer = owner.post("/v1/team/invites", {"email": address, **({"role": role} if role else {})})
    assert answer.status == 202, answer.body
    assert set(answer.json) == {"message"} and sent_to in answer.json["message"]
    return outbox.token_in(outbox.wait_for_mail(server, sent_to, "team-invite", before + 1))


def accept(member, token):
    return member.post("/v1/team/invites/accept", {"token": token})


def join(server, owner, member, role):
    answer = accept(member, invite(server, owner, member.address, role))
    assert answer.status == 200, answer.body
    return answer.json["membership"]


def acting_for(owner):
    return {HEADER: owner.account}


# ---------------------------------------------------------------- inviting and joining

def test_an_invite_is_mailed_listed_accepted_and_gone(server, owner, people):
    member = people[0]
    token = invite(server, owner, member.address.upper().replace("@EXAMPLE", "@Example"))
    mail = outbox.wait_for_mail(server, member.address, "team-invite")
    assert mail["Subject"] == "You are invited to a team" and owner.address in outbox.text_of(mail) and token in outbox.text_of(mail, "html")
    assert f"/team-invite#token={token}" in outbox.text_of(mail)
    [open_invite] = owner.get("/v1/team/invites").json["data"]
    assert re.match(r"^inv_[0-9a-f-]{36}$", open_invite["id"]) and TIME.match(open_invite["created_at"]) and TIME.match(open_invite["expires_at"])
    assert {k: v for k, v in open_invite.items() if k not in ("id", "created_at", "expires_at")} == {
        "owner_account_id": owner.account, "invitee_email": member.address, "role": "member", "invited_by_account_id": owner.account, "accepted_at": None}

    answer = accept(member, token)
    assert answer.status == 200 and set(answer.json) == {"membership"}
    membership = answer.json["membership"]
    assert re.match(r"^mem_[0-9a-f-]{36}$", membership["id"]) and TIME.match(membership["accepted_at"])
    assert membership == {"id": membership["id"], "owner_account_id": owner.account, "member_account_id": member.account, "member_email": member.address,
                          "role": "member", "invited_at": open_invite["created_at"], "accepted_at": membership["accepted_at"],
                          "invited_by_account_id": owner.account}
    assert owner.get("/v1/team/invites").json == {"data": []}
    assert owner.get("/v1/team/members").json == {"data": [membership]}
    joined = {"owner_account_id": owner.account, "owner_email": owner.address, "owner_name": "Olga", "role": "member", "membership_id": membership["id"]}
    assert joined in member.get("/v1/team/owners").json["data"] and joined in member.get("/v1/account/me").json["teams"]
    assert owner.get("/v1/account/me").json["teams"] == [] == owner.get("/v1/team/owners").json["data"]
    assert membership["id"] not in str(member.get("/v1/team/members").json)  # the other direction of the same membership

    assert_problem(accept(member, token), 400, "invalid-auth-token")
    assert_problem(owner.post("/v1/team/invites", {"email": member.address}), 409, "conflict")
    entries = [entry for entry in audit_of(owner) if entry["action"].startswith("team.")]
    assert [(entry["action"], entry["target_resource_id"], entry["actor_account_id"]) for entry in entries] == [
        ("team.invite_accepted", membership["id"], member.account), ("team.member_invited", open_invite["id"], owner.account)]
    assert entries[1]["payload"] == {"invitee_email": member.address, "role": "member"}
    assert entries[0]["ip_address"] is entries[0]["user_agent"] is None and entries[1]["ip_address"] == "127.0.0.1"


def test_a_second_invite_to_an_address_replaces_the_first(server, owner, people):
    member = people[0]
    first = invite(server, owner, member.address)
    second = invite(server, owner, member.address, "admin")
    assert [(entry["invitee_email"], entry["role"]) for entry in owner.get("/v1/team/invites").json["data"]] == [(member.address, "admin")]
    assert_problem(accept(member, first), 400, "invalid-auth-token")
    answer = accept(member, second)
    assert answer.status == 200 and answer.json["membership"]["role"] == "admin"


def test_an_invite_opens_the_team_for_its_own_address_only(server, visitor, owner, people):
    token = invite(server, owner, people[0].address)
    assert_problem(accept(people[1], token), 409, "conflict")
    assert owner.get("/v1/team/members").json["data"] == []
    assert accept(people[0], token).status == 200  # whoever else tried did not use it up

    newcomer = fresh_address()
    token = invite(server, owner, newcomer)
    assert sign_up(visitor, newcomer).status == 200
    session = verify(server, visitor, newcomer)
    assert accept(server.client(key=session["token"]), token).status == 200


def test_fifty_that_accept_one_invite_at_once_make_one_member(server, owner, people):
    token = invite(server, owner, people[0].address)
    key = people[0].key
    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: accept(server.client(key=key), token), range(50)))
    assert sorted(answer.status for answer in answers) == [200] + [400] * 49
    assert {answer.slug for answer in answers if answer.status == 400} == {"invalid-auth-token"}
    assert len(owner.get("/v1/team/members").json["data"]) == 1
    assert [entry["action"] for entry in audit_of(owner)].count("team.invite_accepted") == 1


def test_a_team_has_as_many_members_as_it_has_seats_also_when_they_come_at_once(server, owner, people):
    tokens = [invite(server, owner, person.address) for person in people]
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(accept, people, tokens))
    assert sorted(answer.status for answer in answers) == [200, 200, 429]
    refused = next(answer for answer in answers if answer.status == 429)
    assert_problem(refused, 429, "tier-limit")
    assert (refused.json["resource"], refused.json["current"], refused.json["limit"]) == ("team_seat", 2, 2)

    membership = owner.get("/v1/team/members").json["data"][0]["id"]
    assert owner.delete(f"/v1/team/members/{membership}").status == 204
    late = answers.index(refused)
    assert accept(people[late], tokens[late]).status == 200  # the invite was not used up


@pytest.mark.parametrize("body,field", [({}, "email"), ({"email": "ada"}, "email"), ({"email": "ada@example.com", "role": "owner"}, "role"),
                                        ({"email": "ada@example.com", "role": 1}, "role")])
def test_an_invite_names_the_field_that_is_wrong(people, body, field):
    answer = people[0].post("/v1/team/invites", body)
    assert_problem(answer, 400, "validation-failed")
    assert [issue["path"] for issue in answer.json["issues"]] == [[field]]


def test_nobody_invites_themselves_and_no_token_is_guessed(owner):
    assert_problem(owner.post("/v1/team/invites", {"email": f" {owner.address.upper()} "}), 409, "conflict")
    assert_problem(accept(owner, "A" * 43), 400, "invalid-auth-token")
    assert_problem(accept(owner, "short"), 400, "validation-failed")
    assert owner.get("/v1/team/invites").json["data"] == []


# ---------------------------------------------------------------- the team itself

def test_every_account_owns_one_team_which_it_can_name(owner, people):
    [team] = owner.get("/v1/teams").json["data"]
    assert re.match(r"^team_[0-9a-f-]{36}$", team["id"]) and TIME.match(team["created_at"])
    assert team == {"id": team["id"], "name": "Team of Olga", "slug": None, "owner_account_id": owner.account, "created_at": team["created_at"],
                    "updated_at": team["created_at"]}
    answer = owner.patch(f"/v1/teams/{team['id']}", {"name": " Crawlers "})
    assert answer.status == 200 and set(answer.json) == {"team"} and answer.json["team"]["name"] == "Crawlers"
    assert owner.get("/v1/teams").json["data"] == [answer.json["team"]]
    owner.patch(f"/v1/teams/{team['id']}", {"name": "Spiders"})
    entries = [entry for entry in audit_of(owner) if entry["action"] == "team.updated"]
    assert [entry["payload"] for entry in entries] == [{"previous_name": "Crawlers", "name": "Spiders"}, {"previous_name": None, "name": "Crawlers"}]
    assert {entry["target_resource_id"] for entry in entries} == {team["id"]}

    for body in ({}, {"name": ""}, {"name": "n" * 121}, {"name": None}):
        assert_problem(owner.patch(f"/v1/teams/{team['id']}", body), 400, "validation-failed")
    for path in (f"/v1/teams/team_{uuid.uuid4()}", "/v1/teams/nonsense"):
        assert_problem(owner.patch(path, {"name": "x"}), 404, "not-found")
    assert_problem(people[0].patch(f"/v1/teams/{team['id']}", {"name": "x"}), 404, "not-found")
    assert owner.get("/v1/teams").json["data"][0]["name"] == "Spiders"


# ---------------------------------------------------------------- acting for an owner

def test_who_acts_for_an_owner_is_bound_by_role_and_leaves_a_trace_in_the_owners_log(server, owner, people):
    admin, member = people[0], people[1]
    join(server, owner, admin, "admin")
    join(server, owner, member, "member")
    key = owner.post("/v1/api-keys", {"name": "owners", "scopes": ["read"]}).json["id"]
    for person in (admin, member):
        assert [entry["id"] for entry in person.get("/v1/api-keys", headers=acting_for(owner)).json["data"]] == [key]
        assert key not in person.get("/v1/api-keys").body.decode()
    assert_problem(member.post("/v1/api-keys", {"name": "x", "scopes": ["read"]}, headers=acting_for(owner)), 403, "forbidden")
    assert_problem(member.delete(f"/v1/api-keys/{key}", headers=acting_for(owner)), 403, "forbidden")

    scripted = server.client(key=admin.post("/v1/api-keys", {"name": "script", "scopes": ["account_owner"]}).json["plaintext"])
    script_id = scripted.get("/v1/whoami").json["api_key_id"]
    made = scripted.post("/v1/api-keys", {"name": "made", "scopes": ["read:sessions"]}, headers=acting_for(owner))
    assert made.status == 201
    # The role does not replace the scope of the caller's own credential.
    reader = server.client(key=admin.post("/v1/api-keys", {"name": "reader", "scopes": ["read"]}).json["plaintext"])
    assert reader.get("/v1/api-keys", headers=acting_for(owner)).status == 200
    assert_problem(reader.delete(f"/v1/api-keys/{key}", headers=acting_for(owner)), 403, "forbidden")
    assert admin.delete(f"/v1/api-keys/{key}", headers=acting_for(owner)).status == 204

    for reading in (owner.get("/v1/account/audit-log"), member.get("/v1/account/audit-log", headers=acting_for(owner))):
        rows = {(entry["action"], entry["target_resource_id"]): entry for entry in reading.json["data"]}
        minted, revoked = rows["api_key.minted", made.json["id"]], rows["api_key.revoked", key]
        assert minted["account_id"] == owner.account and minted["actor_account_id"] == admin.account and minted["actor_key_id"] == script_id
        assert revoked["actor_account_id"] == admin.account and revoked["actor_key_id"] is None
        assert minted["ip_address"] is minted["user_agent"] is revoked["ip_address"] is None
    own = rows["api_key.minted", key]
    assert own["ip_address"] is None  # of the owner's own deed, hidden from the member who reads
    assert made.json["id"] not in str(audit_of(admin))

    assert member.get("/v1/account/email-preferences", headers=acting_for(owner)).status == 200
    choice = {"event_type": "tier-changed", "opted_in": False}
    assert_problem(member.request("PUT", "/v1/account/email-preferences", body=choice, headers=acting_for(owner)), 403, "forbidden")
    assert admin.request("PUT", "/v1/account/email-preferences", body=choice, headers=acting_for(owner)).status == 204
    assert choice in owner.get("/v1/account/email-preferences").json["data"] and choice not in admin.get("/v1/account/email-preferences").json["data"]


def test_a_member_mints_nothing_that_administers(server, owner, people):
    admin = people[0]
    join(server, owner, admin, "admin")
    powerful = owner.post("/v1/api-keys", {"name": "p", "scopes": ["account_owner"]}).json
    for scope in ("account_owner", "admin", "admin:webhooks", "driftstack_internal_admin"):
        assert_problem(admin.post("/v1/api-keys", {"name": "x", "scopes": ["read", scope]}, headers=acting_for(owner)), 403, "forbidden")
    assert_problem(admin.post(f"/v1/api-keys/{powerful['id']}/rotate", headers=acting_for(owner)), 403, "forbidden")
    assert server.client(key=powerful["plaintext"]).get("/v1/whoami").status == 200


def test_the_header_is_checked_and_the_own_account_needs_no_team(owner, people):
    stranger = people[2]
    assert_problem(stranger.get("/v1/api-keys", headers=acting_for(owner)), 403, "forbidden")
    unknown = stranger.get("/v1/api-keys", headers={HEADER: f"acc_{uuid.uuid4()}"})
    assert_problem(unknown, 403, "forbidden")
    assert unknown.json["detail"] == stranger.get("/v1/api-keys", headers=acting_for(owner)).json["detail"]
    for value in ("nonsense", owner.account.upper(), owner.account[4:], owner.account + "0"):
        assert_problem(stranger.get("/v1/api-keys", headers={HEADER: value}), 400, "bad-request")
    assert owner.get("/v1/api-keys", headers=acting_for(owner)).status == 200
    assert owner.get("/v1/account/me", headers={HEADER: "nonsense"}).status == 200


# ---------------------------------------------------------------- leaving

def test_removing_a_member_ends_what_they_could_do_on_the_next_request(server, owner, people):
    admin = people[0]
    membership = join(server, owner, admin, "admin")
    kept = owner.post("/v1/api-keys", {"name": "kept", "scopes": ["read"]}).json
    first = admin.post("/v1/api-keys", {"name": "first", "scopes": ["read", "write"]}, headers=acting_for(owner)).json
    second = admin.post("/v1/api-keys", {"name": "second", "scopes": ["read"]}, headers=acting_for(owner)).json
    own = admin.post("/v1/api-keys", {"name": "own", "scopes": ["read"]}).json
    users = {key["id"]: server.client(key=key["plaintext"]) for key in (kept, first, second, own)}
    assert all(user.get("/v1/whoami").status == 200 for user in users.values())
    assert users[first["id"]].get("/v1/whoami").json["account_id"] == owner.account

    assert_problem(admin.delete(f"/v1/team/members/{membership['id']}"), 404, "not-found")  # not the member's to end
    assert owner.delete(f"/v1/team/members/{membership['id']}").status == 204
    assert_problem(admin.get("/v1/api-keys", headers=acting_for(owner)), 403, "forbidden")
    for key in (first, second):
        assert_problem(users[key["id"]].get("/v1/whoami"), 401, "revoked-key")
    assert users[kept["id"]].get("/v1/whoami").status == users[own["id"]].get("/v1/whoami").status == 200
    assert owner.get("/v1/team/members").json["data"] == []
    assert owner.account not in str(admin.get("/v1/account/me").json["teams"])

    entries = audit_of(owner)[:3]
    assert entries[0]["action"] == "team.member_removed" and entries[0]["target_resource_id"] == membership["id"]
    assert sorted(entries[0]["payload"]["revoked_api_key_ids"]) == sorted([first["id"], second["id"]])
    assert {(entry["action"], entry["target_resource_id"]) for entry in entries[1:]} == {("api_key.revoked", first["id"]), ("api_key.revoked", second["id"])}
    for path in (membership["id"], f"mem_{uuid.uuid4()}", "nonsense"):
        assert_problem(owner.delete(f"/v1/team/members/{path}"), 404, "not-found")

    again = join(server, owner, admin, "member")
    assert owner.delete(f"/v1/team/members/{again['id']}").status == 204
    assert audit_of(owner)[0]["payload"] == {"revoked_api_key_ids": []}


def test_a_key_that_is_made_while_its_maker_is_removed_does_not_outlive_the_membership(server, owner, people):
    admin = people[0]
    for _ in range(2):
        membership = join(server, owner, admin, "admin")
        token = admin.key

        def mint(number):
            return server.client(key=token).post("/v1/api-keys", {"name": f"k{number}", "scopes": ["read"]}, headers=acting_for(owner))

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            minting = [pool.submit(mint, number) for number in range(8)]
            concurrent.futures.wait(minting, return_when=concurrent.futures.FIRST_COMPLETED)
            assert owner.delete(f"/v1/team/members/{membership['id']}").status == 204
        answers = [future.result() for future in minting]
        assert {answer.status for answer in answers} <= {201, 403} and 201 in {answer.status for answer in answers}
        for key in owner.get("/v1/api-keys").json["data"]:
            assert key["revoked_at"] is not None, key


def test_deleting_an_account_ends_its_memberships_and_what_it_made_for_others(server, visitor, owner, people):
    leaver = make_person(server, visitor)
    join(server, owner, leaver, "admin")
    join(server, leaver, people[0], "member")
    pending = invite(server, leaver, people[1].address)
    made = leaver.post("/v1/api-keys", {"name": "made", "scopes": ["read"]}, headers=acting_for(owner)).json
    user = server.client(key=made["plaintext"])
    assert user.get("/v1/whoami").status == 200
    assert leaver.request("DELETE", "/v1/account/me", body={"confirm": "delete-account", "password": PASSWORD}).status == 204

    assert_problem(user.get("/v1/whoami"), 401, "revoked-key")
    assert owner.get("/v1/team/members").json["data"] == []
    assert_problem(people[0].get("/v1/api-keys", headers=acting_for(leaver)), 403, "forbidden")
    assert leaver.account not in str(people[0].get("/v1/account/me").json["teams"])
    assert_problem(accept(people[1], pending), 400, "invalid-auth-token")
    entries = audit_of(owner)
    removed = next(entry for entry in entries if entry["action"] == "team.member_removed")
    assert removed["payload"] == {"revoked_api_key_ids": [made["id"]]} and removed["actor_account_id"] == leaver.account


def test_what_a_member_of_two_teams_does_stays_in_the_team_that_was_named(server, visitor, owner, people):
    other, admin = make_person(server, visitor), people[0]
    join(server, owner, admin, "admin")
    join(server, other, admin, "member")
    key = admin.post("/v1/api-keys", {"name": "x", "scopes": ["read"]}, headers=acting_for(owner)).json["id"]
    assert_problem(admin.delete(f"/v1/api-keys/{key}"), 404, "not-found")
    assert_problem(admin.delete(f"/v1/api-keys/{key}", headers=acting_for(other)), 403, "forbidden")
    assert key not in admin.get("/v1/api-keys", headers=acting_for(other)).body.decode()
    assert admin.delete(f"/v1/api-keys/{key}", headers=acting_for(owner)).status == 204
