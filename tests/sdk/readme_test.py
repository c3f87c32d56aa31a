#!/usr/bin/env python3
"""The walk through the example in sdk/README.md shows the files of sdk/example, word for word.

A block that names a file (```cpp hello.cpp) is compared with that file; sdk_example_outside builds and runs those files, and compiles the C++
that names none.
"""

import pathlib
import re
import unittest

SDK = pathlib.Path(__file__).resolve().parents[2] / "sdk"
README = (SDK / "README.md").read_text()
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.M | re.S)


class Readme(unittest.TestCase):
    def test_every_named_block_is_its_file(self):
        named = {name: text for _, name, text in BLOCK.findall(README) if name}
        for name, text in named.items():
            self.assertEqual(text, (SDK / "example" / name).read_text(), f"README.md and example/{name} differ")

    def test_every_file_of_the_example_is_shown(self):
        named = {name for _, name, _ in BLOCK.findall(README) if name}
        self.assertEqual(named, {path.name for path in (SDK / "example").iterdir()})

    def test_headers_and_folders_that_it_names_exist(self):
        for name in re.findall(r'#include "(driftstack/[^"]+)"', README):
            self.assertTrue((SDK / "include" / name).exists() or (SDK / "testing/include" / name).exists(), name)
        for name in re.findall(r"`((?:roles|include|testing|abi|example)/[\w/.]*)`", README):
            self.assertTrue((SDK / name).exists() or (SDK / "include/driftstack" / name).exists(), name)


if __name__ == "__main__":
    unittest.main()
