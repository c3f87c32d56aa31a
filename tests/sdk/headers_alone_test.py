#!/usr/bin/env python3
"""Each public header of the SDK compiles alone, with warnings as errors: all with the first compiler, those of plugins with the others too."""

import argparse
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = [ROOT / "sdk/include", ROOT / "sdk/testing/include"]
FLAGS = ["-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wnon-virtual-dtor"]


def compile_alone(compiler, header, folders):
    command = [compiler, *FLAGS, *(f"-I{folder}" for folder in folders), "-x", "c++", "-"]
    source = f'#include "{header}"\n#include "{header}"\n'  # twice: the include guard is a promise too
    return subprocess.run(command, input=source, text=True, capture_output=True)


def check_twin(compiler):
    """A header that needs an include which it does not have must be found."""
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "careless.hpp").write_text("#pragma once\ninline std::string name() { return {}; }\n")
        if compile_alone(compiler, "careless.hpp", [folder]).returncode == 0:
            sys.exit(f"{compiler} accepts a header that does not include what it uses: this test checks nothing")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("compilers", nargs="+")
    compilers = parser.parse_args().compilers
    of_plugins, of_tests = ([str(path.relative_to(folder)) for path in sorted(folder.rglob("*.hpp"))] for folder in FOLDERS)
    if not of_plugins or not of_tests:
        sys.exit("no header found")
    for compiler in compilers:
        check_twin(compiler)
    jobs = [(compiler, header) for compiler in compilers for header in of_plugins] + [(compilers[0], header) for header in of_tests]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for (compiler, header), done in zip(jobs, pool.map(lambda job: compile_alone(*job, FOLDERS), jobs)):
            if done.returncode != 0:
                failed += 1
                print(f"{compiler}: {header} does not compile alone\n{done.stderr}")
    print(f"{len(of_plugins) + len(of_tests)} headers, {len(compilers)} compilers, {failed} failures")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
