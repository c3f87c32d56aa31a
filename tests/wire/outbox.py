"""Reads what mail-outbox wrote, as a mail program would."""
import email
import email.policy
import re

from server import wait_until

LINK = re.compile(r"https?://\S+#token=([A-Za-z0-9_-]+)")


def mails(server, to=None, template=None):
    """The mails so far, oldest first."""
    found = []
    for path in sorted((server.data / "plugins" / "mail-outbox").glob("[!.]*.eml"), key=lambda path: path.stat().st_mtime_ns):
        mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        if to in (None, str(mail["To"])) and template in (None, mail["X-Driftstack-Template"]):
            found.append(mail)
    return found


def text_of(mail, kind="plain"):
    return mail.get_body(preferencelist=(kind,)).get_content()


def wait_for_mail(server, to, template, count=1):
    """The newest of at least `count` mails."""
    return wait_until(lambda: (found := mails(server, to, template)) and len(found) >= count and found, what=f"{count} {template} to {to}")[-1]


def token_in(mail):
    return LINK.search(text_of(mail)).group(1)
