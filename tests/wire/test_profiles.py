"""sessions.md 7 and 8 and the conformance list of section 13, items 15 to 18 and 22."""
import uuid

import pytest

from test_transport import assert_problem

PROFILE_KEYS = {"id", "name", "archetype", "description", "folder", "tags", "icon", "note", "last_used_at", "size_bytes", "last_saved_at", "created_at",
                "updated_at", "deleted_at", "notes", "default_proxy_id", "proxy_choice", "geolocation", "stop_on_exit_ip_change", "revision"}
NOBODY = "prof_" + str(uuid.uuid4())


def remove(client, profile):
    assert client.delete(f"/v1/profiles/{profile}").status == 204
    assert client.delete(f"/v1/profiles/{profile}/purge").status in (204, 404)


@pytest.fixture
def make_profile(client):
    """make_profile(name, **fields) makes a profile that is purged after the test."""
    made = []

    def make(name=None, **fields):
        answer = client.post("/v1/profiles", {"name": name or "p" + uuid.uuid4().hex, **fields})
        assert answer.status == 200, answer.body
        made.append(answer.json["id"])
        return answer.json

    yield make
    for profile in made:
        remove(client, profile)


def audit_actions(client, profile):
    rows = client.get(f"/v1/account/audit-log?limit=100&target_resource_id=profile_{profile.removeprefix('prof_')}").json["data"]
    return [row["action"] for row in reversed(rows)]


# ---------------------------------------------------------------- create, read, edit

def test_create_answers_the_whole_profile_with_200(client, make_profile):
    name = "Work " + uuid.uuid4().hex
    profile = make_profile("  " + name + " ", description="d", folder=" f ", tags=["a", " b "], icon="x", note="n",
                           geolocation={"latitude": 52.5, "longitude": 13.4})
    assert set(profile) == PROFILE_KEYS
    assert profile["name"] == name and profile["folder"] == "f" and profile["tags"] == ["a", "b"]
    assert profile["archetype"] == client.get("/v1/archetypes").json["default_archetype_id"]
    assert profile["revision"] == 1 and profile["proxy_choice"] == "unset" and profile["geolocation"] == {"latitude": 52.5, "longitude": 13.4}
    for key in ("last_used_at", "size_bytes", "last_saved_at", "deleted_at", "notes", "default_proxy_id"):
        assert profile[key] is None
    assert client.get(f"/v1/profiles/{profile['id']}").json == profile
    assert client.get(f"/v1/profiles/{profile['id'].removeprefix('prof_').upper()}").json == profile
    assert profile in client.get("/v1/profiles?limit=100").json["data"]


@pytest.mark.parametrize("body", [
    {}, {"name": ""}, {"name": " "}, {"name": "-a"}, {"name": "a."}, {"name": "a(b)"}, {"name": "x" * 121}, {"name": None}, {"name": 5},
    {"name": "ok", "description": "x" * 2049}, {"name": "ok", "folder": ""}, {"name": "ok", "folder": "x" * 33}, {"name": "ok", "tags": ["a"] * 13},
    {"name": "ok", "tags": ["a", "a"]}, {"name": "ok", "tags": ["a", " a "]}, {"name": "ok", "tags": [""]}, {"name": "ok", "tags": ["x" * 25]},
    {"name": "ok", "icon": "x" * 17}, {"name": "ok", "note": "x" * 281}, {"name": "ok", "archetype": "nokia_3310"},
    {"name": "ok", "geolocation": {"latitude": 91, "longitude": 0}}, {"name": "ok", "geolocation": {"latitude": 1}}])
def test_create_refuses_what_is_out_of_bounds(client, body):
    assert_problem(client.post("/v1/profiles", body), 400, "validation-failed")


def test_create_accepts_everything_at_its_bound(make_profile):
    profile = make_profile("x" + uuid.uuid4().hex + "y" * 87, description="x" * 2048, folder="x" * 32, tags=[str(i) * 12 for i in range(12)],
                           icon="x" * 16, note="x" * 280)
    assert len(profile["name"]) == 120 and len(profile["tags"]) == 12


