"""rate-limit-redis on a real Redis: platform.md 5 with buckets that several servers share."""
import base64
import concurrent.futures
import os
import subprocess

import pytest

import server as driftstack
from conftest import DATABASE
from redis_server import Redis
from server import Client, wait_until

QUIET = ["plugins.sessions.enabled=false", 'roles.browser_backend=""', 'roles.rate_limiter="rate-limit-redis"',
         'plugins.rate-limit-redis.url={ env = "TEST_REDIS_URL" }', 'plugins.metrics-prometheus.scrape_token={ env = "TEST_SCRAPE" }']
LIMITS = "plugins.rate-limit-redis."
PATIENT = LIMITS + 'answer_within="5s"'  # for tests of what Redis decides: a busy machine is no Redis that is away
AWAY, BACK = "Redis is away; rate limits are kept in the memory of this server", "Redis is back; rate limits are shared again"


@pytest.fixture(scope="module")
def redis():
    redis = Redis(password="s3cret")
    yield redis
    redis.remove()


@pytest.fixture
def make(make_server, redis):
    """make(settings...) starts a server on this module's Redis; it stops with the test."""
    made = []

    def make_one(*settings, **options):
        environment = {"TEST_REDIS_URL": redis.url, "TEST_SCRAPE": "scrape", **options.pop("environment", {})}
        made.append(make_server(*QUIET, *settings, egress=False, environment=environment, **options))
        return made[-1]

    yield make_one
    for one in made:
        one.stop()


def metric(server, line_start):
    lines = [line for line in Client(server.port).get("/metrics", key="scrape").body.decode().splitlines() if line.startswith(line_start)]
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines)


def fallbacks(server):
    return metric(server, "driftstack_rate_limit_store_fallback_total{")


def lines_of(server, text):
    return server.log_text().count(text)


def test_a_bucket_has_the_headers_and_the_denial_of_the_specification(make):
    limits = LIMITS + "tiers.enterprise."
    owner = make(PATIENT, LIMITS + 'key_prefix="headers:"', limits + "global_capacity=3", limits + "global_per_minute=3").client()
    answers = [owner.get("/v1/whoami") for _ in range(4)]
    assert [answer.status for answer in answers] == [200, 200, 200, 429]
    assert [answer.header("x-ratelimit-remaining") for answer in answers] == ["2", "1", "0", "0"]
    for answer in answers:
        assert answer.header("x-ratelimit-bucket") == "global" and answer.header("x-ratelimit-limit") == answer.header("ratelimit-limit") == "3"
        assert 0 < int(answer.header("ratelimit-reset")) <= 60
    assert answers[3].slug == "rate-limited" and 1 <= int(answers[3].header("Retry-After")) <= 20
    assert answers[3].json["retry_after_seconds"] == int(answers[3].header("Retry-After"))


def test_two_servers_share_the_bucket_of_an_address_and_a_third_with_its_own_prefix_does_not(make):
    shared = [PATIENT, LIMITS + 'key_prefix="address:"', LIMITS + "address_per_minute.public=5", 'server.trusted_proxies=["127.0.0.0/8"]']
    first, second = make(*shared), make(*shared)
    stranger = make(*shared, LIMITS + 'key_prefix="elsewhere:"')

    def visit(server):
        return Client(server.port).get("/docs", headers={"X-Forwarded-For": "203.0.113.7"}).status

    assert [visit(server) for server in (first, second) * 3] == [200] * 5 + [429]
    assert visit(first) == 429, "what the second server took is gone for the first"
    assert visit(stranger) == 200
    assert fallbacks(first) == fallbacks(second) == 0


@pytest.mark.skipif(DATABASE != "postgres", reason="SQLite belongs to one server, and so do its accounts")
def test_two_servers_on_one_database_share_the_bucket_of_an_account(postgres, redis):
    limits = LIMITS + "tiers.enterprise."
    options = dict(settings=[*QUIET, PATIENT, LIMITS + 'key_prefix="account:"', limits + "global_capacity=6", limits + "global_per_minute=1",
                             'secrets.master_key={ env = "SHARED_MASTER_KEY" }'],
                   database="postgres", database_url=postgres.new_database(),
                   environment={"SHARED_MASTER_KEY": base64.b64encode(os.urandom(32)).decode(), "TEST_REDIS_URL": redis.url, "TEST_SCRAPE": "scrape"})
    first, second = driftstack.Server(**options), driftstack.Server(**options)
    try:
        first.start()
        second.start()
        key = first.bootstrap()["owner_key"]
        clients = [Client(first.port, key), Client(second.port, key)]
        answers = [clients[i % 2].get("/v1/whoami") for i in range(7)]
        assert [answer.header("x-ratelimit-remaining") for answer in answers] == ["5", "4", "3", "2", "1", "0", "0"]
        assert [answer.status for answer in answers] == [200] * 6 + [429]
    finally:
        for one in (first, second):
            one.stop()
            one.remove()


def test_requests_pass_while_redis_dies_and_returns_under_load(make):
    redis = Redis()
    try:
        server = make(PATIENT, LIMITS + "tiers.enterprise.global_capacity=1000000", environment={"TEST_REDIS_URL": redis.url})
        key = server.bootstrap()["owner_key"]
        running, statuses = True, []

        def ask_on():
            client = Client(server.port, key)
            while running:
                statuses.append(client.get("/v1/whoami").status)

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            clients = [pool.submit(ask_on) for _ in range(4)]
            try:
                wait_until(lambda: len(statuses) > 200, 30, "requests that Redis decides")
                assert fallbacks(server) == 0
                redis.kill()
                wait_until(lambda: fallbacks(server) > 100, 30, "requests that memory decides")
                assert server.client(key=None).get("/ready").status == 200, "a Redis that is away takes nobody out of service"
                redis.start()
                wait_until(lambda: lines_of(server, BACK) == 1, 30, "Redis to be found again")
                before, seen = fallbacks(server), len(statuses)
                wait_until(lambda: len(statuses) > seen + 200, 30, "requests that Redis decides again")
                assert fallbacks(server) == before
            finally:
                running = False
        for client in clients:
            client.result()
        assert set(statuses) == {200}
        assert lines_of(server, AWAY) == lines_of(server, BACK) == 1
        assert "rate:global:a:" in redis.ask("KEYS", "driftstack:rate:global:a:*")
    finally:
        redis.remove()


def test_a_wrong_password_stops_the_start_and_appears_nowhere(make_server, redis):
    server = make_server(*QUIET, egress=False, start=False,
                         environment={"TEST_REDIS_URL": redis.url.replace("s3cret", "wr0ng-s3cret"), "TEST_SCRAPE": "scrape"})
    done = subprocess.run(server.arguments(), env=server.environment, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    assert "WRONGPASS" in done.stderr and f"127.0.0.1:{redis.port}" in done.stderr
    assert "wr0ng-s3cret" not in done.stdout + done.stderr
