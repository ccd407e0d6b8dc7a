"""Slow and hostile clients, with the defaults: everybody else is served as before, and memory stays bounded.

Method: raw non-blocking sockets from many loopback addresses (an address may have 200 connections), 4,000 of each kind where the
limit of descriptors allows. They are opened, made slow, and held while fresh requests are timed. Every wait is bounded."""
# ctest: TIMEOUT 300 PROCESSORS 2
import pathlib
import resource
import selectors
import socket
import subprocess
import sys
import threading
import time

import pytest

from support import weir_node
from support.raw_client import RawClient, ask
from support.scripted_origin import ScriptedOrigin, fixed
from support.weir_node import WeirNode

PER_ADDRESS = 180
SLOW = b"GET /big HTTP/1.1\r\nHost: a\r\n\r\n"
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def wanted():
    """4,000 of each of three kinds, or what two processes' descriptors allow."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return min(4000, (hard - 1000) // 4)


class Crowd:
    """Connections of one kind: each sends its first bytes; none reads, unless it is told to."""

    def __init__(self, port, count, first, group, receive_buffer=None):
        self.sockets = []
        poll = selectors.DefaultSelector()
        for i in range(count):
            sock = socket.socket()
            sock.setblocking(False)
            if receive_buffer:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            sock.bind((f"127.{group}.0.{1 + i // PER_ADDRESS}", 0))
            sock.connect_ex(("127.0.0.1", port))
            poll.register(sock, selectors.EVENT_WRITE)
            self.sockets.append(sock)
            if i % 200 == 199:
                self._finish(poll, first)
        self._finish(poll, first)

    def _finish(self, poll, first):
        end = time.monotonic() + 20
        while poll.get_map():
            assert time.monotonic() < end
            for key, _ in poll.select(1):
                assert key.fileobj.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
                key.fileobj.send(first)
                poll.unregister(key.fileobj)

    def trickle(self, data):
        for sock in self.sockets:
            try:
                sock.send(data)
            except OSError:
                pass

    def close(self):
        for sock in self.sockets:
            sock.close()


def resident(node):
    return int(pathlib.Path(f"/proc/{node.process.pid}/statm").read_text().split()[1]) * resource.getpagesize()


def fresh(port):
    """Milliseconds of a request on a new connection."""
    began = time.monotonic()
    assert ask(port, b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").status == 200
    return (time.monotonic() - began) * 1000


def fresh_beside(port, crowds):
    """The second slowest of ten fresh requests, each behind a byte of every client of the crowds: one of them may meet a pause
    of the machine, a stall of the node would meet all."""
    took = []
    for _ in range(10):
        for crowd in crowds:
            crowd.trickle(b"a")
        took.append(fresh(port))
    return sorted(took)[-2]


@pytest.fixture
def site(tmp_path):
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "big").write_bytes(b"x" * (8 << 20))
    with ScriptedOrigin(fixed()) as origin:
        node = WeirNode(tmp_path / "node", f"""version: 1
listen: {{ http: "127.0.0.1:0" }}
log: {{ access: off }}
upstreams: {{ u: {{ servers: ["{origin.address}"] }} }}
sites:
  - hosts: ["*"]
    upstream: u
    routes: [ {{ exact: /big, files: "{tmp_path}/files" }} ]
""")
        yield node, origin
        node.kill()


def test_four_thousand_slow_clients_of_each_kind_cost_the_others_nothing(site):
    node, _ = site
    port, count = node.port(), wanted()
    ask(port, GET)
    before = resident(node)
    kinds = [
        ("headers", b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ", {}),
        ("bodies", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nx", {}),
        ("reads", SLOW, {"receive_buffer": 4096}),
    ]
    crowds, largest = [], 0
    try:
        for group, (name, first, how) in enumerate(kinds, 1):
            crowds.append(Crowd(port, count, first, group, **how))
            took = fresh_beside(port, crowds[:2])
            held = resident(node)
            print(f"{count} slow {name}: fresh request {took:.1f} ms, {(held - before) / 1024 / count:.1f} KiB a connection so far",
                  file=sys.stderr)
            assert took < 100, name
            largest = max(largest, held)
        # A head's block of 16 KiB each, and little besides: nothing grows with what a slow client does.
        assert (largest - before) / (len(kinds) * count) < 40 * 1024
    finally:
        for crowd in crowds:
            crowd.close()
    node.wait(lambda: fresh(port) < 100, 20, "service as before")


def test_a_body_at_a_byte_now_and_then_is_refused(tmp_path):
    """Each byte is progress, but a minute of them is not an upload."""

    def handle(exchange, _):
        exchange.read_request()

    with ScriptedOrigin(handle) as origin, WeirNode(tmp_path / "node", f"""version: 1
