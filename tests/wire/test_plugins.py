"""The third party's side: a plugin built outside of the tree against the installed SDK, pinned, loaded and called by the real server."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

import pytest

from server import BUILD, PROGRAM, ROOT
from test_transport import assert_problem


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def workshop():
    """A folder that only we can write to, as the loader demands of every part of a plugin's path."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="driftstack-plugin-"))
    run("cmake", "--install", BUILD, "--component", "sdk", "--prefix", folder / "prefix")
    yield folder
    shutil.rmtree(folder)


def build(workshop, source):
    build_folder = workshop / ("build-" + source.name)
    run("cmake", "-S", source, "-B", build_folder, f"-DCMAKE_PREFIX_PATH={workshop / 'prefix'}", "-DCMAKE_BUILD_TYPE=Release")
    run("cmake", "--build", build_folder, "--target", f"driftstack-plugin-{source.name}")
    return build_folder / "plugins" / source.name


@pytest.fixture(scope="module")
def hello(workshop):
    shutil.copytree(ROOT / "sdk/example", workshop / "hello")
    return build(workshop, workshop / "hello")


def sha256(package):
    return run("sha256sum", package / f"lib{package.name}.so").split()[0]


def quiet(*settings):
    """A server without browsers."""
    return ["plugins.sessions.enabled=false", 'roles.browser_backend=""', *settings]


def test_the_example_is_loaded_and_answers(make_server, hello):
    server = make_server(*quiet("plugins.hello.enabled=true", f'plugins.hello.package="{hello}"', f'plugins.hello.sha256="{sha256(hello)}"',
                                'plugins.hello.greeting="Servus"'), egress=False)
    answer = server.client(key=None).get("/v1/hello/Ada")
    assert (answer.status, answer.json) == (200, {"message": "Servus, Ada!"})
    assert "/v1/hello/{name}" in server.client(key=None).get("/openapi.json").json["paths"]
    server.stop()


def refusal(make_server, *settings):
    server = make_server(*quiet(*settings), start=False, egress=False)
    server.start(wait=False)
    code = server.process.wait(60)
    return code, server.error_text()


def test_a_library_without_or_with_another_pin_is_refused(make_server, hello):
    named = ["plugins.hello.enabled=true", f'plugins.hello.package="{hello}"']
    code, text = refusal(make_server, *named)
    assert code == 5 and "hello" in text and "pin" in text, text
    code, text = refusal(make_server, *named, f'plugins.hello.sha256="{"0" * 64}"')
    assert code == 5 and "hello" in text and "pin" in text, text


def test_a_folder_that_others_can_write_to_is_refused(make_server, hello, workshop):
    package = workshop / "open" / "hello"
    shutil.copytree(hello, package)
    package.chmod(0o777)
    code, text = refusal(make_server, "plugins.hello.enabled=true", f'plugins.hello.package="{package}"', f'plugins.hello.sha256="{sha256(hello)}"')
    assert code != 0 and "writ" in text, text


def test_a_setting_of_the_plugin_is_checked_by_its_manifest(make_server, hello):
    code, text = refusal(make_server, "plugins.hello.enabled=true", f'plugins.hello.package="{hello}"', f'plugins.hello.sha256="{sha256(hello)}"',
                         'plugins.hello.greting="x"')
    assert code == 3 and 'plugins.hello.greting' in text and "greeting" in text, text


def test_the_skeleton_of_plugin_new_builds_and_runs(make_server, workshop):
    source = workshop / "weather-report"
    run(PROGRAM, "plugin", "new", "weather-report", "--folder", source)
    package = build(workshop, source)
    server = make_server(*quiet("plugins.weather-report.enabled=true", f'plugins.weather-report.package="{package}"',
                                f'plugins.weather-report.sha256="{sha256(package)}"'), egress=False)
    assert server.client().get("/v1/weather-report/Ada").json == {"message": "Hello, Ada!"}
    server.stop()
    example = (ROOT / "sdk" / "example" / "hello.cpp").read_text()
    assert len((source / "weather-report.cpp").read_text().splitlines()) == len(example.splitlines()), "the skeleton is the example"
    again = subprocess.run([PROGRAM, "plugin", "new", "weather-report", "--folder", source], capture_output=True, text=True)
    assert again.returncode == 1 and "not empty" in again.stderr


def test_a_pin_trusts_the_library_as_it_is(workshop, hello):
    plugins = workshop / "plugins"
    plugins.mkdir()
    shutil.copytree(hello, plugins / "hello")
    options = ["--set", f'plugins_dir="{plugins}"']
    listed = subprocess.run([PROGRAM, "plugin", "list", "--json", *options], capture_output=True, text=True).stdout
    assert json.loads(listed)["plugins"][0]["state"] == "unpinned"
    run(PROGRAM, "plugin", "pin", "hello", *options)
    listed = subprocess.run([PROGRAM, "plugin", "list", "--json", *options], capture_output=True, text=True).stdout
    assert json.loads(listed)["plugins"][0]["state"] == "pinned"
    with open(plugins / "hello" / "libhello.so", "ab") as library:
        library.write(b"\0")
    listed = subprocess.run([PROGRAM, "plugin", "list", "--json", *options], capture_output=True, text=True).stdout
    assert json.loads(listed)["plugins"][0]["state"] == "changed"
    assert os.path.exists(plugins / "plugins.lock")
