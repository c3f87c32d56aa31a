#!/usr/bin/env python3
"""scripts/lint-sql rejects claims whose sub-query may run more than once, and finds nothing in the repository."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

LINT = pathlib.Path(__file__).resolve().parents[3] / "scripts/lint-sql"
CLAIM = 'constinit const db::Statement kClaim(\n    "UPDATE jobs SET lease_until = $2 "\n    "WHERE id {} RETURNING id");\n'
INNER = 'SELECT id FROM jobs WHERE state IN (\'a\', \'b\') AND lease_until < $1 ORDER BY id LIMIT 1 "\n    "FOR UPDATE SKIP LOCKED'


def lint(*arguments):
    done = subprocess.run([sys.executable, LINT, *arguments], text=True, capture_output=True, cwd=LINT.parent)
    return done.returncode, done.stdout + done.stderr


class LintSql(unittest.TestCase):
    def check(self, condition, code):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "store.cpp"
            file.write_text(CLAIM.format(condition))
            found, output = lint(file)
            self.assertEqual(found, code, f"{condition}: {output}")
            self.assertEqual(f"{file}:2: " in output, code == 1, output)

    def test_a_sub_query_that_runs_once_passes(self):
        for condition in (f"= ({INNER})", f"= ANY(ARRAY({INNER}))", "IN (SELECT id FROM jobs WHERE lease_until < $1)"):
            self.check(condition, 0)

    def test_a_locking_sub_query_behind_in_is_found(self):
        for condition in (f"IN ({INNER})", f"in(\\n {INNER})".replace("\\n", " ")):
            self.check(condition, 1)

    def test_the_repository_is_clean(self):
        self.assertEqual(lint(), (0, ""))

    def test_wrong_use_says_so(self):
        self.assertEqual(lint("--nonsense")[0], 2)
        self.assertEqual(lint("no/such/file.cpp")[0], 2)
        self.assertEqual(lint("--help")[0], 0)


if __name__ == "__main__":
    unittest.main()
