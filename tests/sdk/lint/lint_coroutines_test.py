#!/usr/bin/env python3
"""scripts/lint-coroutines names every marked line of the samples, no other, and nothing in the repository."""

import pathlib
import re
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
LINT = HERE.parents[2] / "scripts/lint-coroutines"


def lint(*files):
    done = subprocess.run([sys.executable, LINT, *files], text=True, capture_output=True)
    lines = {int(number) for number in re.findall(r"^[^:\n]+:(\d+): ", done.stdout, re.M)}
    return done.returncode, lines, done.stdout + done.stderr


class LintCoroutines(unittest.TestCase):
    def test_every_marked_line_is_rejected_and_no_other(self):
        sample = HERE / "rejected.cpp"
        marked = {number for number, line in enumerate(sample.read_text().splitlines(), 1) if line.endswith("// rejected")}
        code, lines, output = lint(sample)
        self.assertEqual(lines, marked, output)
        self.assertEqual(code, 1)

    def test_nothing_is_rejected_that_g_plus_plus_12_compiles_well(self):
        code, lines, output = lint(HERE / "accepted.cpp")
        self.assertEqual((code, lines), (0, set()), output)

    def test_the_repository_has_no_such_line(self):
        code, _, output = lint()
        self.assertEqual(code, 0, output)

    def test_a_missing_file_is_a_usage_error(self):
        self.assertEqual(lint(HERE / "no_such_file.cpp")[0], 2)


if __name__ == "__main__":
    unittest.main()
