"""kill -9 of the server, of a session's process and of its web process, in every state of a session: the slot and the profile are free, the
session has one end that stays, no process runs on and no file is left."""
import os
import pathlib
import shutil
import signal
import tempfile
import threading

import pytest

from server import wait_until
from test_durability import alive, audit_verify, descendants
from test_profile_state import NAME, Visitor, make_profile
from test_transport import assert_problem

SESSION, WEB = "driftstack-webkit-session", "WebKitWebProcess"
MOST_COMM = 15  # what the kernel keeps of a name (proc(5), /proc/pid/comm)


@pytest.fixture(scope="module")
def runtime():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="driftstack-wire-kill-", dir="/dev/shm"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def server(make_server, runtime):
    """Room for one session, and no browser but its own."""
    return make_server("plugins.browser-webkit.warm_sessions=0", "plugins.identity.tiers.enterprise.concurrent_sessions=1",
                       f'plugins.browser-webkit.runtime_directory="{runtime}"')


@pytest.fixture(scope="module")
def profile(server, site):
    """A profile with a login in its state."""
    client = server.client()
    profile = make_profile(client)
    visitor = Visitor(client, site, profile)
    visitor.log_in()
    visitor.leave()
    return profile


def in_background(work):
    outcome = []

    def run():
        try:
            outcome.append(work())
        except OSError:
            outcome.append(None)  # the server went away

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread, outcome


def process_of(server, name):
    for process in descendants(server):
        try:
            if pathlib.Path(f"/proc/{process}/comm").read_text().strip() == name[:MOST_COMM]:
                return process
        except OSError:
            pass
    return None


def kill(server, victim):
    """Kills it, and answers what ran below the server."""
    tree = descendants(server)
    if victim == "server":
        server.kill()
    else:
        os.kill(process_of(server, victim), signal.SIGKILL)
    return tree


def check_after(server, runtime, site, profile, session, tree, status="errored"):
    wait_until(lambda: not alive(tree), 10, "the end of every process")
    if server.process.poll() is not None:
        server.start()
    client = server.client()
    wait_until(lambda: client.get(f"/v1/sessions/{session}").json["status"] == status, 10, "the end of the session")
    record = client.get(f"/v1/sessions/{session}").json
    assert record["destroyed_at"]
    assert_problem(client.post(f"/v1/sessions/{session}/capture", {"kind": "screenshot"}), 410, "session-destroyed")
    assert client.delete(f"/v1/sessions/{session}").status == 204
    assert client.get(f"/v1/sessions/{session}").json == record
    wait_until(lambda: not [one for root in runtime.iterdir() for one in root.iterdir() if one.is_dir()], 10, "an empty runtime directory")
    assert client.get("/v1/account/me").json["concurrent_session_active"] == 0
    visitor = Visitor(client, site, profile)
    assert visitor.greeting() == f"Hello {NAME}"
    assert client.delete(f"/v1/sessions/{visitor.id}").status == 204


def starting_session(server):
    """The id of the session that is being created, and its process, which stands still."""
    process = wait_until(lambda: next(iter(descendants(server)), None), 20, "a process of the session")
    os.kill(process, signal.SIGSTOP)
    [session] = server.client().get("/v1/sessions?status=creating").json["data"]
    return session["id"], process


@pytest.mark.parametrize("victim", ["server", "session"])
def test_while_it_is_created(server, runtime, site, profile, victim):
    thread, answers = in_background(lambda: server.client().post(f"/v1/profiles/{profile}/launch"))
    session, process = starting_session(server)
    tree = descendants(server)
    if victim == "server":
        server.kill()
    else:
        os.kill(process, signal.SIGKILL)
    thread.join(30)
    assert victim == "server" or answers[0].status == 502, answers
    check_after(server, runtime, site, profile, session, tree)


@pytest.mark.parametrize("victim", ["server", SESSION, WEB])
def test_while_it_is_ready(server, runtime, site, profile, victim):
    visitor = Visitor(server.client(), site, profile)
    visitor.go("/basic.html")
    check_after(server, runtime, site, profile, visitor.id, kill(server, victim))


@pytest.mark.parametrize("victim", ["server", SESSION, WEB])
def test_while_it_is_busy(server, runtime, site, profile, victim):
    client = server.client()
    visitor = Visitor(client, site, profile)
    visitor.go("/basic.html")
    wait = {"condition": {"kind": "selector", "selector": "#never"}, "timeout_ms": 60000}
    thread, answers = in_background(lambda: server.client().post(f"/v1/sessions/{visitor.id}/wait", wait))
    wait_until(lambda: client.get(f"/v1/sessions/{visitor.id}").json["status"] == "busy", 10, "a running operation")
    tree = kill(server, victim)
    thread.join(30)
    assert victim == "server" or (answers[0].status, answers[0].slug) == (502, "driver-error"), answers
    check_after(server, runtime, site, profile, visitor.id, tree)


def test_while_its_state_is_saved(server, runtime, site, profile):
    """The server at that moment: test_profile_state.py. The session ends well; its profile has the state of before."""
    client = server.client()
    visitor = Visitor(client, site, profile)
    visitor.go("/basic.html")
    process, tree = process_of(server, SESSION), descendants(server)
    os.kill(process, signal.SIGSTOP)
    thread, answers = in_background(lambda: server.client().delete(f"/v1/sessions/{visitor.id}"))
    refused = {"kind": "screenshot"}
    wait_until(lambda: client.post(f"/v1/sessions/{visitor.id}/capture", refused).status == 410, 10, "a session that ends")
    os.kill(process, signal.SIGKILL)
    thread.join(30)
    assert answers[0].status == 204
    check_after(server, runtime, site, profile, visitor.id, tree, status="destroyed")


def test_the_audit_log_is_whole_after_all_of_it(server):
    assert audit_verify(server).returncode == 0
