#!/usr/bin/env python3
"""Many sessions in a row, each made, shown a page and destroyed: what grows meanwhile should not. Prints; never fails a test run.

    soak_benchmark.py [SESSIONS]       1000 by default

The first tenth fills caches and pools and is left out of the comparison.
"""
import pathlib
import re
import sys
import time

from measuring import WIDE, descendants, remark, row, running, settled_tree
import pages_server


def resident_of(process):
    """Resident memory of the server alone, in bytes."""
    return int(re.search(r"^VmRSS:\s+(\d+) kB", pathlib.Path(f"/proc/{process}/status").read_text(), re.M)[1]) * 1024


def control_groups():
    root = pathlib.Path("/sys/fs/cgroup")
    return sum(1 for folder in root.rglob("*driftstack*") if folder.is_dir())


def files_below(folder):
    return sum(1 for path in folder.rglob("*") if path.is_file() and not path.name.startswith("server."))


def look(one):
    settled_tree(one.process.pid)
    return {"memory": resident_of(one.process.pid), "descriptors": len(list(pathlib.Path(f"/proc/{one.process.pid}/fd").iterdir())),
            "processes": len(descendants(one.process.pid)), "control groups": control_groups(), "files": files_below(one.data),
            "mounts": len(pathlib.Path("/proc/self/mounts").read_text().splitlines()),
            "temporary files": sum(1 for _ in pathlib.Path("/tmp").glob("driftstack-session*"))}


def main():
    total = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    site = pages_server.Site()
    settings = [f'plugins.browser-webkit.egress_allow=["127.0.0.1:{site.port}"]', *WIDE]
    failures, first = 0, None
    with running(settings) as one:
        client = one.client()
        begin = time.monotonic()
        for number in range(1, total + 1):
            answer = client.post("/v1/sessions", {})
            if answer.status == 201:
                session = f"/v1/sessions/{answer.json['id']}"
                failures += client.post(session + "/navigate", {"url": site.url("/basic.html")}).status != 200
                failures += client.delete(session).status not in (200, 204)
            else:
                failures += 1
            if number == max(total // 10, 1):
                first = look(one)
            if number % max(total // 10, 1) == 0:
                remark(f"{number} sessions in {time.monotonic() - begin:.0f} s; {resident_of(one.process.pid) / 1e6:.1f} MB")
        last = look(one)
    site.stop()
    row(f"failures of {total} sessions", "0", str(failures), failures == 0)
    for what, before in first.items():
        if what == "memory":
            row("memory of the server, growth", "<= 5 %", f"{(last[what] - before) / before:.1%}", last[what] <= before * 1.05)
        else:
            row(what, f"<= {before}", str(last[what]), last[what] <= before)


if __name__ == "__main__":
    main()
