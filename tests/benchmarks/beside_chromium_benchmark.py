#!/usr/bin/env python3
"""Sessions beside Debian's Chromium with one browser process each, driven by puppeteer-core, in turns in one run. Prints; never fails a test run.

    beside_chromium_benchmark.py [PART...]       parts: speed, density, many; all by default

Ratios of one run count: both share the machine and its load. Chromium runs without its sandbox and its GPU process where it can, sessions with all
of theirs. Absolute times want a quiet machine.
"""
import contextlib
import json
import pathlib
import subprocess
import sys
import threading
import time

from measuring import (WIDE, cpu_seconds, descendants, is_session_process, median, milliseconds, percentile, remark, resident, row, running,
                       settled_tree, timed)
import pages_server

FOLDER = pathlib.Path(__file__).resolve().parent / "chromium"
CYCLES, SCREENSHOTS, TAPS = 8, 30, 50
EACH = 8                # sessions, and Chromiums, whose memory is compared
IDLE_SECONDS = 10
MANY, MANY_SECONDS = 40, 30


class Chromium:
    """One driver in Node.js."""

    def __init__(self):
        self.driver = subprocess.Popen(["node", FOLDER / "drive.mjs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=FOLDER)

    def do(self, command, **rest):
        self.driver.stdin.write(json.dumps({"command": command, **rest}) + "\n")
        self.driver.stdin.flush()
        answer = self.driver.stdout.readline()
        if not answer:
            raise SystemExit("the driver of Chromium ended; see above")
        return json.loads(answer)

    def close(self):
        self.driver.stdin.close()
        self.driver.wait()


@contextlib.contextmanager
def beside(*settings):
    """A server, a client of it, Chromium's driver and a site for both."""
    site = pages_server.Site()
    chromium = Chromium()
    try:
        with running([f'plugins.browser-webkit.egress_allow=["127.0.0.1:{site.port}"]', *WIDE, *settings]) as one:
            yield one, one.client(), chromium, site
    finally:
        chromium.close()
        site.stop()


def begin(client, url):
    _, answer = timed(1, lambda: client.post("/v1/sessions", {}))
    session = f"/v1/sessions/{answer.json['id']}"
    timed(1, lambda: client.post(session + "/navigate", {"url": url}))
    return session


def cycle(client, url):
    """Create, look at a page, take a picture, end: seconds."""
    start = time.monotonic()
    session = begin(client, url)
    timed(1, lambda: client.post(session + "/capture", {"kind": "screenshot"}))
    client.delete(session)
    return time.monotonic() - start


def cycles(warm):
    """Times of ours and of Chromium's, in turns."""
    ours, theirs = [], []
    with beside(f"plugins.browser-webkit.warm_sessions={warm}") as (one, client, chromium, site):
        for _ in range(CYCLES):
            settled_tree(one.process.pid)
            ours.append(cycle(client, site.url("/basic.html")))
            settled_tree(one.process.pid)
            theirs.append(chromium.do("cycle", url=site.url("/basic.html"))["seconds"])
    return ours, theirs


def speed():
    for warm, aim in ((2, 4.0), (0, 1.2)):
        ours, theirs = cycles(warm)
        ratio = median(theirs) / median(ours)
        row(f"create, navigate, screenshot, destroy; {'warm pool' if warm else 'no pool'}; against Chromium", f">= {aim} x", f"{ratio:.1f} x",
            ratio >= aim)
        remark(f"{milliseconds(median(ours))} against {milliseconds(median(theirs))}")
    with beside("plugins.browser-webkit.warm_sessions=2") as (one, client, chromium, site):
        created = []
        for _ in range(CYCLES):
            settled_tree(one.process.pid)
            took, answer = timed(1, lambda: client.post("/v1/sessions", {}))
            created += took
            client.delete(f"/v1/sessions/{answer.json['id']}")
        session = begin(client, site.url("/basic.html"))
        chromium.do("hold", url=site.url("/basic.html"))
        settled_tree(one.process.pid)
        shots, theirs = [], []
        for _ in range(SCREENSHOTS):
            shots += timed(1, lambda: client.post(session + "/capture", {"kind": "screenshot"}))[0]
            theirs.append(chromium.do("screenshot")["seconds"])
        timed(1, lambda: client.post(session + "/navigate", {"url": site.url("/form.html")}))
        taps, _ = timed(TAPS, lambda: client.post(session + "/interact", {"action": {"kind": "tap", "selector": "#name"}}))
    row("POST /v1/sessions from the warm pool, p50", "<= 15 ms", milliseconds(median(created)), median(created) <= 0.015)
    row("viewport screenshot 1280x800, p50", "<= 15 ms", milliseconds(median(shots)), median(shots) <= 0.015)
    share = median(shots) / median(theirs)
    row("the same, as a share of Chromium's", "<= 0.35", f"{share:.2f}", share <= 0.35)
    remark(f"{milliseconds(median(shots))} against {milliseconds(median(theirs))}")
    row("tap round trip, p50", "<= 4 ms", milliseconds(median(taps)), median(taps) <= 0.004)


def density():
    with beside("plugins.browser-webkit.warm_sessions=0") as (one, client, chromium, site):
        url = site.url("/basic.html")
        sessions = [begin(client, url) for _ in range(EACH)]
        holders = [chromium.do("hold", url=url)["process"] for _ in range(EACH)]
        tree = settled_tree(one.process.pid)
        assert sum(is_session_process(process) for process in tree) == EACH
        ours = resident(tree) / EACH
        theirs = sum(resident([holder, *descendants(holder)]) for holder in holders) / EACH
        chromium.do("end")
        for session in sessions[1:]:
            client.delete(session)
        timed(1, lambda: client.post(sessions[0] + "/navigate", {"url": site.url("/animated.html")}))
        tree = settled_tree(one.process.pid)
        before = {process: cpu_seconds(process) for process in tree}
        time.sleep(IDLE_SECONDS)  # the load is the page itself
        used = sum(cpu_seconds(process) - before[process] for process in tree) / IDLE_SECONDS
    row("memory per session on a small page (PSS of its tree)", "<= 85 MB", f"{ours / 1e6:.0f} MB", ours <= 85e6)
    row("the same, as a share of a Chromium's", "<= 0.55", f"{ours / theirs:.2f}", ours / theirs <= 0.55)
    remark(f"mean of {EACH} each; a Chromium takes {theirs / 1e6:.0f} MB")
    row("CPU of an idle session on an animated page", "<= 0.5 %", f"{used:.2%} of a core", used <= 0.005)


def act_each_second(server, session, end, times, errors):
    client = server.client()
    due = time.monotonic()
    while due < end:
        time.sleep(max(0, due - time.monotonic()))
        start = time.monotonic()
        answer = client.post(session + "/interact", {"action": {"kind": "tap", "selector": "#name"}})
        times.append(time.monotonic() - start)
        if answer.status != 200:
            errors.append(answer.body)
        due += 1


def many():
    with beside("plugins.browser-webkit.warm_sessions=0", f"plugins.browser-webkit.max_sessions={MANY}",
                f"plugins.identity.tiers.enterprise.concurrent_sessions={MANY}") as (one, client, _, site):
        sessions = [begin(client, site.url("/form.html")) for _ in range(MANY)]
        times, errors, end = [], [], time.monotonic() + MANY_SECONDS
        threads = [threading.Thread(target=act_each_second, args=(one, session, end, times, errors)) for session in sessions]
        for thread in threads:
            thread.start()
            time.sleep(1 / MANY)  # as far apart as people are
        for thread in threads:
            thread.join()
        memory = resident(settled_tree(one.process.pid))
    worst = percentile(times, 99)
    row(f"{MANY} live sessions, each taps once a second; p99", "< 250 ms", f"{milliseconds(worst)}, {len(errors)} errors", worst < 0.25 and not errors)
    remark(f"p50 {milliseconds(median(times))} of {len(times)} taps; {memory / 1e6:.0f} MB together" + (f"; first error {errors[0]}" if errors else ""))


PARTS = {"speed": speed, "density": density, "many": many}


def main():
    wanted = sys.argv[1:] or list(PARTS)
    if unknown := [name for name in wanted if name not in PARTS]:
        raise SystemExit(f"unknown part: {', '.join(unknown)}\n\n{__doc__}")
    print(f"{'':<74} {'aim':>12} {'measured':>24}")
    for name in wanted:
        PARTS[name]()


if __name__ == "__main__":
    main()
