"""platform.md 10 and the operator's side: probes, metrics, logs, configuration errors, command line, drain."""
import json
import pathlib
import re
import signal
import subprocess
import threading
import uuid

import pytest

from server import PROGRAM, ROOT, SANDBOX_WORKS, Server, wait_until
from test_transport import assert_problem


def run(*arguments, **options):
    return subprocess.run([str(PROGRAM), *map(str, arguments)], capture_output=True, text=True, timeout=60, **options)


def test_probes(anonymous):
    for path in ("/health", "/healthz", "/v1/health"):
        answer = anonymous.get(path)
        assert (answer.status, answer.json) == (200, {"status": "ok"})
    ready = anonymous.get("/ready").json
    assert ready["status"] == "ready"
    assert "database" in [check["name"] for check in ready["checks"]]
    assert all(check["status"] == "ok" and isinstance(check["latency_ms"], int) for check in ready["checks"])
    assert all(set(worker) == {"name", "last_tick_at"} for worker in ready["workers"])


def test_metrics_need_their_token(make_server, anonymous):
    assert_problem(anonymous.get("/metrics"), 503, "feature-unavailable")
    server = make_server('plugins.metrics-prometheus.scrape_token={ env = "SCRAPE" }', environment={"SCRAPE": "s3cret-token-value"})
    client = server.client(key=None)
    assert_problem(client.get("/metrics"), 401, "unauthorized")
    assert_problem(client.get("/metrics", headers={"Authorization": "Bearer s3cret-token-valuf"}), 401, "unauthorized")
    assert server.client().get("/v1/whoami").status == 200
    answer = client.get("/metrics", headers={"Authorization": "Bearer s3cret-token-value"})
    assert answer.status == 200 and answer.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8"
    text = answer.body.decode()
    assert "# TYPE driftstack_http_request_total counter" in text
    assert re.search(r'driftstack_http_request_total\{method="GET",route="/v1/whoami",status_class="2xx"\} [1-9]', text)
    assert re.search(r'driftstack_auth_total\{outcome="ok"\} [1-9]', text)
    assert "acc_" not in text and "ds_live_" not in text
    server.stop()


def test_logs_are_json_lines_without_secrets(make_server):
    server = make_server()
    key = server.bootstrap()["owner_key"]
    client = server.client()
    made = client.post("/v1/api-keys", {"name": "logged", "scopes": ["read"]}).json["plaintext"]
    client.get(f"/v1/whoami?access_token={made}")
    client.get("/v1/whoami", headers={"X-Request-Id": "find-me", "User-Agent": f"agent {made}"})
    server.stop()
    lines = [json.loads(line) for line in server.log_text().splitlines()]
    assert lines and all({"level", "message"} <= set(line) or {"level", "msg"} <= set(line) for line in lines)
    assert any(line.get("request_id") == "find-me" for line in lines)
    for secret in (key, made, server.bootstrap()["admin_key"]):
        assert secret not in server.log_text()
        assert secret not in server.error_text().replace(key, "", 1) or secret == key


CONFIG_ERRORS = [
    ("[server]\nlissten = 1", 3, "server.lissten", "listen"),
    ("[server]\nlisten = 5", 3, "server.listen", None),
    ('[server]\nhead_timeout = "5 parsecs"', 3, "server.head_timeout", None),
    ("[server]\nio_threads = 100000", 3, "server.io_threads", None),
    ('[server]\nlisten = "0.0.0.0:0"', 3, "server.listen", None),
    ('[server]\ntrusted_proxies = ["0.0.0.0/0"]', 3, "server.trusted_proxies", None),
    ('[roles]\ndatabase = "database-oracle"', 3, "roles.database", None),
    ("[plugins.sesions]\nenabled = true", 2, "plugins.sesions", "sessions"),
    ('[plugins.metrics-prometheus]\nenabled = true\nscrape_token = "plain"', 4, "plugins.metrics-prometheus.scrape_token", None),
    ('[plugins.metrics-prometheus]\nenabled = true\nscrape_token = { env = "NOT_SET_ANYWHERE" }', 4, "plugins.metrics-prometheus.scrape_token", "NOT_SET_ANYWHERE"),
]


