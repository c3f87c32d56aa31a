"""Which containment the machine permits, and what the server makes of it. The servers here run as an ordinary user."""
import os
import shutil

import pytest

import server as driftstack
from test_transport import assert_problem

AS_USER = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else []
needs_sandbox = pytest.mark.skipif(not driftstack.SANDBOX_WORKS, reason="this machine permits no namespaces, so none can be taken away")
# A user namespace in which no further one can be made.
WITHOUT_NAMESPACES = ["unshare", "--user", "--map-current-user", "--keep-caps", "sh", "-c",
                      'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"', "sh"]


@pytest.fixture
def as_user(site):
    made = []

    def make(*settings, prefix=()):
        one = driftstack.Server([f'plugins.browser-webkit.egress_allow=["127.0.0.1:{site.port}"]', "plugins.browser-webkit.warm_sessions=0", *settings],
                                prefix=[*AS_USER, *prefix])
        if AS_USER:
            shutil.chown(one.data, "nobody", "nogroup")
        made.append(one)
        return one.start()

    yield make
    for one in made:
        one.stop()
        one.remove()


@needs_sandbox
def test_a_server_that_is_no_root_contains_its_sessions(as_user, site):
    server = as_user()
    client = server.client()
    session = client.post("/v1/sessions", {})
    assert session.status == 201, session.body
    at = f"/v1/sessions/{session.json['id']}"
    assert client.post(f"{at}/navigate", {"url": site.url("/cookie")}).status == 200
    assert_problem(client.post(f"{at}/navigate", {"url": f"http://127.0.0.1:{server.port}/health"}), 502, "driver-error")
    client.close()


@needs_sandbox
def test_without_namespaces_sessions_are_refused_and_the_answer_says_what_is_missing(as_user):
    server = as_user('plugins.browser-webkit.sandbox="on"', prefix=WITHOUT_NAMESPACES)
    client = server.client()
    refused = client.post("/v1/sessions", {})
    assert_problem(refused, 503, "driver-not-integrated")
    assert "namespaces" in refused.json["detail"] and "bubblewrap" in refused.json["detail"]
    assert client.get("/v1/sessions").json["data"][0]["status"] == "errored"
    assert "their sandbox is missing" in server.error_text() + server.log_text()
    client.close()


@needs_sandbox
def test_with_the_sandbox_switched_off_they_run_and_every_start_says_so(as_user, site):
    server = as_user('plugins.browser-webkit.sandbox="off"', prefix=WITHOUT_NAMESPACES)
    client = server.client()
    session = client.post("/v1/sessions", {})
    assert session.status == 201, session.body
    at = f"/v1/sessions/{session.json['id']}"
    assert client.post(f"{at}/navigate", {"url": site.url("/cookie")}).status == 200
    # Pages are still held to the guarded way out.
    assert_problem(client.post(f"{at}/navigate", {"url": f"http://127.0.0.1:{server.port}/health"}), 502, "driver-error")
    assert client.delete(at).status == 204
    assert 'sandbox = \\"off\\"' in server.error_text() + server.log_text() or 'sandbox = "off"' in server.error_text() + server.log_text()
    client.close()
