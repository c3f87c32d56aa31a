"""driftstack mail preview: what people get to read, before they get it."""
import re
import subprocess

from server import PROGRAM
from test_shared_database import QUIET


def preview(server, folder):
    return subprocess.run([PROGRAM, "mail", "preview", "--folder", folder, *server.arguments()[2:]], capture_output=True, text=True, timeout=120)


def test_every_mail_is_written_as_text_and_html_with_its_link_and_nothing_remote(make_server, tmp_path):
    server = make_server(*QUIET, 'server.public_url="https://sessions.example.com"', egress=False, start=False)
    done = preview(server, tmp_path / "mails")
    assert done.returncode == 0, done.stderr
    names = {path.stem for path in (tmp_path / "mails").iterdir()}
    assert names >= {"signup-verification", "magic-link", "password-reset", "signup-welcome"}
    for name in names:
        text, html = ((tmp_path / "mails" / f"{name}.{form}").read_text() for form in ("txt", "html"))
        assert text.startswith("Subject: ") and "Hello Ada," in text and "Hello Ada," in html
        link = next(word for word in text.split() if "://" in word)
        assert link.startswith("https://sessions.example.com/") and link in html.replace("&amp;", "&")
        assert not re.search(r"<(img|link|script|iframe|object|video)|url\(|@import", html), "a mail fetches nothing"
    assert sorted(done.stdout.split()) == sorted(str(path) for path in (tmp_path / "mails").iterdir())


def test_a_folder_that_cannot_be_written_is_named(make_server, tmp_path):
    (tmp_path / "file").write_text("")
    done = preview(make_server(*QUIET, egress=False, start=False), tmp_path / "file")
    assert done.returncode == 1 and str(tmp_path / "file") in done.stderr
