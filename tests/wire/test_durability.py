"""What must survive kill -9: acknowledged writes, a whole audit log, no stray browser, no slot that stays taken."""
import os
import pathlib
import random
import subprocess
import threading

import pytest

from server import PROGRAM, wait_until
from test_transport import assert_problem

CYCLES = int(os.environ.get("DRIFTSTACK_TEST_KILL_CYCLES", "50"))


def descendants(server):
    """Every living process below the server, by the parents that /proc names."""
    children = {}
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            status = dict(line.split(":\t", 1) for line in (entry / "status").read_text().splitlines() if ":\t" in line)
        except OSError:
            continue
        if not status["State"].startswith("Z"):
            children.setdefault(int(status["PPid"]), set()).add(int(entry.name))
    found, wanted = set(), [server.process.pid]
    while wanted:
        for child in children.get(wanted.pop(), ()):
            found.add(child)
            wanted.append(child)
    return found


def alive(processes):
    def lives(process):
        try:
            return "State:\tZ" not in pathlib.Path(f"/proc/{process}/status").read_text()
        except OSError:
            return False
    return {process for process in processes if lives(process)}


def audit_verify(server):
    options = [part for value in server.arguments()[4:] if value != "--set" for part in ("--set", value)]
    return subprocess.run([str(PROGRAM), "audit", "verify", "--config", str(server.config), *options], capture_output=True, text=True, timeout=60)


def test_acknowledged_writes_survive_kill_9(make_server):
    server = make_server("plugins.sessions.enabled=false", 'roles.browser_backend=""', egress=False)
    acknowledged = set()
    for cycle in range(CYCLES):
        stop = threading.Event()

        def write(worker):
            client = server.client()
            count = 0
            while not stop.is_set():
                try:
                    answer = client.post("/v1/api-keys", {"name": f"{cycle}-{worker}-{count}", "scopes": ["read"]})
                except OSError:
                    return
                if answer.status == 201:
                    acknowledged.add(answer.json["id"])
                count += 1

        threads = [threading.Thread(target=write, args=(worker,)) for worker in range(3)]
        target = len(acknowledged) + random.randint(1, 4)
        for thread in threads:
            thread.start()
        wait_until(lambda: len(acknowledged) >= target, 30, "a few acknowledged writes")
        server.kill()
        stop.set()
        for thread in threads:
            thread.join()
        server.start()
        kept = {row["id"] for row in server.client().get("/v1/api-keys").json["data"]}
        lost = acknowledged - kept
        assert not lost, f"cycle {cycle}: {len(lost)} acknowledged keys are gone"
    verdict = audit_verify(server)
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr
    server.stop()


def test_kill_9_leaves_no_browser_and_no_taken_slot(make_server):
    server = make_server("plugins.identity.tiers.enterprise.concurrent_sessions=1")
    client = server.client()
    session = client.post("/v1/sessions", {}).json["id"]
    mine = descendants(server)
    assert len(mine) >= 4, "a browser is a tree of processes"
    server.kill()
    wait_until(lambda: not alive(mine), 5, "the end of every browser process")
    server.start()
    client = server.client()
    record = client.get(f"/v1/sessions/{session}").json
    assert record["status"] == "errored" and record["destroyed_at"]
    assert_problem(client.post(f"/v1/sessions/{session}/navigate", {"url": "https://example.com/"}), 410, "session-destroyed")
    assert client.post("/v1/sessions", {}).status == 201, "the slot is free again"
    assert audit_verify(server).returncode == 0
    server.stop()


def test_a_killed_browser_ends_its_session(make_server, site):
    server = make_server()
    client = server.client()
    session = client.post("/v1/sessions", {}).json["id"]
    assert client.post(f"/v1/sessions/{session}/navigate", {"url": site.url("/basic.html")}).status == 200
    for process in descendants(server):
        subprocess.run(["kill", "-9", str(process)], check=False, capture_output=True)
    wait_until(lambda: client.get(f"/v1/sessions/{session}").json["status"] == "errored", 10, "an errored session")
    assert_problem(client.post(f"/v1/sessions/{session}/capture", {"kind": "screenshot"}), 410, "session-destroyed")
    assert client.get("/v1/account/me").json["concurrent_session_active"] == 0
    assert client.post("/v1/sessions", {}).status == 201
    server.stop()


def test_an_edited_audit_log_is_found(make_server):
    server = make_server("plugins.sessions.enabled=false", 'roles.browser_backend=""', egress=False)
    client = server.client()
    for index in range(3):
        assert client.post("/v1/api-keys", {"name": f"n{index}", "scopes": ["read"]}).status == 201
    server.stop()
    assert audit_verify(server).returncode == 0
    change = "UPDATE audit_entries SET action = 'api_key.rotated' WHERE action = 'api_key.minted'"
    if server.database == "postgres":
        subprocess.run(["psql", "-q", "-d", server.database_url, "-c", change], check=True, capture_output=True)
    else:
        import sqlite3
        store = next(server.data.rglob("*.sqlite"))
        with sqlite3.connect(store) as connection:
            connection.execute(change)
    verdict = audit_verify(server)
    assert verdict.returncode == 1 and "BROKEN" in verdict.stdout, verdict.stdout + verdict.stderr
