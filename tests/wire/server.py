"""Starts the release binary in its default wiring and talks to it as a client would."""
import dataclasses
import http.client
import json
import os
import pathlib
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("DRIFTSTACK_TEST_BUILD", ROOT / "build" / "release")).resolve()
PROGRAM = BUILD / "bin" / "driftstack"
START_LIMIT = 60  # seconds; a warm pool of one browser included


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(fact, limit=10, what="a fact"):
    """Polls a cheap fact until it holds; the time limit only bounds a failure."""
    end = time.monotonic() + limit
    while True:
        value = fact()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {limit} s in vain for {what}")
        time.sleep(0.02)


@dataclasses.dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def slug(self):
        return self.json["type"].removeprefix("https://errors.driftstack.dev/")

    def header(self, name):
        return self.headers.get(name)


class Client:
    """One keep-alive connection; reconnects when the server closed it."""

    def __init__(self, port, key=None, timeout=60):
        self.port, self.key, self.timeout = port, key, timeout
        self.connection = None

    def request(self, method, path, body=None, headers=None, key=..., raw=None):
        send = dict(headers or {})
        token = self.key if key is ... else key
        if token is not None:
            send.setdefault("Authorization", f"Bearer {token}")
        payload = raw
        if body is not None:
            payload = json.dumps(body).encode()
            send.setdefault("Content-Type", "application/json")
        for attempt in (1, 2):
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
            try:
                self.connection.request(method, path, body=payload, headers=send)
                response = self.connection.getresponse()
                answer = Answer(response.status, response.headers, response.read())
                if response.will_close:
                    self.close()
                return answer
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                self.close()
                if attempt == 2:
                    raise

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, body=None, **options):
        return self.request("POST", path, body=body, **options)

    def patch(self, path, body=None, **options):
        return self.request("PATCH", path, body=body, **options)

    def delete(self, path, **options):
        return self.request("DELETE", path, **options)

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None


# Where the machine does not permit the sandbox of sessions, tests run without it, as scripts/run does.
SANDBOX_WORKS = subprocess.run([ROOT / "scripts" / "sandbox-works"], stderr=subprocess.DEVNULL).returncode == 0


class Server:
    """A server process with a data directory of its own."""

    def __init__(self, settings=(), database="sqlite", data=None, database_url=None, config_text=None, environment=None, prefix=()):
        self.data = pathlib.Path(data or tempfile.mkdtemp(prefix="driftstack-wire-"))
        self.owns_data = data is None
        self.port = free_port()
        self.settings = list(settings)
        self.prefix = list(prefix)
        self.environment = {**os.environ, **(environment or {})}
        self.database, self.database_url = database, database_url
        self.config = ROOT / "config" / "driftstack.toml"
        if config_text is not None:
            self.config = self.data / "driftstack.toml"
            self.config.write_text(config_text)
        self.process = None

    def arguments(self):
        values = [f'server.listen="127.0.0.1:{self.port}"', f'server.data_dir="{self.data}"']
        if self.database == "postgres":
            values += ['roles.database="database-postgres"', f'plugins.database-postgres.url="{self.database_url}"']
        if not SANDBOX_WORKS:
            values.append('plugins.browser-webkit.sandbox="off"')
        values += self.settings
        return self.prefix + [str(PROGRAM), "serve", "--config", str(self.config)] + [part for value in values for part in ("--set", value)]

    def start(self, wait=True):
        self.log = open(self.data / "server.log", "ab")
        self.errors = open(self.data / "server.err", "ab")
        self.process = subprocess.Popen(self.arguments(), stdout=self.log, stderr=self.errors, stdin=subprocess.DEVNULL,
                                        env=self.environment, start_new_session=True)
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self):
        def ready():
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended with {self.process.returncode}:\n{self.error_text()}")
            try:
                return Client(self.port, timeout=5).get("/ready").status == 200
            except OSError:
                return False
        wait_until(ready, START_LIMIT, "a ready server")

    def error_text(self):
        return (self.data / "server.err").read_text(errors="replace")

    def log_text(self):
        return (self.data / "server.log").read_text(errors="replace")

    def bootstrap(self):
        return json.loads((self.data / "bootstrap.json").read_text())

    def client(self, key=...):
        return Client(self.port, self.bootstrap()["owner_key"] if key is ... else key)

    def kill(self):
        self.process.kill()
        self.process.wait(10)

    def stop(self, limit=40):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(limit)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError("the server did not drain in time") from None
        return self.process.returncode if self.process else None

    def remove(self):
        if self.owns_data:
            shutil.rmtree(self.data, ignore_errors=True)

    def restart(self):
        self.stop()
        return self.start()


class PostgreSQL:
    """A private PostgreSQL 15; one database per server."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="driftstack-pg-")
        started = subprocess.run([ROOT / "scripts" / "test-postgres", "start", self.folder], check=True, capture_output=True, text=True)
        self.url = started.stdout.strip().splitlines()[-1]

    def new_database(self):
        name = "wire_" + secrets.token_hex(6)
        subprocess.run(["psql", "-q", "-d", self.url, "-c", f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"],
                       check=True, capture_output=True)
        parts = urllib.parse.urlsplit(self.url)
        return urllib.parse.urlunsplit(parts._replace(path="/" + name))

    def stop(self):
        subprocess.run([ROOT / "scripts" / "test-postgres", "stop", self.folder], check=False, capture_output=True)


def raw_exchange(port, data, limit=10, half_close=False):
    """Sends bytes as they are and reads until the server closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=limit) as connection:
        connection.sendall(data)
        if half_close:
            connection.shutdown(socket.SHUT_WR)
        received = b""
        while True:
            try:
                part = connection.recv(65536)
            except (ConnectionResetError, socket.timeout):
                return received
            if not part:
                return received
            received += part
