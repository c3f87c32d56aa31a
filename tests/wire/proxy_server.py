"""A customer's proxy: SOCKS 5 or HTTP CONNECT on 127.0.0.1, which knows names that nobody else knows."""
import base64
import select
import socket
import socketserver
import threading


class Handler(socketserver.BaseRequestHandler):
    def exactly(self, size):
        data = b""
        while len(data) < size:
            piece = self.request.recv(size - len(data))
            if not piece:
                raise ConnectionError
            data += piece
        return data

    def handle(self):
        try:
            self.serve()
        except OSError:
            pass

    def serve(self):
        proxy = self.server.proxy
        host = self.read_socks() if proxy.scheme == "socks5" else self.read_http()
        if host is None:
            return
        proxy.asked.append(host)
        port = proxy.names.get(host)
        if port is None:
            self.request.sendall(b"\5\4\0\1" + bytes(6) if proxy.scheme == "socks5" else b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
            return
        with socket.create_connection(("127.0.0.1", port)) as target:
            self.request.sendall(b"\5\0\0\1" + bytes(6) if proxy.scheme == "socks5" else b"HTTP/1.1 200 OK\r\n\r\n")
            self.relay(target)

    def relay(self, target):
        while True:
            ready, _, _ = select.select([self.request, target], [], [], 60)
            if not ready:
                return
            for one in ready:
                data = one.recv(65536)
                if not data:
                    return
                (target if one is self.request else self.request).sendall(data)

    def read_socks(self):
        wants = self.server.proxy.credentials
        methods = self.exactly(self.exactly(2)[1])
        if wants:
            if 2 not in methods:
                self.request.sendall(b"\5\xff")
                return None
            self.request.sendall(b"\5\2")
            user = self.exactly(self.exactly(2)[1])
            password = self.exactly(self.exactly(1)[0])
            if (user.decode(), password.decode()) != wants:
                self.request.sendall(b"\1\1")
                return None
            self.request.sendall(b"\1\0")
        else:
            self.request.sendall(b"\5\0")
        kind = self.exactly(4)[3]
        host = self.exactly(self.exactly(1)[0]).decode() if kind == 3 else socket.inet_ntoa(self.exactly(4))
        self.exactly(2)
        return host

    def read_http(self):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.exactly(1)
        wants = self.server.proxy.credentials
        if wants and base64.b64encode(":".join(wants).encode()) not in head:
            self.request.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
            return None
        return head.split()[1].decode().rsplit(":", 1)[0]


class Proxy:
    def __init__(self, scheme, credentials=None):
        self.scheme, self.credentials, self.names, self.asked = scheme, credentials, {}, []
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads, self.server.proxy = True, self
        self.port = self.server.server_address[1]
        self.fields = {"label": scheme, "scheme": scheme, "host": "127.0.0.1", "port": self.port}
        if credentials:
            self.fields |= {"username": credentials[0], "password": credentials[1]}
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
