"""What a node does with its servers: TLS, unix sockets, repeats and their budget, ejection, health checks, stale connections.

Method: scripted origins that count what reaches them; the node's own metrics where nothing else tells."""
import ssl
import subprocess
import threading
import time

import pytest

from support.raw_client import RawClient, ask
from support.scripted_origin import ScriptedOrigin
from support.weir_node import WeirNode

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"


def config(*servers, upstream="", top=""):
    listed = ", ".join(f'"{server}"' for server in servers)
    return f"""version: 1
listen: {{ http: "127.0.0.1:0" }}
{top}
upstreams:
  u: {{ servers: [{listed}]{upstream} }}
sites:
  - hosts: ["*"]
    upstream: u
"""


@pytest.fixture
def nodes(tmp_path):
    running = []

    def start(*servers, **how):
        node = WeirNode(tmp_path / f"node{len(running)}", config(*servers, **how))
        running.append(node)
        return node

    yield start
    for node in running:
        assert node.stop() == 0


def counting(answer=b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"):
    def handle(exchange, origin):
        while True:
            origin.requests.append(exchange.read_request())
            exchange.send(answer)

    return handle


# -- where servers are ----------------------------------------------------------------------------


def test_a_server_on_a_unix_socket(nodes, tmp_path):
    with ScriptedOrigin(counting(), path=str(tmp_path / "app.sock")) as origin:
        node = nodes(origin.address)
        with RawClient(node.port()) as client:
            for _ in range(3):
                assert client.send(POST).read().body == b"ok"
        assert [body for _, body in origin.requests] == [b"abc"] * 3 and origin.connections == 1


class TlsOrigin(ScriptedOrigin):
    """Speaks TLS with a certificate for `name` that is its own authority."""

    def __init__(self, folder, name):
        self.certificate = str(folder / f"{name}.pem")
        key = str(folder / f"{name}.key")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-days", "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}",
                        "-keyout", key, "-out", self.certificate], check=True, capture_output=True, timeout=60)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(self.certificate, key)
        super().__init__(counting())

    def _serve(self, sock):
        try:
            wrapped = self._context.wrap_socket(sock, server_side=True)
        except OSError:
            sock.close()
            return
        with self._lock:
            self._open.discard(sock)
            self._open.add(wrapped)
        super()._serve(wrapped)


def test_an_https_server_is_verified(nodes, tmp_path):
    with TlsOrigin(tmp_path, "origin.example") as origin, TlsOrigin(tmp_path, "other.example") as stranger:
        right = f", tls: {{ ca: {origin.certificate}, server_name: origin.example }}"
        node = nodes(origin.address, upstream=right)
        with RawClient(node.port()) as client:
            for _ in range(3):
                assert client.send(POST).read().body == b"ok"
        assert len(origin.requests) == 3 and origin.connections == 1
        wrong_name = f", tls: {{ ca: {origin.certificate}, server_name: www.example }}"
        assert ask(nodes(origin.address, upstream=wrong_name).port(), GET).status == 502
        assert ask(nodes(stranger.address, upstream=right).port(), GET).status == 502
        assert len(origin.requests) == 3 and stranger.requests == []


# -- repeats --------------------------------------------------------------------------------------


def test_a_post_whose_bytes_were_sent_is_never_repeated(nodes):
    def drop(exchange, origin):
        origin.requests.append(exchange.read_request())

    with ScriptedOrigin(drop) as one, ScriptedOrigin(drop) as two:
        node = nodes(one.address, two.address, upstream=", outlier: { consecutive_failures: 1000 }")
        for _ in range(10):
            assert ask(node.port(), POST).status == 502
        assert len(one.requests) + len(two.requests) == 10
        for _ in range(10):
            assert ask(node.port(), GET).status == 502
        assert 10 + 10 < len(one.requests) + len(two.requests) <= 10 + 20


def test_a_post_that_met_a_closing_connection_is_sent_anew(nodes):
    """The origin has ended the kept connection when the next request comes: nothing of it can have been read."""
    closed = threading.Semaphore(0)

    def handle(exchange, origin):
        origin.requests.append(exchange.read_request())
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        exchange.sock.close()
        closed.release()

    with ScriptedOrigin(handle) as origin:
        node = nodes(origin.address)
        with RawClient(node.port()) as client:
            for _ in range(100):
                assert client.send(POST).read().status == 200
                assert closed.acquire(timeout=10)
        assert len(origin.requests) == 100


