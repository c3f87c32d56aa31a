"""A site for sessions to visit: files of pages/, and answers of special kinds."""
import html
import http.server
import json
import pathlib
import secrets
import threading
import time
import urllib.parse

PAGES = pathlib.Path(__file__).resolve().parent / "pages"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body, content_type="text/html; charset=utf-8", headers=()):
        data = body if isinstance(body, bytes) else body.encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def cookie(self, name):
        return dict(part.strip().split("=", 1) for part in self.headers.get("Cookie", "").split(";") if "=" in part).get(name)

    def do_GET(self):
        site = self.server.site
        parts = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(parts.query))
        site.requests.append(self.path)
        if parts.path == "/status":
            return self.answer(int(query["code"]), f"<h1>status {query['code']}</h1>")
        if parts.path == "/redirect":
            return self.answer(302, "", headers=[("Location", query["to"])])
        if parts.path == "/hang":
            site.released.wait(130)
            return self.answer(200, "late")
        if parts.path == "/cookie":
            return self.answer(200, "<h1>cookie</h1>", headers=[("Set-Cookie", "taste=sweet; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax")])
        if parts.path == "/account":
            name = site.logins.get(self.cookie("login"))
            if name:
                return self.answer(200, f"<title>account</title><h1 id='hello'>Hello {name}</h1>")
            return self.answer(200, "<title>log in</title><form method='post' action='/login'><input id='name' name='name'><button>Log in</button></form>")
        if parts.path == "/found":
            return self.answer(200, f"<title>found</title><ul id='results'><li>{html.escape(query.get('q', ''))}</li></ul>")
        if parts.path == "/welcome":
            return self.answer(200, "<title>home</title><h1 id='home'>Welcome</h1>")
        if parts.path == "/close":
            self.close_connection = True
            self.connection.close()
            return None
        file = (PAGES / parts.path.lstrip("/")).resolve()
        for root in [PAGES, *site.more_roots]:
            file = (root / urllib.parse.unquote(parts.path).lstrip("/")).resolve()
            if file.is_relative_to(root.resolve()) and file.is_file():
                types = {".html": "text/html; charset=utf-8", ".css": "text/css", ".png": "image/png", ".js": "text/javascript"}
                return self.answer(200, file.read_bytes(), types.get(file.suffix, "application/octet-stream"))
        return self.answer(404, "<h1>not here</h1>")

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.site.posts.append((self.path, body))
        if self.path == "/events":
            self.server.site.events.extend(json.loads(body))
            return self.answer(200, "ok", "text/plain")
        fields = urllib.parse.parse_qs(body.decode(), keep_blank_values=True)
        if self.path == "/login":
            token = secrets.token_hex(16)
            self.server.site.logins[token] = fields["name"][0]
            return self.answer(303, "", headers=[("Location", "/account"), ("Set-Cookie", f"login={token}; Path=/; HttpOnly; SameSite=Lax")])
        if self.path == "/session":
            right = fields.get("name") == ["ada@example.com"] and fields.get("secret") == ["correct horse"]
            return self.answer(303, "", headers=[("Location", "/welcome" if right else "/login.html?again")])
        rows = "".join(f"<dt>{name}</dt><dd id='echo-{name}'>{values[0]}</dd>" for name, values in fields.items())
        return self.answer(200, f"<title>received</title><h1>Received</h1><dl>{rows}</dl>")


class Site:
    def __init__(self, more_roots=()):
        self.requests, self.posts, self.events = [], [], []
        self.logins = {}  # token of a cookie that ends with the browser: name
        self.more_roots = [pathlib.Path(root) for root in more_roots]
        self.released = threading.Event()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.site = self
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def stop(self):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()
