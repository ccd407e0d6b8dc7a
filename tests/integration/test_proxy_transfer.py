"""Large bodies through the real binary: memory stays constant, and whoever is slow slows the other side.

Method: an origin and a client that move blocks; the node's peak memory (VmHWM) before and after."""
import os
import threading

import pytest

from support.bulk import drain, resident_bytes, send_zeros
from support.raw_client import RawClient
from support.scripted_origin import ScriptedOrigin
from support.weir_node import WeirNode

BULK = int(os.environ.get("WEIR_BULK_GIB", "1")) << 30
MIB = 1 << 20
SECONDS = 240  # for one transfer, on a machine that does much else
GROWTH = 16 * MIB  # buffers of a few connections, allocator, first use of code
# What the kernel may hold on a way of two sockets, both ends: with automatic tuning 4 MiB to write and 6 to read.
KERNEL = 2 * (4 + 6) * MIB + 4 * MIB


@pytest.fixture
def serve(tmp_path):
    running = []

    def start(handler):
        origin = ScriptedOrigin(handler)
        running.append(origin.close)
        node = WeirNode(tmp_path / "node", f"""version: 1
listen: {{ http: "127.0.0.1:0" }}
limits: {{ body: {BULK} }}
upstreams:
  u: {{ servers: ["{origin.address}"] }}
sites:
  - hosts: ["*"]
    upstream: u
""")
        running.append(node.stop)
        return node, origin

    yield start
    for end in reversed(running):
        end()


def download(count):
    def handle(exchange, origin):
        exchange.read_head()
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % count)
        origin.sent = 0

        def add(more):
            origin.sent += more

        send_zeros(exchange.sock, count, add)
        exchange.read_head()  # until the proxy ends it

    return handle


def upload(count, begin=None):
    def handle(exchange, origin):
        origin.got = 0
        exchange.read_head()
        if begin:
            begin.wait(SECONDS)

        def add(more):
            origin.got += more

        add(len(exchange.buffer))
        drain(exchange.sock, count - origin.got, add)
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    return handle


GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n"


def test_gibibytes_down_at_constant_memory(serve):
    node, _ = serve(download(BULK))
    before = resident_bytes(node.process.pid)
    with RawClient(node.port(), timeout=SECONDS) as client:
        client.send(GET)
        client._until(b"\r\n\r\n")
        drain(client.sock, BULK - len(client.buffer))
    assert resident_bytes(node.process.pid, "VmHWM") - before < GROWTH


def test_gibibytes_up_at_constant_memory(serve):
    node, origin = serve(upload(BULK))
    before = resident_bytes(node.process.pid)
    with RawClient(node.port(), timeout=SECONDS) as client:
        client.send(POST % BULK)
        send_zeros(client.sock, BULK)
        assert client.read().status == 200
    assert origin.got == BULK
    assert resident_bytes(node.process.pid, "VmHWM") - before < GROWTH


def stalled(node, count):
    """Waits until `count()` has not changed for half a second; returns it."""
    state = {"value": -1, "since": 0}

    def stands():
        now = count()
        if now != state["value"]:
            state.update(value=now, since=0)
        state["since"] += 1
        return now > 0 and state["since"] >= 10  # asked every 50 ms

    node.wait(stands, 30, "the transfer stands still")
    return state["value"]


def test_the_origin_is_not_drained_while_the_client_does_not_read(serve):
    size = 256 * MIB
    node, origin = serve(download(size))
    before = resident_bytes(node.process.pid)
    with RawClient(node.port(), timeout=SECONDS) as client:
        client.send(GET)
        client._until(b"\r\n\r\n")
        assert stalled(node, lambda: getattr(origin, "sent", 0)) < KERNEL
        drain(client.sock, size - len(client.buffer))
    assert resident_bytes(node.process.pid, "VmHWM") - before < GROWTH


def test_the_client_is_not_drained_while_the_origin_does_not_read(serve):
    size = 256 * MIB
    begin = threading.Event()
    node, origin = serve(upload(size, begin))
    before = resident_bytes(node.process.pid)
    sent = [0]

    def add(more):
        sent[0] += more

    with RawClient(node.port(), timeout=SECONDS) as client:
        client.send(POST % size)
        sender = threading.Thread(target=send_zeros, args=(client.sock, size, add), daemon=True)
        sender.start()
        assert stalled(node, lambda: sent[0]) < KERNEL
        begin.set()
        sender.join(SECONDS)
        assert client.read().status == 200
    assert origin.got == size
    assert resident_bytes(node.process.pid, "VmHWM") - before < GROWTH


def test_a_slow_upload_may_take_longer_than_request(tmp_path):
    """`request` bounds the wait for the answer; an upload is bounded by its progress."""

    def handle(exchange, _):
        body = exchange.read_request()[1]
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    with ScriptedOrigin(handle) as origin:
        node = WeirNode(tmp_path, f"""version: 1
listen: {{ http: "127.0.0.1:0" }}
limits: {{ timeouts: {{ request: 500ms, body: 10s }} }}
upstreams:
  u: {{ servers: ["{origin.address}"] }}
sites:
  - hosts: ["*"]
    upstream: u
""")
        with RawClient(node.port()) as client:
            client.send(POST % 12)
            for i in range(12):
                client.send(b"%x" % i)
                threading.Event().wait(0.1)
            assert client.read().body == b"0123456789ab"
        assert node.stop() == 0
