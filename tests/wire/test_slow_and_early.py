"""security.md rows 2, 4 and 8: early answers, slow clients, too many connections, method overrides."""
import socket
import time

import pytest

from server import raw_exchange
from test_shared_database import QUIET
from test_transport import assert_problem, head, status_of


@pytest.fixture(scope="module")
def strict_server(make_server):
    server = make_server(*QUIET, 'server.head_timeout="500ms"', "server.max_connections_per_address=4", egress=False)
    yield server
    server.stop()


def read_to_the_end(connection):
    received = b""
    while part := connection.recv(65536):
        received += part
    return received


def test_a_small_body_behind_an_early_answer_is_dropped_and_the_connection_goes_on(strict_server):
    refused = head("POST /v1/api-keys HTTP/1.1", "Host: localhost", "Content-Type: application/json", "Content-Length: 20", body=b"x" * 20)
    probe = head("GET /health HTTP/1.1", "Host: localhost", "Connection: close")
    received = raw_exchange(strict_server.port, refused + probe)
    assert received.count(b"HTTP/1.1 ") == 2 and status_of(received) == 401 and b"HTTP/1.1 200" in received


def test_a_large_body_behind_an_early_answer_ends_the_connection(strict_server):
    refused = head("POST /v1/api-keys HTTP/1.1", "Host: localhost", "Content-Type: application/json", "Content-Length: 1000000", body=b"x" * 10)
    probe = head("GET /health HTTP/1.1", "Host: localhost")
    received = raw_exchange(strict_server.port, refused + probe)
    assert received.count(b"HTTP/1.1 ") == 1 and status_of(received) == 401 and b"connection: close" in received.lower()


@pytest.mark.parametrize("sent", [b"", b"GET /health HTT", b"GET /health HTTP/1.1\r\nHost: localhost\r\n"])
def test_a_head_that_does_not_come_ends_its_connection(strict_server, sent):
    with socket.create_connection(("127.0.0.1", strict_server.port), timeout=5) as connection:
        began = time.monotonic()
        connection.sendall(sent)
        assert read_to_the_end(connection) == b""
        assert time.monotonic() - began < 4


def test_bytes_that_trickle_do_not_move_the_deadline_of_a_head(strict_server):
    with socket.create_connection(("127.0.0.1", strict_server.port), timeout=5) as connection:
        connection.settimeout(0.1)
        began = time.monotonic()
        for byte in b"GET /health HTTP/1.1\r\nX-Padding: " + b"p" * 60:
            try:
                connection.sendall(bytes([byte]))
                if connection.recv(1) == b"":
                    break
            except socket.timeout:
                continue
            except OSError:
                break
        assert time.monotonic() - began < 4


def test_an_address_has_only_so_many_connections(strict_server):
    def answers(connection):
        try:
            connection.sendall(head("GET /health HTTP/1.1", "Host: localhost"))
            return connection.recv(12) == b"HTTP/1.1 200"
        except OSError:
            return False

    opened = [socket.create_connection(("127.0.0.1", strict_server.port), timeout=5) for _ in range(8)]
    served = [answers(connection) for connection in opened]
    for connection in opened:
        connection.close()
    assert 0 < served.count(True) <= 4, served


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_no_header_changes_the_method(strict_server, header):
    answer = strict_server.client(key=None).post("/health", {}, headers={header: "GET"})
    assert_problem(answer, 404, "not-found")