@pytest.mark.parametrize("text,line,key,hint", CONFIG_ERRORS, ids=[key + str(i) for i, (_, _, key, _) in enumerate(CONFIG_ERRORS)])
def test_a_configuration_mistake_is_one_line_with_its_place(tmp_path, text, line, key, hint):
    config = tmp_path / "driftstack.toml"
    config.write_text("schema = 1\n" + text + "\n")
    for command in (["config", "check", "--config", config], ["serve", "--config", config]):
        result = run(*command, cwd=tmp_path)
        assert result.returncode == 3, result.stdout + result.stderr
        lines = [entry for entry in (result.stdout + result.stderr).splitlines() if key in entry]
        assert len(lines) == 1, result.stdout + result.stderr
        assert re.match(rf".*driftstack\.toml:{line}:\d+: ", lines[0]), lines[0]
        if hint:
            assert hint in lines[0]
    assert not list(tmp_path.glob("var/*.sqlite"))


def test_the_shipped_configuration_is_valid_and_shows_its_origins(tmp_path):
    assert run("config", "check", "--config", ROOT / "config/driftstack.toml", "--set", f'server.data_dir="{tmp_path}"').returncode == 0
    shown = run("config", "show", "--origin", "--config", ROOT / "config/driftstack.toml", "--set", 'log.level="warn"')
    assert shown.returncode == 0 and "--set" in shown.stdout and "driftstack.toml:" in shown.stdout
    schema = json.loads(run("config", "schema").stdout)
    assert "server" in schema["properties"]


def test_usage_errors_end_with_2_and_help_with_0():
    assert run("--help").returncode == 0
    for command in (["fly"], ["serve", "--fly"], ["key"], ["key", "create", "--scopes", "fly", "--name", "x"]):
        assert run(*command).returncode == 2, command
    for command in (["serve"], ["config", "check"], ["plugin", "list"], ["key", "create"], ["audit", "verify"], ["doctor"]):
        result = run(*command, "--help")
        assert result.returncode == 0 and "xample" in result.stdout, command


def test_an_unknown_command_is_named_with_a_suggestion():
    assert "srve: unknown command; did you mean \"serve\"?" in run("srve").stderr
    assert "verfy: unknown command; did you mean \"verify\"?" in run("audit", "verfy").stderr


def test_a_missing_configuration_is_told_as_such(tmp_path):
    if pathlib.Path("/etc/driftstack/driftstack.toml").exists():
        pytest.skip("this machine has a configuration for the whole system")
    for command in (["serve"], ["config", "check"], ["doctor"]):
        result = run(*command, cwd=tmp_path)
        assert "no configuration file" in result.stdout + result.stderr and "--config" in result.stdout + result.stderr, command
        assert result.returncode in (1, 3)


def test_plugins_are_listed_and_described():
    listed = json.loads(run("plugin", "list", "--json").stdout)
    names = {plugin["name"] for plugin in listed["plugins"]}
    assert {"identity", "sessions", "browser-webkit", "database-sqlite", "database-postgres", "audit", "rate-limit-memory"} <= names
    assert "database/1" in run("plugin", "info", "database-sqlite").stdout


def test_keys_are_made_and_revoked_beside_a_running_server(make_server):
    server = make_server()
    options = ["--config", server.config] + [part for value in server.arguments()[4:] if value != "--set" for part in ("--set", value)]
    made = run("key", "create", "--name", "from-cli", "--scopes", "read", "--json", *options)
    assert made.returncode == 0, made.stderr
    key = json.loads(made.stdout)
    user = server.client(key["plaintext"])
    assert user.get("/v1/whoami").json["scopes"] == ["read"]
    listed = run("key", "list", "--json", *options)
    assert any(entry["id"] == key["id"] for entry in json.loads(listed.stdout)["keys"])
    assert key["plaintext"] not in listed.stdout
    assert run("key", "revoke", key["id"], *options).returncode == 0
    wait_until(lambda: user.get("/v1/whoami").status == 401, 3, "the revocation to bite")
    assert user.get("/v1/whoami").slug == "revoked-key"
    staff = json.loads(run("key", "create", "--staff", "--name", "staff", "--json", *options).stdout)
    assert server.client(staff["plaintext"]).get("/v1/whoami").json["scopes"] == ["driftstack_internal_admin"]
    verified = run("audit", "verify", *options)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    server.stop()


