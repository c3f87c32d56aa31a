"""What a session costs in memory, and that nothing of the web was given up for it."""
import os
import pathlib

import pytest

from test_durability import descendants
from test_sessions import navigate, text_of

DRIVER = "swrast_dri.so"  # Mesa's, which brings LLVM


def maps_of(server, name):
    for process in descendants(server):
        folder = pathlib.Path(f"/proc/{process}")
        try:
            if (folder / "comm").read_text().strip() == name:
                yield (folder / "maps").read_text()
        except FileNotFoundError:
            continue  # ended meanwhile


def test_pages_draw_in_3d(client, session, site):
    navigate(client, session, site.url("/webgl.html"))
    assert text_of(client, session, "#answer") == "true true"


@pytest.mark.skipif(os.geteuid() != 0, reason="session processes show their maps to root only")
def test_only_the_web_process_holds_a_driver_for_it(shared_server, client, session, site):
    navigate(client, session, site.url("/webgl.html"))
    own = list(maps_of(shared_server, "driftstack-webk"))
    assert own and not any(DRIVER in maps for maps in own)
    assert any(DRIVER in maps for maps in maps_of(shared_server, "WebKitWebProces"))