listen: {{ http: "127.0.0.1:0" }}
limits: {{ timeouts: {{ body: 1s }} }}
upstreams: {{ u: {{ servers: ["{origin.address}"] }} }}
sites: [ {{ hosts: ["*"], upstream: u }} ]
""") as node, RawClient(node.port()) as client:
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
        stop = threading.Event()

        def drip():
            while not stop.wait(0.2):
                try:
                    client.sock.send(b"x")
                except OSError:
                    return

        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            began = time.monotonic()
            assert client.read().status == 408
            assert time.monotonic() - began < 5
        finally:
            stop.set()
            dripping.join()


def test_a_client_that_never_reads_is_cut(tmp_path):
    (tmp_path / "big").write_bytes(b"x" * (32 << 20))
    with WeirNode(tmp_path / "node", f"""version: 1
listen: {{ http: "127.0.0.1:0" }}
limits: {{ timeouts: {{ write: 500ms }} }}
sites: [ {{ hosts: ["*"], files: "{tmp_path}" }} ]
""") as node, RawClient(node.port()) as client:
        client.send(SLOW)
        assert "write_timeout" in node.wait_for_access(10)[0]


def test_a_full_node_makes_room_by_closing_who_is_idle(tmp_path):
    with WeirNode(tmp_path / "node", """version: 1
listen: { http: "127.0.0.1:0" }
limits: { connections: 20, connections_per_ip: 1000 }
sites: [ { hosts: ["*"], respond: { body: hello } } ]
""") as node:
        port = node.port()
        idle = [RawClient(port) for _ in range(20)]
        for client in idle:
            assert client.send(GET).read().status == 200
        time.sleep(1.1)  # who has just been served is not idle yet
        kept = []
        for _ in range(5):
            client = RawClient(port)
            assert client.send(GET).read().status == 200
            kept.append(client)
        closed = sum(client.closed(0.05) for client in idle)
        assert closed >= 5


def test_out_of_descriptors_the_node_sheds_and_admin_answers(tmp_path):
    """The node may have 400 descriptors: when nine tenths are in use new requests are answered 503, beyond 380 connections are
    closed at once, and its own API is reached all the while."""
    wrapper = tmp_path / "weir"
    wrapper.write_text(f"#!/bin/sh\nulimit -n 400\nexec {pathlib.Path(weir_node.BINARY).resolve()} \"$@\"\n")
    wrapper.chmod(0o755)
    binary, weir_node.BINARY = weir_node.BINARY, str(wrapper)
    try:
        node = WeirNode(tmp_path / "node", """version: 1
listen: { http: "127.0.0.1:0" }
log: { access: off }
shards: 1
limits: { connections_per_ip: 1000 }
sites: [ { hosts: ["*"], respond: { body: hello } } ]
""")
    finally:
        weir_node.BINARY = binary
    with node:
        port, held = node.port(), []

        def hold(count):
            """Busy for ten seconds: their heads do not come."""
            for _ in range(count):
                client = RawClient(port)
                client.send(b"GET / HT")
                held.append(client)

        hold(366 - len(list(pathlib.Path(f"/proc/{node.process.pid}/fd").iterdir())))
        node.wait_for_line("overload_begins", 10)
        answer = ask(port, GET)
        assert answer.status == 503 and answer.field(b"retry-after") and answer.field(b"connection") == b"close"
        hold(60)
        with RawClient(port) as refused:
            assert refused.closed()
        status = subprocess.run([binary, "status", "-c", str(node.file)], capture_output=True, timeout=20)
        assert status.returncode == 0, status.stderr
        for client in held:
            client.close()
        node.wait_for_line("overload_ends", 20)
        assert ask(port, GET).status == 200
