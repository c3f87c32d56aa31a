"""What a session costs in memory, and that nothing of the web was given up for it."""
import pathlib

from test_sessions import navigate, text_of


def processes_named(name):
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "comm").read_text().strip() == name:
                yield (entry / "maps").read_text()
        except OSError:
            continue  # ended meanwhile


def test_pages_draw_in_3d_and_only_the_web_process_holds_a_driver_for_it(client, session, site):
    navigate(client, session, site.url("/webgl.html"))
    assert text_of(client, session, "#answer") == "true true"
    drivers = "swrast_dri.so"
    own = list(processes_named("driftstack-webk"))
    assert own and not any(drivers in maps for maps in own)
    assert any(drivers in maps for maps in processes_named("WebKitWebProces"))
