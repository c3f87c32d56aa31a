#!/usr/bin/env python3
"""scripts/abi-check is quiet on the committed headers and loud on each kind of change; the anchor names every type of the boundary."""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
INCLUDE = ROOT / "sdk/include"
BOUNDARY = sorted((INCLUDE / "driftstack").glob("*.hpp")) + sorted((INCLUDE / "driftstack/roles").glob("*.hpp"))


def abi_check(*arguments):
    return subprocess.run([sys.executable, ROOT / "scripts/abi-check", *map(str, arguments)], text=True, capture_output=True)


def types_of(header):
    """Names of the types that a header defines at namespace level, templates left out."""
    names, in_detail, in_template = [], False, False
    for line in header.read_text().splitlines():
        in_detail = (in_detail or line.startswith("namespace detail")) and not re.match(r"}\s*// namespace detail", line)
        match = re.match(r"(?:class|struct|enum class) (\w+)(?: final)?(?: : [^{;]+)? {", line)
        if match and not in_detail and not in_template:
            names.append(match.group(1))
        in_template = line.startswith("template <")
    return names


class AbiCheck(unittest.TestCase):
    def test_the_committed_headers_are_the_baseline_or_accepted(self):
        done = abi_check()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_anchor_names_every_type_of_the_boundary(self):
        anchored = set(re.findall(r"driftstack::(?:\w+::)?(\w+)", (ROOT / "sdk/abi/anchor.cpp").read_text()))
        for header in BOUNDARY:
            for name in types_of(header):
                self.assertIn(name, anchored, f"{header.name}: add {name} to sdk/abi/anchor.cpp")

    def check_change(self, header, before, after):
        with tempfile.TemporaryDirectory() as folder:
            include = pathlib.Path(folder) / "include"
            shutil.copytree(INCLUDE, include)
            path = include / "driftstack" / header
            text = path.read_text()
            self.assertEqual(text.count(before), 1, f"the test no longer finds its place in {header}")
            path.write_text(text.replace(before, after))
            done = abi_check("--include", include)
            self.assertEqual(done.returncode, 1, f"a change in {header} was not seen:\n{done.stdout}{done.stderr}")
            self.assertRegex(done.stdout, r"\n## [0-9a-f]{12}\n")

    def test_a_method_inserted_into_an_interface_of_the_host_is_seen(self):
        line = "  virtual Clock& clock() noexcept = 0;"
        self.check_change("host.hpp", line, "  virtual void inserted() noexcept = 0;\n" + line)

    def test_a_member_added_to_a_value_type_is_seen(self):
        line = "  std::int64_t retry_after_seconds = 0;\n};"
        self.check_change("result.hpp", line, "  std::int64_t retry_after_seconds = 0;\n  int added = 0;\n};")

    def test_a_promise_that_grows_is_seen(self):
        line = "  std::atomic<std::uint32_t> phase{kRunning};"
        self.check_change("task.hpp", line, line + "\n  std::uint64_t added = 0;")

    def test_a_renumbered_enumerator_is_seen(self):
        self.check_change("result.hpp", "  conflict = 14,", "  conflict = 140,")


if __name__ == "__main__":
    unittest.main()