def test_unknown_proxies_do_not_exist(client, make_profile):
    for proxy in (str(uuid.uuid4()), "nonsense"):
        assert_problem(client.post("/v1/profiles", {"name": "p" + uuid.uuid4().hex, "default_proxy_id": proxy}), 404, "not-found")
        assert_problem(client.patch(f"/v1/profiles/{make_profile()['id']}", {"default_proxy_id": proxy}), 404, "not-found")


def test_names_are_unique_among_live_profiles_and_compared_exactly(client, make_profile):
    profile = make_profile()
    assert_problem(client.post("/v1/profiles", {"name": profile["name"]}), 409, "conflict")
    assert_problem(client.patch(f"/v1/profiles/{make_profile()['id']}", {"name": profile["name"]}), 409, "conflict")
    make_profile(profile["name"].upper())


def test_edit_changes_what_is_sent_and_counts(client, make_profile):
    profile = make_profile(description="d", folder="f", icon="i", note="n", tags=["a"])
    path = f"/v1/profiles/{profile['id']}"
    assert client.patch(path, {}).json == profile
    assert client.patch(path, {"archetype": "other_thing", "id": "x"}).json == profile
    edited = client.patch(path, {"description": "", "folder": None, "icon": None, "note": "", "tags": [], "notes": "long", "expected_revision": 1})
    assert edited.status == 200
    assert [edited.json[key] for key in ("description", "folder", "icon", "note", "tags", "notes", "revision")] == ["", None, None, "", [], "long", 2]
    stale = client.patch(path, {"note": "late", "expected_revision": 1})
    assert_problem(stale, 409, "conflict")
    assert stale.json["code"] == "stale_revision" and stale.json["current_revision"] == 2
    assert client.get(path).json == edited.json
    detached = client.patch(path, {"proxy_choice": "detached"}).json
    assert detached["proxy_choice"] == "detached" and detached["revision"] == 3
    assert client.patch(path, {"default_proxy_id": None}).json["proxy_choice"] == "unset"
    for body in ({"name": None}, {"name": ""}, {"folder": ""}, {"tags": None}, {"tags": ["a", "a"]}, {"notes": "\u00e4" * 8193}, {"proxy_choice": "bound"},
                 {"proxy_choice": "detached", "default_proxy_id": None}, {"expected_revision": "1"}):
        assert_problem(client.patch(path, body), 400, "validation-failed")
    assert client.patch(path, {"notes": "\u00e4" * 8192}).status == 200
    for nobody in (NOBODY, "prof_x"):
        assert_problem(client.patch(f"/v1/profiles/{nobody}", {"note": "x"}), 404, "not-found")
        assert_problem(client.get(f"/v1/profiles/{nobody}"), 404, "not-found")
    assert audit_actions(client, profile["id"]) == ["profile.created"]


def test_a_keyed_create_makes_one_profile(client, make_profile):
    name, key = "p" + uuid.uuid4().hex, uuid.uuid4().hex
    first = client.post("/v1/profiles", {"name": name}, headers={"Idempotency-Key": key})
    again = client.post("/v1/profiles", {"name": name}, headers={"Idempotency-Key": key})
    assert first.status == again.status == 200 and first.body == again.body and again.header("Idempotent-Replayed") == "1"
    remove(client, first.json["id"])


def test_pages_of_profiles(client, make_profile):
    made = [make_profile()["id"] for _ in range(3)]
    seen, cursor = [], None
    for _ in range(3):
        page = client.get("/v1/profiles?limit=1" + (f"&cursor={cursor}" if cursor else "")).json
        seen.append(page["data"][0]["id"])
        assert page["next_cursor"] != cursor
        cursor = page["next_cursor"]
    assert seen == made[::-1]
    for query in ("limit=0", "limit=101", "cursor=x"):
        assert_problem(client.get(f"/v1/profiles?{query}"), 400, "validation-failed")


# ---------------------------------------------------------------- 16: trash, restore, purge

