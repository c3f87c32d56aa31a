#!/usr/bin/env python3
"""scripts/lint-includes rejects each wrong direction, and finds nothing in the repository."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

LINT = pathlib.Path(__file__).resolve().parents[3] / "scripts/lint-includes"


def lint(*arguments):
    done = subprocess.run([sys.executable, LINT, *arguments], text=True, capture_output=True)
    return done.returncode, done.stdout + done.stderr


class LintIncludes(unittest.TestCase):
    def check(self, path, include, code):
        """Lints a small tree with one more include in one file."""
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name in ("sdk/include/driftstack/host.hpp", "kernel/config/node.hpp", "kernel/http/listener.hpp", "plugins/one/store.hpp",
                         "plugins/two/ledger.hpp"):
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text("#pragma once\n")
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(f"#include {include}\n")
            found, output = lint(root)
            self.assertEqual(found, code, f"{path} includes {include}: {output}")

    def test_what_points_down_passes(self):
        for path, include in (
            ("sdk/include/driftstack/task.hpp", "<coroutine>"),
            ("sdk/include/driftstack/task.hpp", '"driftstack/host.hpp"'),
            ("sdk/include/driftstack/support/json.hpp", "<openssl/sha.h>"),
            ("sdk/testing/src/fake.cpp", "<sys/epoll.h>"),
            ("plugins/one/plugin.cpp", '"driftstack/host.hpp"'),
            ("plugins/one/plugin.cpp", '"store.hpp"'),
            ("plugins/one/deep/down.cpp", '"../store.hpp"'),
            ("plugins/one/plugin.cpp", "<sqlite3.h>"),
            ("plugins/one/plugin.cpp", '"generated-protocol.h"'),
            ("kernel/http/connection.cpp", '"kernel/http/listener.hpp"'),
            ("kernel/plugins/loader.cpp", '"kernel/config/node.hpp"'),
        ):
            self.check(path, include, 0)

    def test_what_points_elsewhere_is_rejected(self):
        for path, include in (
            ("sdk/include/driftstack/task.hpp", "<boost/asio.hpp>"),
            ("sdk/include/driftstack/roles/mailer.hpp", "<openssl/sha.h>"),
            ("sdk/include/driftstack/task.hpp", '"kernel/config/node.hpp"'),
            ("sdk/src/support/json.cpp", '"kernel/config/node.hpp"'),
            ("plugins/one/plugin.cpp", '"kernel/config/node.hpp"'),
            ("plugins/one/plugin.cpp", '"plugins/two/ledger.hpp"'),
            ("plugins/one/plugin.cpp", '"ledger.hpp"'),
            ("plugins/one/plugin.cpp", '"../two/ledger.hpp"'),
            ("plugins/one/plugin.cpp", '"driftstack/testing/fake_host.hpp"'),
            ("kernel/config/node.cpp", '"kernel/http/listener.hpp"'),
            ("kernel/http/connection.cpp", '"plugins/one/store.hpp"'),
            ("kernel/http/connection.cpp", '"driftstack/testing/fake_host.hpp"'),
        ):
            self.check(path, include, 1)

    def test_the_repository_keeps_the_rule(self):
        code, output = lint()
        self.assertEqual(code, 0, output)

    def test_a_folder_without_an_sdk_is_a_usage_error(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(lint(folder)[0], 2)


if __name__ == "__main__":
    unittest.main()