def test_a_gateway_status_is_repeated_elsewhere_and_a_500_is_not(nodes):
    busy = counting(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
    with ScriptedOrigin(busy) as bad, ScriptedOrigin(counting()) as good:
        node = nodes(bad.address, good.address, upstream=", balance: round_robin, retries: { budget: 100% }, "
                                                         "outlier: { consecutive_failures: 1000 }")
        with RawClient(node.port()) as client:
            assert {client.send(GET).read().status for _ in range(20)} == {200}
        assert bad.requests
    broken = counting(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n")
    with ScriptedOrigin(broken) as origin:
        assert ask(nodes(origin.address).port(), GET).status == 500
        assert len(origin.requests) == 1


def test_the_budget_bounds_what_repeats_add(nodes):
    busy = counting(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
    with ScriptedOrigin(busy) as origin:
        node = nodes(origin.address, top="shards: 1",
                     upstream=", retries: { attempts: 5, budget: 20% }, outlier: { consecutive_failures: 1000 }")
        begun = time.monotonic()
        with RawClient(node.port()) as client:
            assert {client.send(GET).read().status for _ in range(1000)} == {503}
        # A fifth of the requests of the last ten seconds; a hundred in ten seconds are always granted.
        most = 1000 // 5 + 100 * int((time.monotonic() - begun) / 10)
        assert 1000 < len(origin.requests) <= 1000 + most


# -- who is left out ------------------------------------------------------------------------------


def test_a_failing_server_is_ejected_and_comes_back(nodes):
    well = threading.Event()

    def sometimes(exchange, origin):
        while True:
            origin.requests.append(exchange.read_request())
            status = b"200 OK" if well.is_set() else b"503 Busy"
            exchange.send(b"HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n" % status)

    with ScriptedOrigin(sometimes) as ill, ScriptedOrigin(counting()) as good:
        node = nodes(ill.address, good.address, upstream=", balance: round_robin, retries: { attempts: 1 }, "
                                                         "outlier: { consecutive_failures: 3, eject: 1s, max_ejected: 50% }")
        with RawClient(node.port()) as client:
            statuses = [client.send(GET).read().status for _ in range(40)]
            assert statuses.count(503) == 3 and len(ill.requests) == 3
            well.set()
            node.wait(lambda: client.send(GET).read().status == 200 and len(ill.requests) > 3, 10, "it is used again")


def test_health_checks_bring_a_server_out_and_in(nodes):
    state = {"healthy": True}

    def handle(exchange, origin):
        while True:
            head, _ = exchange.read_request()
            check = b"GET /healthz" in head
            if not check:
                origin.requests.append(head)
            ok = state["healthy"] or not check
            exchange.send(b"HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n" % (b"200 OK" if ok else b"500 No"))

    health = ", health: { path: /healthz, every: 100ms, timeout: 1s, fail: 2, pass: 2 }"
    with ScriptedOrigin(handle) as origin:
        node = nodes(origin.address, upstream=health)
        assert ask(node.port(), GET).status == 200  # it waited for the first check
        state["healthy"] = False
        node.wait(lambda: ask(node.port(), GET).status == 503, 10, "the server is out")
        seen = len(origin.requests)
        assert ask(node.port(), GET).status == 503 and len(origin.requests) == seen
        state["healthy"] = True
        node.wait(lambda: ask(node.port(), GET).status == 200, 10, "the server is in")


# -- who the client is ----------------------------------------------------------------------------


@pytest.mark.parametrize("trusted, said, expected", [
    ("", b"203.0.113.7", b"127.0.0.1"),
    ("127.0.0.0/8", b"203.0.113.7", b"203.0.113.7, 127.0.0.1"),
])
def test_only_a_trusted_proxy_is_believed(tmp_path, trusted, said, expected):
    with ScriptedOrigin(counting()) as origin:
        text = config(origin.address).replace(
            'listen: { http: "127.0.0.1:0" }',
            'listen: { http: "127.0.0.1:0", trusted_proxies: [%s] }' % (f'"{trusted}"' if trusted else ""))
        node = WeirNode(tmp_path, text)
        ask(node.port(), b"GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: %s\r\nX-Forwarded-Proto: https\r\n"
                         b"X-Forwarded-Host: evil.example\r\nForwarded: for=198.51.100.1\r\n\r\n" % said)
        assert node.stop() == 0
        lines = origin.requests[0][0].split(b"\r\n")
        assert b"X-Forwarded-For: " + expected in lines
        assert (b"X-Forwarded-Proto: https" in lines) == bool(trusted)
        forwarded = [line for line in lines if line.lower().startswith(b"forwarded:")]
        assert len(forwarded) == 1 and b"for=127.0.0.1" in forwarded[0]
        assert b"198.51.100.1" not in forwarded[0]  # X-Forwarded-For is believed before Forwarded
        assert (b"203.0.113.7" in forwarded[0]) == bool(trusted)
        assert (b"evil.example" in b"".join(lines)) == bool(trusted)
