"""sessions.md 7.1, 7.10, 7.15: a profile keeps its browser state, whatever happens to the server; nothing else keeps any."""
import pathlib
import shutil
import tempfile
import threading
import uuid

import pytest

from server import wait_until

NAME = "Ada Lovelace"


class Visitor:
    """A session that goes about the site as a person would."""

    def __init__(self, client, site, profile=None):
        self.client, self.site = client, site
        answer = client.post(f"/v1/profiles/{profile}/launch") if profile else client.post("/v1/sessions", {})
        assert answer.status == 201, answer.body
        self.id = answer.json["id"]

    def go(self, path):
        answer = self.client.post(f"/v1/sessions/{self.id}/navigate", {"url": self.site.url(path)})
        assert answer.status == 200, answer.body

    def act(self, **action):
        answer = self.client.post(f"/v1/sessions/{self.id}/interact", {"action": action})
        assert answer.status == 200, answer.body

    def wait_for(self, selector):
        answer = self.client.post(f"/v1/sessions/{self.id}/wait", {"condition": {"kind": "selector", "selector": selector}, "timeout_ms": 20000})
        assert answer.json["satisfied"], answer.body

    def text(self, selector):
        answer = self.client.post(f"/v1/sessions/{self.id}/extract", {"extractions": [{"name": "it", "selector": selector, "type": "text"}]})
        return answer.json["value"]["it"]

    def log_in(self, name=NAME):
        self.go("/account")
        self.act(kind="type", selector="#name", text=name)
        self.act(kind="tap", selector="button")
        self.wait_for("#hello")

    def greeting(self):
        self.go("/account")
        return self.text("#hello")

    def noise(self, add=0):
        """Megabytes of noise that the site's database holds."""
        self.go(f"/store.html?add={add}")
        self.wait_for("#done")
        return int(self.text("#there"))

    def leave(self):
        assert self.client.delete(f"/v1/sessions/{self.id}").status == 204


def make_profile(client):
    answer = client.post("/v1/profiles", {"name": "p" + uuid.uuid4().hex})
    assert answer.status == 200, answer.body
    return answer.json["id"]


def states(server):
    return sorted((server.data / "plugins" / "sessions" / "profiles").iterdir())


def sealed(server, site):
    """That no secret of the site stands anywhere in the data directory."""
    secrets = [token.encode() for token in site.logins]
    return not any(secret in file.read_bytes() for file in server.data.rglob("*") if file.is_file() for secret in secrets)


@pytest.fixture(scope="module")
def runtime():
    """Where the sessions of the module's own server keep their files while they live."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="driftstack-wire-run-", dir="/dev/shm"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def server(make_server, runtime):
    return make_server(f'plugins.browser-webkit.runtime_directory="{runtime}"')


@pytest.fixture
def client(server):
    client = server.client()
    yield client
    client.close()


def test_a_login_survives_on_its_profile_and_nowhere_else(client, server, site):
    profile = make_profile(client)
    first = Visitor(client, site, profile)
    assert first.greeting() is None
    first.log_in()
    first.leave()
    shown = client.get(f"/v1/profiles/{profile}").json
    assert shown["size_bytes"] > 0 and shown["last_saved_at"] and shown["last_used_at"]
    assert sealed(server, site)

    second = Visitor(client, site, profile)
    assert second.greeting() == f"Hello {NAME}"
    second.leave()

    for other in (Visitor(client, site), Visitor(client, site, make_profile(client))):
        assert other.greeting() is None
        other.leave()


def test_a_session_without_a_profile_keeps_nothing(client, server, site):
    before = states(server)
    first = Visitor(client, site)
    first.log_in()
    assert first.greeting() == f"Hello {NAME}"
    first.leave()
    second = Visitor(client, site)
    assert second.greeting() is None
    second.leave()
    assert states(server) == before


def test_a_clone_begins_logged_out_and_a_purged_profile_is_gone_from_disk(client, server, site):
    profile = make_profile(client)
    first = Visitor(client, site, profile)
    first.log_in()
    first.leave()
    clone = client.post(f"/v1/profiles/{profile}/clone").json
    assert clone["size_bytes"] is None
    other = Visitor(client, site, clone["id"])
    assert other.greeting() is None
    other.leave()

    mine = [file for file in states(server) if profile.removeprefix("prof_") in file.name]
    assert len(mine) == 1
    assert client.delete(f"/v1/profiles/{profile}").status == 204
    assert client.delete(f"/v1/profiles/{profile}/purge").status == 204
    assert not mine[0].exists()


def test_trim_keeps_the_login(client, site):
    profile = make_profile(client)
    assert client.post(f"/v1/profiles/{profile}/trim").json["status"] == "unavailable"
    first = Visitor(client, site, profile)
    first.log_in()
    unavailable = client.post(f"/v1/profiles/{profile}/trim").json
    assert unavailable["status"] == "unavailable" and set(unavailable) == {"status", "reason"}
    first.leave()
    trimmed = client.post(f"/v1/profiles/{profile}/trim")
    assert trimmed.status == 200 and set(trimmed.json) == {"status", "size_bytes", "bytes_reclaimed"}, trimmed.body
    assert client.get(f"/v1/profiles/{profile}").json["size_bytes"] == trimmed.json["size_bytes"]
    second = Visitor(client, site, profile)
    assert second.greeting() == f"Hello {NAME}"
    second.leave()


def test_a_login_survives_a_restart_and_a_server_that_is_killed_keeps_the_state_of_before(server, site, runtime):
    client = server.client()
    profile = make_profile(client)
    first = Visitor(client, site, profile)
    first.log_in()
    first.leave()
    server.restart()
    client = server.client()
    second = Visitor(client, site, profile)
    assert second.greeting() == f"Hello {NAME}"
    kept = states(server)

    # In the middle of a session, with a state that is not saved yet.
    assert second.noise(add=1) == 1
    server.kill()
    server.start()
    client = server.client()
    assert states(server) == kept
    third = Visitor(client, site, profile)
    assert third.greeting() == f"Hello {NAME}"
    assert third.noise(add=48) == 48

    # In the middle of a save: the new file is there, and neither whole nor current.
    folder = kept[0].parent
    leaving = threading.Thread(target=lambda: server.client().request("DELETE", f"/v1/sessions/{third.id}"), daemon=True)
    threading.excepthook, before = (lambda _: None), threading.excepthook  # the request is cut off
    leaving.start()
    wait_until(lambda: list(folder.glob("*.new")), 30, "a state that is being written")
    server.kill()
    leaving.join(30)
    threading.excepthook = before
    server.start()
    client = server.client()
    assert states(server) == kept
    assert len([folder for folder in runtime.iterdir()]) == 1  # that of the running server
    fourth = Visitor(client, site, profile)
    assert fourth.greeting() == f"Hello {NAME}"
    assert fourth.noise() == 0
    fourth.leave()
    assert sealed(server, site)
