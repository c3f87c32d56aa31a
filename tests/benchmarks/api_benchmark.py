#!/usr/bin/env python3
"""The numbers that the server as a whole promises, each beside its aim. Prints; never fails a test run.

    api_benchmark.py [PART...]       parts: requests, databases, garbage, sessions; all by default

Servers under request load run on core 0 and wrk on core 1; rates depend on the machine, so ratios of one run count. CPU time is that of the
server process alone. Latencies are wall-clock times and want a quiet machine. DRIFTSTACK_TEST_BUILD names the build folder.
"""
import contextlib
import json
import multiprocessing
import os
import pathlib
import queue
import random
import re
import shutil
import string
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "wire"))
import pages_server  # noqa: E402
import server as driftstack  # noqa: E402
from measuring import (WIDE, cpu_seconds, is_session_process, median, milliseconds, percentile, remark, resident, row, running,  # noqa: E402
                       settled_tree, timed)

ROUNDS, SECONDS = 3, 2          # of each load; rounds take turns, medians count
CONNECTIONS = 64
GARBAGE_RATE, GARBAGE_SECONDS, GOOD_RATE = 200, 10, 5
CREATES, SCREENSHOTS, TAPS = 10, 30, 50
WARM = 2                        # browsers kept warm while sessions are made
SYNCS = 20
IDLE = 8                        # sessions that share what they can while memory is measured

SERVER_CORE, LOAD_CORE = "0", str(min(1, os.cpu_count() - 1))
NO_BROWSER = ["plugins.sessions.enabled=false", 'roles.browser_backend=""']
ONE_THREAD = ["server.io_threads=1"]
# Without this the address of the flood is cut off after 60 failures and the rest costs next to nothing.
WIDE_FAILURES = ["plugins.rate-limit-memory.address_per_minute.auth_failure=1000000"]


# ---------------------------------------------------------------- load

def pin(process):
    subprocess.run(["taskset", "-a", "-p", "-c", SERVER_CORE, str(process)], check=True, capture_output=True)


class Load:
    """One target under wrk: CPU microseconds per request and rate, round by round."""

    def __init__(self, process, port, path, key=None):
        self.process, self.url = process, f"http://127.0.0.1:{port}{path}"
        self.headers = ["-H", f"Authorization: Bearer {key}"] if key else []
        self.micros, self.rates = [], []

    def run(self):
        command = ["taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", *self.headers, self.url]
        before = cpu_seconds(self.process)
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        requests = int(re.search(r"(\d+) requests in", text)[1])
        if "Non-2xx" in text:
            raise SystemExit(f"{self.url} answered errors:\n{text}")
        self.micros.append((cpu_seconds(self.process) - before) * 1e6 / requests)
        self.rates.append(float(re.search(r"Requests/sec:\s*([\d.]+)", text)[1]))


def take_turns(*loads):
    for _ in range(ROUNDS):
        for load in loads:
            load.run()