def test_a_second_server_on_one_store_is_refused(make_server):
    server = make_server()
    second = Server(server.settings, database=server.database, database_url=server.database_url, data=server.data)
    result = subprocess.run(second.arguments(), capture_output=True, text=True, timeout=60)
    assert result.returncode not in (0, 3) and "in use" in result.stdout + result.stderr
    assert server.client().get("/v1/whoami").status == 200
    server.stop()


def test_a_running_request_ends_before_the_server_does(make_server, site):
    server = make_server()
    client = server.client()
    session = client.post("/v1/sessions", {}).json["id"]
    answers = []
    thread = threading.Thread(target=lambda: answers.append(
        server.client().post(f"/v1/sessions/{session}/wait", {"condition": {"kind": "time", "ms": 1500}})))
    thread.start()
    wait_until(lambda: client.get(f"/v1/sessions/{session}").json["status"] == "busy", 5, "a busy session")
    server.process.send_signal(signal.SIGINT)
    thread.join(20)
    assert answers and answers[0].status in (200, 410)
    assert server.process.wait(40) == 0


def test_reload_applies_what_may_change_and_keeps_connections(make_server):
    config_text = 'schema = 1\n[server]\ncors_origins = []\n[plugins.sessions]\nenabled = true\n'
    server = make_server(config_text=config_text)
    client = server.client(key=None)
    origin = {"Origin": "https://late.example"}
    assert client.get("/health", headers=origin).header("Access-Control-Allow-Origin") is None
    connection = client.connection
    server.config.write_text(config_text.replace("[]", '["https://late.example"]'))
    server.process.send_signal(signal.SIGHUP)
    wait_until(lambda: client.get("/health", headers=origin).header("Access-Control-Allow-Origin"), 10, "the new setting")
    assert client.connection is connection, "the connection stayed open"
    server.config.write_text(config_text.replace("cors_origins", "cors_orgins"))
    server.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "cors_orgins" in server.log_text() + server.error_text(), 10, "the refusal of a broken file")
    assert client.get("/health", headers=origin).header("Access-Control-Allow-Origin") == "https://late.example"
    server.stop()


def test_tls_serves_1_2_and_1_3_and_nothing_older(make_server, tmp_path):
    import ssl
    import socket
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-keyout", key, "-out", certificate], check=True, capture_output=True)
    key.chmod(0o600)
    server = make_server(f'server.tls_certificate="{certificate}"', f'server.tls_key={{ file = "{key}" }}', start=False).start(wait=False)

    def handshake(version):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = version
        with socket.create_connection(("127.0.0.1", server.port), timeout=5) as plain, context.wrap_socket(plain) as secure:
            secure.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return secure.version(), secure.recv(100)

    def listening():
        try:
            return handshake(ssl.TLSVersion.TLSv1_3)
        except OSError:
            assert server.process.poll() is None, server.error_text()
            return None

    version, answer = wait_until(listening, 60, "a listening server")
    assert version == "TLSv1.3" and answer.startswith(b"HTTP/1.1 200")
    assert handshake(ssl.TLSVersion.TLSv1_2)[0] == "TLSv1.2"
    for old in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
        with pytest.raises(OSError):
            handshake(old)
    server.stop()


def test_doctor_finds_the_machine_fit(tmp_path):
    result = run("doctor", "--json", "--config", ROOT / "config/driftstack.toml", "--set", f'server.data_dir="{tmp_path}"')
    report = json.loads(result.stdout)
    sandbox = {check["name"]: check["status"] for check in report["checks"]}["sandbox of sessions"]
    assert sandbox == ("ok" if SANDBOX_WORKS else "failed")
    assert result.returncode == (0 if SANDBOX_WORKS else 1), result.stdout
    assert all({"name", "status", "detail"} <= set(check) for check in report["checks"])


def test_private_targets_of_a_plugin_are_checked_and_printed(make_server):
    quiet = ["plugins.sessions.enabled=false", 'roles.browser_backend=""']
    refused = make_server(*quiet, 'plugins.identity.private_targets=["10.0.0.5"]', egress=False, start=False)
    done = subprocess.run(refused.arguments(), capture_output=True, text=True)
    assert done.returncode == 3 and "plugins.identity.private_targets" in done.stderr and "host:port" in done.stderr, done.stderr
    server = make_server(*quiet, 'plugins.identity.private_targets=["10.0.0.5:9000"]', egress=False)
    assert any("10.0.0.5:9000" in line and '"warn"' in line for line in server.log_text().splitlines())
    server.stop()