def test_the_trash_frees_the_name_and_purging_is_for_good(client, make_profile):
    profile = make_profile()
    path = f"/v1/profiles/{profile['id']}"
    assert_problem(client.delete(path + "/purge"), 404, "not-found")
    assert_problem(client.post(path + "/restore"), 404, "not-found")
    for _ in range(2):
        assert client.delete(path).status == 204
    assert_problem(client.get(path), 404, "not-found")
    trash = client.get("/v1/profiles/trash").json
    assert set(trash) == {"data"} and trash["data"][0]["id"] == profile["id"] and trash["data"][0]["deleted_at"]
    namesake = make_profile(profile["name"])
    assert_problem(client.post(path + "/restore"), 409, "conflict")
    remove(client, namesake["id"])
    restored = client.post(path + "/restore")
    assert restored.status == 200 and restored.json["deleted_at"] is None and restored.json["id"] == profile["id"]
    assert client.delete(path).status == 204
    assert client.delete(path + "/purge").status == 204
    assert_problem(client.delete(path + "/purge"), 404, "not-found")
    assert_problem(client.post(path + "/restore"), 404, "not-found")
    assert client.delete(path).status == 204
    assert audit_actions(client, profile["id"]) == ["profile.created", "profile.deleted", "profile.restored", "profile.deleted", "profile.purged"]
    assert client.delete(f"/v1/profiles/{NOBODY}").status == 204
    assert_problem(client.delete("/v1/profiles/prof_x"), 404, "not-found")


def test_account_shows_how_many_profiles_there_are(client, make_profile):
    before = client.get("/v1/account/me").json["profile_count"]
    profile = make_profile()
    assert client.get("/v1/account/me").json["profile_count"] == before + 1
    client.delete(f"/v1/profiles/{profile['id']}")
    assert client.get("/v1/account/me").json["profile_count"] == before + 1


# ---------------------------------------------------------------- organization

def test_organization_is_replaced_as_a_whole(client):
    path = "/v1/account/me/organization"
    assert client.request("PUT", path, {}).json == {"folders": [], "tags": []}
    wanted = {"folders": [{"name": "A", "icon": "i"}, {"name": "B"}], "tags": ["x", "y"]}
    assert client.request("PUT", path, wanted).json == wanted
    assert client.get(path).json == wanted
    for body in ({"folders": [{"name": "A"}, {"name": " A"}]}, {"tags": ["x", "x"]}, {"folders": [{}]}, {"tags": ["x" * 25]}, {"folders": [{"name": ""}]},
                 {"tags": [str(i) for i in range(201)]}, {"folders": [{"name": str(i)} for i in range(201)]}):
        assert_problem(client.request("PUT", path, body), 400, "validation-failed")
    assert client.get(path).json == wanted
    assert client.request("PUT", path, {"tags": ["z"]}).json == {"folders": [], "tags": ["z"]}


def test_scopes_of_profiles(client, new_key, shared_server, make_profile):
    profile = make_profile()["id"]
    reader, writer = shared_server.client(new_key("read:profiles")), shared_server.client(new_key("write:profiles"))
    assert reader.get(f"/v1/profiles/{profile}").status == 200 and reader.get("/v1/account/me/organization").status == 200
    for refused in (reader.post("/v1/profiles", {"name": "x"}), reader.delete(f"/v1/profiles/{profile}"), writer.get("/v1/profiles"),
                    reader.request("PUT", "/v1/account/me/organization", {})):
        assert_problem(refused, 403, "forbidden")
    assert writer.patch(f"/v1/profiles/{profile}", {"note": "x"}).status == 200
    reader.close()
    writer.close()


# ---------------------------------------------------------------- 15: sessions on a profile

