#!/usr/bin/env python3
"""Postmark's API for sending one mail, as its documentation describes it. Prints its port, then one line of JSON per mail that it took.

  postmark_server.py --token TOKEN

Recipients choose what happens to them by the beginning of their address, up to the first dash:
  inactive  406     invalid  300     pending  412     closed  413     unconfirmed  401     broke  405
  later     500 once, then taken     busy  429 once with Retry-After: 1, then taken        strange  an answer that is no JSON, once
"""
import argparse
import http.server
import json
import uuid

REFUSALS = {"inactive": 406, "invalid": 300, "pending": 412, "closed": 413, "unconfirmed": 401, "broke": 405}
STREAMS = {"outbound", "broadcast"}
KNOWN = {"From", "To", "Subject", "TextBody", "HtmlBody", "MessageStream", "Tag", "TrackOpens", "TrackLinks", "Headers", "Metadata", "Cc", "Bcc", "ReplyTo",
         "Attachments"}


class Api(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    token = ""
    seen = set()

    def answer(self, status, body, headers=()):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if isinstance(body, bytes) else "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def refuse(self, status, code, words, headers=()):
        self.answer(status, {"ErrorCode": code, "Message": words}, headers)

    def first_time(self, address):
        known = address in self.seen
        self.seen.add(address)
        return not known

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path != "/email":
            return self.answer(404, b"<html>404</html>")
        if self.headers.get("X-Postmark-Server-Token") != self.token:
            return self.refuse(401, 10, "The Server Token you provided in the X-Postmark-Server-Token request header was invalid.")
        if not self.headers.get("Content-Type", "").startswith("application/json"):
            return self.answer(415, b"<html>415</html>")
        try:
            mail = json.loads(body)
        except ValueError:
            return self.refuse(422, 402, "Received invalid JSON input.")
        if problem := self.mistake(mail):
            return self.refuse(422, *problem)
        self.decide(mail)

    @staticmethod
    def mistake(mail):
        if not isinstance(mail, dict) or set(mail) - KNOWN:
            return 403, "Incompatible JSON."
        if not mail.get("From") or not mail.get("To") or not (mail.get("TextBody") or mail.get("HtmlBody")):
            return 300, "Provide From, To and a body."
        if "," in mail["To"] or "@" not in mail["To"] or "\n" in mail.get("Subject", ""):
            return 300, f"Error parsing 'To': Illegal email address '{mail['To']}'."
        if mail.get("MessageStream", "outbound") not in STREAMS:
            return 1235, "The 'MessageStream' provided does not exist on this server."
        return None

    def decide(self, mail):
        address = mail["To"]
        kind = address.partition("-")[0]
        if kind in REFUSALS:
            words = f"Found inactive addresses: {address}. Inactive recipients are ones that have generated a hard bounce." if kind == "inactive" else kind
            return self.refuse(422, REFUSALS[kind], words)
        if kind == "later" and self.first_time(address):
            return self.refuse(500, 0, "Internal server error.")
        if kind == "busy" and self.first_time(address):
            return self.refuse(429, 429, "Rate limit exceeded.", [("Retry-After", "1")])
        if kind == "strange" and self.first_time(address):
            return self.answer(403, b"<html>403 Forbidden</html>")
        print(json.dumps(mail), flush=True)
        return self.answer(200, {"To": address, "SubmittedAt": "2026-11-25T12:00:00.0000000-05:00", "MessageID": str(uuid.uuid4()), "ErrorCode": 0,
                                 "Message": "OK"})

    def log_message(self, *_):
        pass


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--token", required=True)
    Api.token = parser.parse_args().token
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
