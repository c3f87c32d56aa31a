"""Fixtures of the black-box tests. DRIFTSTACK_TEST_DATABASE chooses the engine: sqlite (default) or postgres."""
import os
import pathlib
import shutil

import pytest

import outbox
import pages_server
import server as driftstack

DATABASE = os.environ.get("DRIFTSTACK_TEST_DATABASE", "sqlite")


@pytest.fixture(scope="session")
def postgres():
    if DATABASE != "postgres":
        yield None
        return
    cluster = driftstack.PostgreSQL()
    yield cluster
    cluster.stop()


@pytest.fixture(scope="session")
def site():
    apps = pathlib.Path(__file__).resolve().parents[1] / "single_page_apps/node_modules/todomvc"
    site = pages_server.Site(more_roots=["/usr/share/doc/debian", apps])
    yield site
    site.stop()


@pytest.fixture(scope="session")
def make_server(postgres, site):
    """make_server(settings...) starts a server on a store of its own; all are stopped at the end."""
    made = []

    def make(*settings, start=True, egress=True, **options):
        url = postgres.new_database() if postgres else None
        allow = [f'plugins.browser-webkit.egress_allow=["127.0.0.1:{site.port}"]'] if egress else []
        one = driftstack.Server([*allow, *settings], database=DATABASE, database_url=url, **options)
        made.append(one)
        return one.start() if start else one

    yield make
    for one in made:
        if one.process and one.process.poll() is None:
            one.stop()
        one.remove()


@pytest.fixture(scope="session")
def shared_server(make_server):
    """One server for all tests that do not disturb others. Its buckets are large enough for every test together."""
    return make_server("plugins.rate-limit-memory.address_per_minute.public=100000", "plugins.rate-limit-memory.address_per_minute.auth_failure=100000",
                       "plugins.rate-limit-memory.address_per_minute.signup=1000", "plugins.rate-limit-memory.address_per_minute.token=1000",
                       "plugins.rate-limit-memory.tiers.free.global_capacity=100000", "plugins.rate-limit-memory.tiers.free.sessions_create_capacity=100",
                       "plugins.identity.tiers.free.api_access=true")


@pytest.fixture
def client(shared_server):
    client = shared_server.client()
    yield client
    client.close()


@pytest.fixture
def anonymous(shared_server):
    client = shared_server.client(key=None)
    yield client
    client.close()


def sign_up(server, address):
    """A client that is signed in to a new account."""
    visitor = server.client(key=None)
    assert visitor.post("/v1/auth/signup", {"email": address, "password": "correct horse battery"}).status == 200
    token = outbox.token_in(outbox.wait_for_mail(server, address, "signup-verification"))
    return server.client(key=visitor.post("/v1/auth/verify-email", {"token": token}).json["session"]["token"])


@pytest.fixture(scope="session")
def stranger(shared_server):
    """A second account of the shared server, signed in: somebody who owns nothing of the first."""
    client = sign_up(shared_server, "stranger@example.com")
    yield client
    client.close()


@pytest.fixture(scope="session")
def teammates(shared_server, stranger):
    """By role in the first account's team: clients that are signed in to accounts of their own. The stranger has none."""
    clients = {None: stranger}
    for role in ("admin", "member"):
        address = f"{role}@example.com"
        clients[role] = sign_up(shared_server, address)
        assert shared_server.client().post("/v1/team/invites", {"email": address, "role": role}).status == 202
        token = outbox.token_in(outbox.wait_for_mail(shared_server, address, "team-invite"))
        assert clients[role].post("/v1/team/invites/accept", {"token": token}).status == 200
    yield clients
    for role in ("admin", "member"):
        clients[role].close()


@pytest.fixture
def new_key(client):
    """new_key(scopes...) mints a key of the shared account and answers its plaintext."""
    def mint(*scopes, name="test"):
        answer = client.post("/v1/api-keys", {"name": name, "scopes": list(scopes)})
        assert answer.status == 201, answer.body
        return answer.json["plaintext"]
    return mint


@pytest.fixture
def session(client):
    """A browser session that is destroyed after the test."""
    answer = client.post("/v1/sessions", {})
    assert answer.status == 201, answer.body
    yield answer.json["id"]
    client.delete(f"/v1/sessions/{answer.json['id']}")


def has_postgres():
    return shutil.which("psql") is not None
