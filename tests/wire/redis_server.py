"""A redis-server of a test's own, on the loopback address."""
import shutil
import signal
import socket
import subprocess
import tempfile

from server import free_port, wait_until


class Redis:
    def __init__(self, password=None):
        self.folder = tempfile.mkdtemp(prefix="driftstack-redis-")
        self.port = free_port()
        self.password = password
        self.process = None
        self.start()

    @property
    def url(self):
        return f"redis://{':' + self.password + '@' if self.password else ''}127.0.0.1:{self.port}/0"

    def start(self):
        command = ["redis-server", "--bind", "127.0.0.1", "--port", str(self.port), "--dir", self.folder, "--save", "", "--logfile", "log"]
        self.process = subprocess.Popen(command + (["--requirepass", self.password] if self.password else []))
        wait_until(self.answers, 30, "redis-server")

    def answers(self):
        assert self.process.poll() is None, "redis-server ended; scripts/dependencies --test installs it"
        try:
            return self.ask("PING")
        except OSError:
            return False

    def ask(self, *words):
        """One command of an operator; the answer as it came, without its end."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall((" ".join(words) + "\r\n").encode())
            return connection.recv(65536).decode().rstrip()

    def kill(self):
        """Like a power cut: what it held is gone."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(10)

    def remove(self):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
