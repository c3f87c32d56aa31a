"""Several servers on one PostgreSQL, and the keys that they share."""
import base64
import os
import subprocess
import uuid

import pytest

import server as driftstack
from conftest import DATABASE
from server import PROGRAM, Client, wait_until

QUIET = ["plugins.sessions.enabled=false", 'roles.browser_backend=""']


def master_key():
    return base64.b64encode(os.urandom(32)).decode()


@pytest.mark.skipif(DATABASE != "postgres", reason="SQLite belongs to one server")
def test_the_start_of_one_server_leaves_the_keyed_requests_of_another_alone(postgres):
    import concurrent.futures
    url = postgres.new_database()
    options = dict(settings=[*QUIET, 'secrets.master_key={ env = "SHARED_MASTER_KEY" }'], database="postgres", database_url=url,
                   environment={"SHARED_MASTER_KEY": master_key()})
    first = driftstack.Server(**options).start()
    second = driftstack.Server(**options)
    blocker = subprocess.Popen(["psql", "-qAt", "-d", url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def reserved():
        done = subprocess.run(["psql", "-qAt", "-d", url, "-c", "SELECT count(*) FROM kernel_idempotency WHERE NOT completed"],
                              capture_output=True, text=True, check=True)
        return int(done.stdout)

    try:
        key = first.bootstrap()["owner_key"]
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        body = {"name": "shared", "scopes": ["read"]}
        # Writers of the table wait from here on, so the keyed request stays in the middle of its work.
        blocker.stdin.write("BEGIN; LOCK TABLE identity_api_keys IN SHARE MODE; SELECT 'locked';\n")
        blocker.stdin.flush()
        assert blocker.stdout.readline().strip() == "locked"
        with concurrent.futures.ThreadPoolExecutor() as pool:
            running = pool.submit(lambda: Client(first.port, key).post("/v1/api-keys", body, headers=headers))
            wait_until(reserved, what="the reservation")
            second.start()
            assert reserved() == 1
            repeat = Client(second.port, key).post("/v1/api-keys", body, headers=headers)
            assert repeat.status == 409 and repeat.json["idempotency_status"] == "in_progress", repeat.body
            blocker.stdin.write("COMMIT;\n")
            blocker.stdin.flush()
            assert running.result().status == 201
        repeat = Client(second.port, key).post("/v1/api-keys", body, headers=headers)
        assert repeat.status == 409 and repeat.json["idempotency_status"] == "completed", repeat.body
    finally:
        blocker.stdin.close()
        blocker.wait(10)
        for one in (first, second):
            one.stop()
            one.remove()


def test_a_change_of_the_master_key_keeps_api_keys_and_the_audit_log(make_server):
    server = make_server(*QUIET, egress=False)
    client = server.client()
    minted = client.post("/v1/api-keys", {"name": "before", "scopes": ["read"]}).json["plaintext"]
    server.stop()
    key_file = server.data / "master.key"
    key_file.rename(server.data / "master.key.1")
    key_file.write_text(master_key() + "\n")
    key_file.chmod(0o600)
    assert "master.key.check" in refused(server)
    server.settings.append(f'secrets.older_master_keys=[{{ file = "{server.data}/master.key.1" }}]')
    server.start()
    assert server.client(minted).get("/v1/whoami").status == 200
    assert server.client().post("/v1/api-keys", {"name": "after", "scopes": ["read"]}).status == 201
    server.stop()
    verified = subprocess.run([PROGRAM, "audit", "verify", *server.arguments()[2:]], capture_output=True, text=True)
    assert verified.returncode == 0, verified.stdout + verified.stderr


def refused(server):
    done = subprocess.run(server.arguments(), capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    return done.stderr