@contextlib.contextmanager
def flat_server(answer_size):
    """The yardstick, with answers of the same size on the wire."""
    program = next((driftstack.BUILD / "tests").rglob("flat_beast_server"), None)
    if program is None:
        raise SystemExit("build the target flat_beast_server first")
    own_head = len(f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {answer_size}\r\n\r\n")
    process = subprocess.Popen([program, str(answer_size - own_head)], stdout=subprocess.PIPE, text=True)
    try:
        yield process.pid, int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


def answer_size(port, path, key):
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
    if key:
        request += f"Authorization: Bearer {key}\r\n"
    return len(driftstack.raw_exchange(port, (request + "\r\n").encode()))


# ---------------------------------------------------------------- parts

def requests():
    """CPU per request, against the yardstick."""
    with running([*NO_BROWSER, *ONE_THREAD, *WIDE]) as one:
        key = one.bootstrap()["owner_key"]
        pin(one.process.pid)
        for what, path, token, aim in (("CPU per request, null route, against flat Beast", "/health", None, 1.5),
                                       ("CPU per request, GET /v1/account/rate-limits, same", "/v1/account/rate-limits", key, 2.0)):
            with flat_server(answer_size(one.port, path, token)) as (process, port):
                pin(process)
                yardstick, kernel = Load(process, port, path, token), Load(one.process.pid, one.port, path, token)
                take_turns(yardstick, kernel)
            ratio = median(ours / flat for ours, flat in zip(kernel.micros, yardstick.micros))
            row(what, f"<= {aim}", f"{ratio:.2f}", ratio <= aim)
            remark(f"{median(kernel.micros):.1f} against {median(yardstick.micros):.1f} us; {median(kernel.rates):.0f} against "
                   f"{median(yardstick.rates):.0f} requests/s")


@contextlib.contextmanager
def durable_postgres():
    script, folder = driftstack.ROOT / "scripts" / "test-postgres", tempfile.mkdtemp(prefix="driftstack-pg-")
    try:
        started = subprocess.run([script, "start", "--durable", folder], check=True, capture_output=True, text=True)
        yield started.stdout.strip().splitlines()[-1]
    finally:
        subprocess.run([script, "stop", folder], check=False, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


def databases():
    """What a read of the database costs, as a share of the rate without one."""
    with durable_postgres() as url:
        for database, aim in (("postgres", 0.4), ("sqlite", None)):
            with running([*NO_BROWSER, *WIDE], database=database, database_url=url) as one:
                key = one.bootstrap()["owner_key"]
                with_read, without = (Load(one.process.pid, one.port, path, key) for path in ("/v1/account/me", "/v1/account/rate-limits"))
                take_turns(without, with_read)
            share = median(read / plain for read, plain in zip(with_read.rates, without.rates))
            row(f"rate of GET /v1/account/me on {database}, of that without a read", f">= {aim}" if aim else "none", f"{share:.2f}",
                aim is None or share >= aim)
            remark(f"{median(with_read.rates):.0f} of {median(without.rates):.0f} requests/s")


def flood(port, end, good_key):
    """In a process of its own: keys that do not exist, and a key that exists with another secret."""
    letters = string.ascii_letters + string.digits
    due = queue.Queue()

    def send():
        client = driftstack.Client(port)
        while (key := due.get()) is not None:
            client.request("GET", "/v1/whoami", key=key)

    senders = [threading.Thread(target=send) for _ in range(16)]
    for sender in senders:
        sender.start()
    start, sent = time.monotonic(), 0
    while time.monotonic() < end:
        wrong = "".join(random.choices(letters, k=40))
        due.put(good_key[:14] + wrong[:34] if sent % 2 else "ds_live_" + wrong)
        sent += 1
        time.sleep(max(0, start + sent / GARBAGE_RATE - time.monotonic()))
    for _ in senders:
        due.put(None)
    for sender in senders:
        sender.join()


def garbage():
    """A good customer while somebody tries keys."""
    with running([*NO_BROWSER, *WIDE, *WIDE_FAILURES]) as one:
        key = one.bootstrap()["owner_key"]
        client = one.client()
        client.get("/v1/whoami")
        start = time.monotonic()
        attacker = multiprocessing.Process(target=flood, args=(one.port, start + GARBAGE_SECONDS, key))
        attacker.start()
        times, errors = [], 0
        for number in range(GARBAGE_SECONDS * GOOD_RATE):
            time.sleep(max(0, start + number / GOOD_RATE - time.monotonic()))
            begin = time.monotonic()
            errors += client.get("/v1/whoami").status != 200
            times.append(time.monotonic() - begin)
        attacker.join()
        lines = [json.loads(line) for line in one.log_text().splitlines() if '"message":"request"' in line]
        refused = sum(line.get("status") == 401 for line in lines)
    worst = percentile(times, 99)
    row("p99 of a good key at 5/s beside 200 garbage keys/s for 10 s", "< 250 ms", f"{milliseconds(worst)}, {errors} errors",
        worst < 0.25 and errors == 0)
    remark(f"p50 {milliseconds(median(times))}; {refused} garbage keys were refused")


def create_times(one, client, page):
    """Creates sessions, each from a full pool, and proves that each can navigate. Client's seconds; the last session stays."""
    times = []
    for number in range(CREATES):
        settled_tree(one.process.pid)
        took, answer = timed(1, lambda: client.post("/v1/sessions", {}))
        times += took
        session = f"/v1/sessions/{answer.json['id']}"
        if number == 0 or number == CREATES - 1:
            assert client.post(session + "/navigate", {"url": page}).status == 200
        if number < CREATES - 1:
            client.delete(session)
    return times, session


def sync_time(folder):
    """What this disk takes to make one small write durable: the floor below every durable change."""
    times = []
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        for _ in range(SYNCS):
            os.pwrite(file.fileno(), os.urandom(4096), 0)  # in place, as in a log that is used again
            begin = time.monotonic()
            os.fdatasync(file.fileno())
            times.append(time.monotonic() - begin)
    return median(times)


def server_durations(one, route):
    """Seconds in the server, from its access log."""
    found = []
    for line in one.log_text().splitlines():
        with contextlib.suppress(ValueError):
            entry = json.loads(line)
            if entry.get("route") == route and entry.get("status") in (200, 201):
                found.append(entry["duration_us"] / 1e6)
    return found


def sessions():
    """The browser's numbers, through the API."""
    site = pages_server.Site()
    settings = [f'plugins.browser-webkit.egress_allow=["127.0.0.1:{site.port}"]', f"plugins.browser-webkit.warm_sessions={WARM}", *WIDE]
    with running(settings) as one:
        client = one.client()
        created, session = create_times(one, client, site.url("/basic.html"))
        shots, _ = timed(SCREENSHOTS, lambda: client.post(session + "/capture", {"kind": "screenshot"}))
        client.post(session + "/navigate", {"url": site.url("/form.html")})
        taps, _ = timed(TAPS, lambda: client.post(session + "/interact", {"action": {"kind": "tap", "selector": "#name"}}))
        client.delete(session)
        inside = server_durations(one, "POST /v1/sessions")
        sync = sync_time(one.data)
        for _ in range(IDLE):
            session = client.post("/v1/sessions", {}).json["id"]
            client.post(f"/v1/sessions/{session}/navigate", {"url": site.url("/basic.html")})
        tree = settled_tree(one.process.pid)
        trees = sum(is_session_process(process) for process in tree)
        each = resident(tree) / trees
    site.stop()
    row("create from the warm pool, in the server, p50", "<= 20 ms", milliseconds(median(inside)), median(inside) <= 0.020)
    remark(f"at the client {milliseconds(median(created))}; it holds two durable writes, and one sync of this disk takes {milliseconds(sync)}")
    row("viewport screenshot 1280x800, p50", "<= 25 ms", milliseconds(median(shots)), median(shots) <= 0.025)
    row("tap with acknowledgement, p50", "<= 6 ms", milliseconds(median(taps)), median(taps) <= 0.006)
    row("memory of one idle session (PSS of its tree)", "<= 100 MB", f"{each / 1e6:.0f} MB", each <= 100e6)
    remark(f"mean of {trees}: {IDLE} sessions on a small page, the others warm; {len(tree)} processes")


PARTS = {"requests": requests, "databases": databases, "garbage": garbage, "sessions": sessions}


def main():
    wanted = sys.argv[1:] or list(PARTS)
    if unknown := [name for name in wanted if name not in PARTS]:
        raise SystemExit(f"unknown part: {', '.join(unknown)}\n\n{__doc__}")
    print(f"{'':<74} {'aim':>12} {'measured':>24}")
    for name in wanted:
        PARTS[name]()


if __name__ == "__main__":
    main()