def test_a_profile_has_one_live_session(client, make_profile):
    profile = make_profile()
    path = f"/v1/profiles/{profile['id']}/launch"
    launched = client.post(path)
    assert launched.status == 201, launched.body
    session = launched.json
    assert session["status"] == "ready" and session["archetype"] == profile["archetype"]
    assert session["metadata"] == {"profile_id": profile["id"], "profile_name": profile["name"]}
    for second in (client.post(path, {"label": "x"}), client.post("/v1/sessions", {"profile_id": profile["id"]})):
        assert_problem(second, 409, "profile-in-use")
        assert second.json["active_session_id"] == session["id"]
    assert client.get(f"/v1/profiles/{profile['id']}").json["last_used_at"]
    assert client.delete(f"/v1/sessions/{session['id']}").status == 204
    again = client.post("/v1/sessions", {"profile_id": profile["id"], "metadata": {"k": 1}, "label": "l"})
    assert again.status == 201 and again.json["metadata"]["k"] == 1 and again.json["label"] == "l"
    client.delete(f"/v1/sessions/{again.json['id']}")


def test_launch_is_strict_and_checks_its_body_first(client, make_profile):
    assert_problem(client.post(f"/v1/profiles/{NOBODY}/launch", {"proxy": {}}), 400, "bad-request")
    assert_problem(client.post(f"/v1/profiles/{NOBODY}/launch", {"archetype": "x"}), 400, "validation-failed")
    assert_problem(client.post(f"/v1/profiles/{NOBODY}/launch"), 404, "not-found")
    trashed = make_profile()["id"]
    client.delete(f"/v1/profiles/{trashed}")
    assert_problem(client.post(f"/v1/profiles/{trashed}/launch"), 404, "not-found")
    detached = make_profile()["id"]
    client.patch(f"/v1/profiles/{detached}", {"proxy_choice": "detached"})
    assert_problem(client.post(f"/v1/profiles/{detached}/launch"), 409, "conflict")


def test_activity_is_empty(client, make_profile):
    assert client.get(f"/v1/profiles/{make_profile()['id']}/activity").json == {
        "data": [], "sessions_scanned": 0, "truncated": False, "pages_withheld": False}
    assert_problem(client.get(f"/v1/profiles/{NOBODY}/activity"), 404, "not-found")


# ---------------------------------------------------------------- 17: clone, export, import

def test_clones_without_a_name_are_numbered(client, make_profile):
    source = make_profile(description="d", folder="f", note="n")
    made = [client.post(f"/v1/profiles/{source['id']}/clone", body) for body in (None, {}, {})]
    assert [one.status for one in made] == [200] * 3
    assert [one.json["name"] for one in made] == [source["name"] + suffix for suffix in (" (copy)", " (copy 2)", " (copy 3)")]
    assert [made[0].json[key] for key in ("archetype", "description", "folder", "note", "size_bytes")] == [source["archetype"], "d", None, None, None]
    named = client.post(f"/v1/profiles/{source['id']}/clone", {"name": "c" + uuid.uuid4().hex})
    assert named.status == 200
    assert_problem(client.post(f"/v1/profiles/{source['id']}/clone", {"name": named.json["name"]}), 409, "conflict")
    assert_problem(client.post(f"/v1/profiles/{source['id']}/clone", {"name": "a(b)"}), 400, "validation-failed")
    assert_problem(client.post(f"/v1/profiles/{NOBODY}/clone"), 404, "not-found")
    row = client.get(f"/v1/account/audit-log?target_resource_id=profile_{made[0].json['id'].removeprefix('prof_')}").json["data"][0]
    assert row["payload"]["cloned_from"] == "profile_" + source["id"].removeprefix("prof_")
    for one in [*made, named]:
        remove(client, one.json["id"])


