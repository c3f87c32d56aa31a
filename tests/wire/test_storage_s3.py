"""Artefacts in an S3 bucket: one line of [roles] puts them there. The store is the simulator, which recomputes each signature."""
import hashlib
import http.client
import json
import pathlib
import subprocess
import urllib.parse

import pytest

SIMULATOR = pathlib.Path(__file__).resolve().parents[1] / "simulators" / "s3_server.py"
ACCESS_KEY, SECRET = "AKIDWIRE", "the/secret+of=the-bucket"


class Bucket:
    def __init__(self):
        arguments = ["/usr/bin/python3", str(SIMULATOR), "--access-key", ACCESS_KEY, "--secret", SECRET, "--require-encryption"]
        self.process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.place = f"127.0.0.1:{int(self.process.stdout.readline())}"

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection(self.place, timeout=10)
        connection.request(method, path, body=body)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer, content

    def objects(self):
        return json.loads(self.ask("GET", "/_simulator/objects")[1])

    def fail(self, operation, count, status=503):
        fault = {"operation": operation, "kind": "status", "status": status, "count": count}
        self.ask("POST", "/_simulator/faults", json.dumps(fault))

    def stop(self):
        self.process.stdin.close()
        self.process.wait(10)


@pytest.fixture(scope="module")
def bucket():
    bucket = Bucket()
    yield bucket
    bucket.stop()


@pytest.fixture(scope="module")
def server(make_server, bucket):
    return make_server('roles.object_store="storage-s3"',
                       f'plugins.storage-s3.endpoint="http://{bucket.place}"', f'plugins.storage-s3.private_targets=["{bucket.place}"]',
                       'plugins.storage-s3.bucket="box"', 'plugins.storage-s3.prefix="driftstack/"',
                       'plugins.storage-s3.access_key_id={env="TEST_S3_KEY"}', 'plugins.storage-s3.secret_access_key={env="TEST_S3_SECRET"}',
                       environment={"TEST_S3_KEY": ACCESS_KEY, "TEST_S3_SECRET": SECRET})


@pytest.fixture
def client(server):
    client = server.client()
    yield client
    client.close()


@pytest.fixture(scope="module")
def page(server, site):
    """A session that shows a page."""
    client = server.client()
    session = client.post("/v1/sessions", {}).json["id"]
    assert client.post(f"/v1/sessions/{session}/navigate", {"url": site.url("/basic.html")}).status == 200
    yield session
    client.delete(f"/v1/sessions/{session}")


def keep(client, page):
    return client.post(f"/v1/sessions/{page}/capture", {"kind": "screenshot", "store": True})


def path_of(bucket, url):
    parts = urllib.parse.urlsplit(url)
    assert parts.netloc == bucket.place
    return f"{parts.path}?{parts.query}"


def test_a_stored_picture_lies_encrypted_in_the_bucket_and_is_read_there_by_its_link(client, bucket, page):
    answer = keep(client, page)
    assert answer.status == 200, answer.body
    kept = answer.json["artifact"]
    [stored] = [item for item in bucket.objects() if item["key"].endswith(kept["id"].removeprefix("art_"))]
    assert stored["key"].startswith("driftstack/")
    assert stored["headers"]["x-amz-server-side-encryption"] == "AES256"
    assert stored["headers"]["content-type"] == "image/png"
    response, body = bucket.ask("GET", path_of(bucket, kept["url"]))
    assert response.status == 200
    assert hashlib.sha256(body).hexdigest() == kept["sha256"]
    assert response.getheader("Content-Disposition") == f'attachment; filename="{kept["id"]}.png"'
    assert "X-Amz-Expires=3600" in kept["url"]


def test_a_link_reads_that_object_only_and_not_without_its_signature(client, bucket, page):
    first, second = (keep(client, page).json["artifact"] for _ in range(2))
    path = path_of(bucket, first["url"])
    other = path.replace(first["id"].removeprefix("art_"), second["id"].removeprefix("art_"), 1)
    assert other != path
    for changed in (other, path.partition("?")[0], path.replace("X-Amz-Expires=3600", "X-Amz-Expires=9999")):
        assert bucket.ask("GET", changed)[0].status == 403, changed


def test_a_deleted_artefact_is_gone_from_the_bucket_with_its_link(client, bucket, page):
    kept = keep(client, page).json["artifact"]
    assert client.delete(f"/v1/artifacts/{kept['id']}").status == 204
    assert bucket.ask("GET", path_of(bucket, kept["url"]))[0].status == 404
    assert client.get(f"/v1/artifacts/{kept['id']}").status == 404


def test_a_busy_store_is_asked_again_and_a_broken_one_is_a_problem_that_leaves_the_session_ready(client, bucket, page):
    bucket.fail("PutObject", 2)
    assert keep(client, page).status == 200
    bucket.fail("PutObject", 1, status=403)
    refused = keep(client, page)
    assert refused.status == 503 and refused.header("Content-Type") == "application/problem+json"
    assert keep(client, page).status == 200


def test_neither_the_secret_nor_a_link_stands_in_the_log(server, client, bucket, page):
    kept = keep(client, page).json["artifact"]
    client.get(f"/v1/artifacts/{kept['id']}")
    text = server.log_text() + server.error_text()
    assert "object store" in text or "storage-s3" in text
    assert SECRET not in text and "X-Amz-Signature" not in text


def test_a_bucket_that_everybody_may_list_keeps_the_server_from_starting(make_server, bucket):
    arguments = ["/usr/bin/python3", str(SIMULATOR), "--access-key", ACCESS_KEY, "--secret", SECRET, "--public"]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as exposed:
        place = f"127.0.0.1:{int(exposed.stdout.readline())}"
        server = make_server('roles.object_store="storage-s3"', f'plugins.storage-s3.endpoint="http://{place}"',
                             f'plugins.storage-s3.private_targets=["{place}"]', 'plugins.storage-s3.bucket="box"',
                             'plugins.storage-s3.access_key_id={env="TEST_S3_KEY"}', 'plugins.storage-s3.secret_access_key={env="TEST_S3_SECRET"}',
                             environment={"TEST_S3_KEY": ACCESS_KEY, "TEST_S3_SECRET": SECRET}, start=False)
        server.start(wait=False)
        assert server.process.wait(60) != 0
        assert "make it private" in server.error_text() + server.log_text()
        exposed.stdin.close()
