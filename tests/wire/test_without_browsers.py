"""A server without a browser backend: what needs one says so before anything is looked up (sessions.md 4.10, 13 item 14)."""
import pytest

from test_transport import assert_problem

UNKNOWN = "/v1/sessions/ses_00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def client(make_server):
    return make_server('roles.browser_backend=""', egress=False).client()


@pytest.mark.parametrize("path,body", [(UNKNOWN + "/search", {"query": "q"}), (UNKNOWN + "/login", {"username": "u", "password": "p"}), ("/v1/sessions", {})])
def test_what_needs_a_browser_is_not_integrated_even_for_an_unknown_session(client, path, body):
    assert_problem(client.post(path, body), 503, "driver-not-integrated")


def test_records_are_read_all_the_same(client):
    assert client.get("/v1/sessions").json["data"] == []
    assert_problem(client.get(UNKNOWN), 404, "not-found")
    assert_problem(client.get("/v1/archetypes"), 503, "driver-not-integrated")