def test_an_export_comes_back_as_a_new_profile_with_the_same_record(client, make_profile):
    source = make_profile(description="d")
    client.patch(f"/v1/profiles/{source['id']}", {"notes": "long"})
    exported = client.get(f"/v1/profiles/{source['id']}/export")
    assert exported.status == 200
    envelope = exported.json
    assert set(envelope) == {"version", "exported_at", "source_profile_id", "source_account_id", "profile"} and envelope["version"] == 1
    assert envelope["profile"] == {"name": source["name"], "archetype": source["archetype"], "description": "d", "notes": "long"}
    assert_problem(client.post("/v1/profiles/import", {"envelope": envelope}), 409, "conflict")
    imported = client.post("/v1/profiles/import", {"envelope": envelope, "name_override": "i" + uuid.uuid4().hex})
    assert imported.status == 200 and imported.json["id"] != source["id"]
    again = client.get(f"/v1/profiles/{imported.json['id']}/export").json["profile"]
    assert {**again, "name": source["name"]} == envelope["profile"]
    remove(client, imported.json["id"])
    for broken in ({**envelope, "version": 2}, {**envelope, "profile": {**envelope["profile"], "archetype": "gone"}}, {},
                   {**envelope, "profile": {k: v for k, v in envelope["profile"].items() if k != "description"}},
                   {**envelope, "profile": {**envelope["profile"], "name": "a (copy)"}}):
        assert_problem(client.post("/v1/profiles/import", {"envelope": broken}), 400, "validation-failed")
    assert "profile.exported" in audit_actions(client, source["id"])
    assert audit_actions(client, imported.json["id"])[0] == "profile.imported"
    assert_problem(client.get(f"/v1/profiles/{NOBODY}/export"), 404, "not-found")


# ---------------------------------------------------------------- 18: snapshots

def test_a_snapshot_outlives_its_profile(client, make_profile):
    profile = make_profile(description="of the profile")
    path = f"/v1/profiles/{profile['id']}/snapshots"
    taken = client.post(path, {"label": " l ", "description": "d"})
    assert taken.status == 201
    snapshot = taken.json
    assert snapshot["id"].startswith("psnap_") and snapshot["label"] == "l" and snapshot["parent_profile_id"] == profile["id"]
    assert snapshot["parent_name"] == profile["name"] and snapshot["parent_archetype"] == profile["archetype"]
    assert snapshot["created_at"] and snapshot["captured_at"]
    one = f"/v1/profile-snapshots/{snapshot['id']}"
    assert client.get(one).json == snapshot and client.get(path).json["data"] == [snapshot]
    assert client.get("/v1/profile-snapshots").json["data"][0] == snapshot
    for body in ({}, {"label": " "}, {"label": "x" * 121}, {"label": "x", "description": "x" * 2049}):
        assert_problem(client.post(path, body), 400, "validation-failed")
    client.delete(f"/v1/profiles/{profile['id']}")
    assert client.get(one).json["parent_profile_id"] == profile["id"]
    assert_problem(client.post(path, {"label": "late"}), 404, "not-found")
    assert_problem(client.get(path), 404, "not-found")
    client.delete(f"/v1/profiles/{profile['id']}/purge")
    assert client.get(one).json == {**snapshot, "parent_profile_id": None}
    restored = client.post(one + "/restore", {"name": profile["name"]})
    assert restored.status == 200 and restored.json["archetype"] == profile["archetype"] and restored.json["description"] == "d"
    assert_problem(client.post(one + "/restore", {"name": profile["name"]}), 409, "conflict")
    assert_problem(client.post(one + "/restore", {}), 400, "validation-failed")
    remove(client, restored.json["id"])
    assert client.delete(one).status == 204
    for answer in (client.delete(one), client.get(one), client.post(one + "/restore", {"name": "x"}), client.get("/v1/profile-snapshots/x")):
        assert_problem(answer, 404, "not-found")


def test_pages_of_snapshots(client, make_profile):
    path = f"/v1/profiles/{make_profile()['id']}/snapshots"
    made = [client.post(path, {"label": str(i)}).json["id"] for i in range(3)]
    seen, cursor = [], None
    for _ in range(3):
        page = client.get(path + "?limit=1" + (f"&cursor={cursor}" if cursor else "")).json
        seen.append(page["data"][0]["id"])
        cursor = page["next_cursor"]
    assert seen == made[::-1] and cursor is None
    for snapshot in made:
        client.delete(f"/v1/profile-snapshots/{snapshot}")
