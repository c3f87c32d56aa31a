#!/usr/bin/env python3
"""Installs the SDK into an empty folder, builds sdk/example outside of the tree against it, runs the example's test, and checks the library."""

import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ENTRY = "driftstack_plugin_create_v1"
ALLOWED_LIBRARIES = {"libstdc++.so.6", "libm.so.6", "libgcc_s.so.1", "libc.so.6", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}
MOST_LINES = 80  # of the whole example: library, manifest and build file


def run(*command, cwd=None):
    done = subprocess.run([str(part) for part in command], cwd=cwd, text=True, capture_output=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def check(condition, message):
    if not condition:
        sys.exit("example_outside: " + message)


def check_library(library):
    symbols = [line.split() for line in run("nm", "-D", "--defined-only", library).splitlines()]
    exported = [parts[-1] for parts in symbols]
    check(exported == [ENTRY], f"the library exports {exported}, not only {ENTRY}")
    check(all(parts[-2] != "u" for parts in symbols), "the library has GNU unique symbols: it would be shared between plugins")
    undefined = run("nm", "-D", "--undefined-only", library)
    check("__cxa_thread_atexit" not in undefined, "the library has thread-local objects with destructors")
    check("driftstack" not in undefined, "the library needs symbols of the server")
    needed = set(re.findall(r"\(NEEDED\).*\[(.+)\]", run("readelf", "-d", library)))
    check(needed <= ALLOWED_LIBRARIES, f"the library needs {sorted(needed - ALLOWED_LIBRARIES)}")
    notes = run("readelf", "-n", library)
    check(re.search(r"^\s+driftstack\s+0x", notes, re.M), "the library has no build note:\n" + notes)


def check_size(example):
    files = ["CMakeLists.txt", "plugin.toml", "hello.cpp"]
    lines = sum(len((example / name).read_text().splitlines()) for name in files)
    check(lines < MOST_LINES, f"the example has {lines} lines; it promises fewer than {MOST_LINES}")


def check_readme_code(source, prefix, cxx):
    """C++ of the walk that is no file of the example must compile too."""
    blocks = re.findall(r"^```cpp\n(.*?)^```$", (source / "sdk/README.md").read_text(), re.M | re.S)
    check(blocks, "README.md has no block of C++ without a file: this check is of no use any more")
    for block in blocks:
        command = [cxx, "-std=c++20", "-fsyntax-only", f"-I{prefix}/include", '-DDRIFTSTACK_PLUGIN_PACKAGE="x"', "-x", "c++", "-"]
        done = subprocess.run(command, input="#include <catch2/catch.hpp>\n" + block, text=True, capture_output=True)
        check(done.returncode == 0, f"a block of README.md does not compile:\n{block}\n{done.stderr}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("source", "build", "cmake", "cxx"):
        parser.add_argument("--" + name, required=True)
    options = parser.parse_args()
    source = pathlib.Path(options.source)
    check_size(source / "sdk/example")
    with tempfile.TemporaryDirectory(prefix="driftstack-sdk-") as folder:
        outside = pathlib.Path(folder)
        prefix, example, build = outside / "prefix", outside / "hello", outside / "build"
        run(options.cmake, "--install", options.build, "--component", "sdk", "--prefix", prefix)
        shutil.copytree(source / "sdk/example", example)
        run(options.cmake, "-S", example, "-B", build, f"-DCMAKE_PREFIX_PATH={prefix}", f"-DCMAKE_CXX_COMPILER={options.cxx}",
            "-DCMAKE_BUILD_TYPE=Release")
        run(options.cmake, "--build", build)
        package = build / "plugins/hello"
        check((package / "plugin.toml").read_text() == (example / "plugin.toml").read_text(), "the manifest is not in the package")
        check(re.search(r'^"hello" = "[0-9a-f]{64}"$', (build / "plugins/plugins.lock").read_text(), re.M), "the library is not pinned")
        check_library(package / "libhello.so")
        run(build / "hello_test")
        check_readme_code(source, prefix, options.cxx)
    print("the example builds outside of the tree, its test passes, and its library keeps the rules")


if __name__ == "__main__":
    main()
