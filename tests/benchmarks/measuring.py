"""What the benchmarks in Python share: the table that they print, servers to measure, and what processes use."""
import contextlib
import os
import pathlib
import re
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "wire"))
import server as driftstack  # noqa: E402

TICK = os.sysconf("SC_CLK_TCK")
# Buckets that a benchmark cannot empty: the work of a draw is the same, its answer is always yes.
WIDE = [f"plugins.rate-limit-memory.tiers.enterprise.{bucket}_{what}=10000000"
        for bucket in ("global", "sessions_create") for what in ("capacity", "per_minute")]


def row(what, aim, measured, reached):
    print(f"{what:<74} {aim:>12} {measured:>24}  {'reached' if reached else 'MISSED'}", flush=True)


def remark(text):
    print(f"    {text}", flush=True)


def median(values):
    return statistics.median(values)


def percentile(values, percent):
    return sorted(values)[min(len(values) - 1, int(len(values) * percent / 100))]


def milliseconds(seconds):
    return f"{seconds * 1000:.1f} ms"


def cpu_seconds(process):
    """User and system time of one process so far."""
    fields = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


@contextlib.contextmanager
def running(settings, **options):
    one = driftstack.Server(settings, **options)
    try:
        yield one.start()
    finally:
        one.stop()
        one.remove()


def descendants(root):
    """Every process below one, by the parents that /proc names."""
    children = {}
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError):
            parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            children.setdefault(parent, []).append(int(entry.name))
    found, wanted = [], [root]
    while wanted:
        below = children.get(wanted.pop(), [])
        found += below
        wanted += below
    return found


def resident(processes):
    """Proportional set size in bytes."""
    total = 0
    for process in processes:
        with contextlib.suppress(OSError, TypeError):
            text = pathlib.Path(f"/proc/{process}/smaps_rollup").read_text()
            total += int(re.search(r"^Pss:\s+(\d+) kB", text, re.M)[1]) * 1024
    return total


def is_session_process(process):
    """The root of a session's tree, by the first 15 characters of its program's name."""
    with contextlib.suppress(OSError):
        return pathlib.Path(f"/proc/{process}/comm").read_text().strip() == "driftstack-webk"
    return False


def settled_tree(root):
    """The processes below the server once their number rests for half a second: the warm pool is full."""
    last, since = None, time.monotonic()
    end = since + 30
    while time.monotonic() < end:
        now = sorted(descendants(root))
        if now != last:
            last, since = now, time.monotonic()
        elif time.monotonic() - since > 0.5:
            return now
        time.sleep(0.05)
    return last


def timed(calls, act):
    """Seconds of each call, and the last answer."""
    times = []
    for _ in range(calls):
        begin = time.monotonic()
        answer = act()
        times.append(time.monotonic() - begin)
        if answer.status not in (200, 201):
            raise SystemExit(f"a session operation answered {answer.status}: {answer.body[:300]}")
    return times, answer
