"""WebSocket and other upgrades, interim answers and streams of events, through a real node."""
# ctest: TIMEOUT 180
import asyncio
import json
import pathlib
import signal
import socket
import threading

import pytest

from support.raw_client import RawClient
from support.scripted_origin import ScriptedOrigin
from support.tunnel_peers import GOING_AWAY, EchoOrigin, client_frame, echo, open_websocket, read_frame
from support.weir_node import WeirNode

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: custom/1\r\n\r\n"
ASK = b"GET /t HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: custom/1\r\n\r\n"


def config(address, top="", upstream=""):
    return f"""version: 1
listen: {{ http: "127.0.0.1:0" }}
limits: {{ connections_per_ip: 3000 }}
{top}
upstreams:
  u: {{ servers: ["{address}"]{upstream} }}
sites:
  - hosts: ["*"]
    upstream: u
"""


@pytest.fixture
def serve(tmp_path):
    running = []

    def start(handler, **how):
        origin = ScriptedOrigin(handler)
        running.append(origin.close)
        node = WeirNode(tmp_path / f"node{len(running)}", config(origin.address, **how))
        running.append(node.kill)
        return node, origin

    yield start
    for end in reversed(running):
        end()


def test_any_protocol_passes_and_bytes_right_behind_the_heads_too(serve):
    def handle(exchange, origin):
        origin.requests.append(exchange.read_head())
        exchange.send(SWITCH + b"late")
        assert exchange.read_exactly(5) == b"early"
        exchange.send(b"seen")
        exchange.read_until(b"never")

    node, origin = serve(handle)
    with RawClient(node.port()) as client:
        client.send(ASK + b"early")
        head = client.read()
        assert head.status == 101 and head.field(b"upgrade") == b"custom/1" and head.field(b"connection") == b"upgrade"
        assert client._exactly(8) == b"lateseen"
    assert b"Upgrade: custom/1\r\n" in origin.requests[0] and b"Connection: upgrade\r\n" in origin.requests[0]
    line = json.loads(node.wait_for_access()[0])
    assert line["status"] == 101 and line["target"] == "/t" and line["reason"] in ("finished", "upstream_gone")
    assert line["bytes_in"] == len(ASK) + 5 and line["bytes_out"] > len(SWITCH)


def test_each_side_ends_on_its_own(serve):
    """A client that has ended its side still gets what the origin says afterwards."""
    ended = threading.Event()

    def handle(exchange, _):
        exchange.read_head()
        exchange.send(SWITCH)
        assert exchange.sock.recv(100) == b"all of it"
        assert exchange.sock.recv(100) == b""
        ended.set()
        exchange.send(b"the answer")

    node, _ = serve(handle)
    with RawClient(node.port()) as client:
        client.send(ASK)
        assert client.read().status == 101
        client.send(b"all of it")
        client.sock.shutdown(socket.SHUT_WR)
        assert ended.wait(10)
        assert client._exactly(10) == b"the answer" and client.closed()
    assert json.loads(node.wait_for_access()[0])["reason"] == "finished"


def test_h2c_is_never_offered_to_the_origin(serve):
    def handle(exchange, origin):
        head, _ = exchange.read_request()
        origin.requests.append(head.lower())
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    node, origin = serve(handle)
    for offer in (b"h2c", b"websocket, h2c", b"H2C"):
        with RawClient(node.port()) as client:
            client.send(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: %s\r\n"
                        b"HTTP2-Settings: AAA\r\n\r\n" % offer)
            assert client.read().status == 200
    for head in origin.requests:
        assert b"upgrade" not in head and b"http2-settings" not in head


def test_a_refused_upgrade_keeps_the_connection(serve):
    def handle(exchange, _):
        while True:
            exchange.read_request()
            exchange.send(b"HTTP/1.1 426 Upgrade Required\r\nUpgrade: other\r\nContent-Length: 2\r\n\r\nno")

    node, origin = serve(handle)
    with RawClient(node.port()) as client:
        for _ in range(3):
            assert client.send(ASK).read().body == b"no"
    assert origin.connections == 1


def test_a_tunnel_takes_no_request_s_place_and_keeps_to_its_server(serve):
    """One request at once, one connection: an open tunnel is neither. Its 101 names the client's server."""

    def handle(exchange, _):
        while b"Upgrade: custom/1" not in exchange.read_head():
            exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        exchange.send(SWITCH)
        exchange.read_until(b"never")

    node, _ = serve(handle, upstream=", max_requests: 1, max_connections: 1, sticky: { cookie: r }")
    with RawClient(node.port()) as first, RawClient(node.port()) as second, RawClient(node.port()) as client:
        cookie = first.send(ASK).read().field(b"set-cookie").split(b";")[0]
        assert cookie.startswith(b"r=")
        again = second.send(ASK.replace(b"\r\n\r\n", b"\r\nCookie: %s\r\n\r\n" % cookie)).read()
        assert again.status == 101 and again.field(b"set-cookie") is None
        for _ in range(3):
            assert client.send(GET).read().status == 200
        assert first.send(b"still").closed(0.2) is False


def test_cache_and_compression_leave_a_tunnel_alone(tmp_path):
    """A stored answer is not given to who asks for another protocol, and what a tunnel carries is not touched."""
    plain = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nCache-Control: max-age=60\r\nContent-Length: 4096\r\n\r\n" + b"x" * 4096

    def handle(exchange, origin):
        while True:
            head = exchange.read_head()
            origin.requests.append(head)
            if b"Upgrade: custom/1" in head:
                break
            exchange.send(plain)
        exchange.send(SWITCH + plain)
        exchange.read_until(b"never")

    with ScriptedOrigin(handle) as origin, WeirNode(tmp_path / "node", f"""version: 1
listen: {{ http: "127.0.0.1:0" }}
upstreams: {{ u: {{ servers: ["{origin.address}"] }} }}
sites: [ {{ hosts: ["*"], upstream: u, cache: {{}}, compress: auto }} ]
""") as node:
        asks = (b"", b"Connection: upgrade\r\nUpgrade: custom/1\r\n")
        head = b"GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n%s\r\n"
        with RawClient(node.port()) as client:
            assert client.send(head % asks[0]).read().field(b"content-encoding") == b"gzip"
            assert b"hit" in client.send(head % asks[0]).read().field(b"cache-status")
        for _ in range(2):
            with RawClient(node.port()) as client:
                answer = client.send(head % asks[1]).read()
                assert answer.status == 101 and answer.field(b"content-encoding") is None
                assert client._exactly(len(plain)) == plain
        assert len(origin.requests) == 3
        tunnels = [line for line in map(json.loads, node.wait_for_access(count=4)) if line["status"] == 101]
        assert [line["cache"] for line in tunnels] == ["bypass", "bypass"]


def test_a_hundred_megabytes_through_a_tunnel_and_a_sink_that_waits(serve):
    total = 100 << 20

    def handle(exchange, _):
        exchange.read_head()
        exchange.send(SWITCH)
        block = b"0123456789abcdef" * 4096
        for _ in range(total // len(block)):
            exchange.send(block)

    node, _ = serve(handle)
    with RawClient(node.port(), timeout=60) as client:
        client.send(ASK)
        assert client.read().status == 101
        got, left = client.buffer, total - len(client.buffer)
        resident = int(pathlib.Path(f"/proc/{node.process.pid}/statm").read_text().split()[1]) * 4096
        while left > 0:
            data = client.sock.recv(1 << 20)
            assert data
            left -= len(data)
        assert left == 0 and got[:16] in (b"", b"0123456789abcdef")
        assert resident < 300 << 20


def test_a_thousand_websockets_pass_a_reload_and_are_told_of_the_end(tmp_path):
    """Untouched by a reload that changes their upstream; at the drain's deadline each gets 1001 and an end.

    Method: both sides in event loops; every wait is bounded. The drain takes its 30 s: that is what is promised."""
    count = 1000

    async def run(node, origin):
        port = node.port()
        sockets = []
        for begin in range(0, count, 100):
            sockets += await asyncio.gather(*(open_websocket(port) for _ in range(begin, begin + 100)))
        await asyncio.gather(*(echo(*each, b"before") for each in sockets))
        assert origin.open == count
        assert f'weir_connections{{listener="http",state="upgraded"}} {count}' in node.metrics()

        text = node.file.read_text().replace("servers:", "queue: { size: 7 }, servers:")
        node.file.write_text(text)
        node.signal(signal.SIGHUP)
        await asyncio.to_thread(node.wait_for_line, r"config_installed version=2", 20)
        await asyncio.gather(*(echo(*each, b"after") for each in sockets))
        assert origin.open == count

        reader, writer = sockets[0]
        writer.write(client_frame(b"p", 9))
        assert await read_frame(reader) == (10, b"p")

        node.signal(signal.SIGTERM)
        await asyncio.gather(*(echo(*each, b"draining") for each in sockets[:10]))
        ends = await asyncio.gather(*(asyncio.wait_for(each[0].read(), 60) for each in sockets))
        assert [end for end in ends if end != GOING_AWAY] == []
        for _, writer in sockets:
            writer.close()

    with EchoOrigin() as origin:
        node = WeirNode(tmp_path / "node", config(origin.address))
        try:
            asyncio.run(run(node, origin))
            assert node.process.wait(30) == 0
        finally:
            node.kill()


def test_a_websocket_over_tls(tmp_path):
    import ssl
    import subprocess
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=localhost", "-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"],
                   check=True, capture_output=True)
    context = ssl._create_unverified_context()

    async def run(port):
        reader, writer = await open_websocket(port, context)
        await echo(reader, writer, b"hello")
        writer.write(client_frame(b"\x03\xe8", 8))
        assert await read_frame(reader) == (8, b"\x03\xe8")
        assert await asyncio.wait_for(reader.read(), 10) == b""  # a clean end of TLS, or this raises
        writer.close()

    with EchoOrigin() as origin:
        text = config(origin.address, top=f'tls: {{ certificates: [ {{ cert: "{tmp_path}/cert.pem", key: "{tmp_path}/key.pem" }} ] }}')
        with WeirNode(tmp_path / "node", text.replace('listen: { http: "127.0.0.1:0" }',
                                                      'listen: { http: "127.0.0.1:0", https: "127.0.0.1:0" }')) as node:
            asyncio.run(run(node.port("https")))
            line = json.loads(node.wait_for_access()[0])
            assert line["tls"] == "TLSv1.3" and line["reason"] == "finished"


def test_a_tunnel_may_be_told_to_end_after_a_silence(serve):
    def handle(exchange, _):
        exchange.read_head()
        exchange.send(SWITCH)
        exchange.read_until(b"never")

    node, _ = serve(handle, top="", upstream="")
    text = node.file.read_text().replace("connections_per_ip: 3000", "timeouts: { tunnel: 300ms }")
    node.file.write_text(text)
    node.signal(signal.SIGHUP)
    node.wait_for_line(r"config_installed version=2", 20)
    with RawClient(node.port()) as client:
        client.send(ASK)
        assert client.read().status == 101 and client.closed(10)
    assert json.loads(node.wait_for_access()[0])["reason"] == "idle_timeout"


# -- interim answers (RFC 9110 15.2, RFC 8297)

HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"


def hinting(times, pause=None):
    def handle(exchange, _):
        while True:
            exchange.read_request()
            for _ in range(times):
                exchange.send(HINTS)
            if pause:
                assert pause.wait(10)
            exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    return handle


def test_early_hints_arrive_before_the_answer_is_there(serve):
    pause = threading.Event()
    node, _ = serve(hinting(1, pause))
    with RawClient(node.port()) as client:
        hints = client.send(GET).read()
        assert hints.status == 103 and hints.field(b"link") == b"</a.css>; rel=preload"
        assert hints.field(b"content-length") is None and hints.field(b"connection") is None
        pause.set()
        assert client.read().body == b"ok"
        assert client.send(GET).read().status == 103 and client.read().status == 200


def test_an_old_client_sees_no_interim_answer(serve):
    node, _ = serve(hinting(3))
    with RawClient(node.port()) as client:
        assert client.send(b"GET / HTTP/1.0\r\nHost: a\r\n\r\n").read().status == 200


def test_interim_answers_have_a_limit(serve):
    node, _ = serve(hinting(1000))
    with RawClient(node.port()) as client:
        client.send(GET)
        hints = 0
        while (answer := client.read()).status == 103:
            hints += 1
        assert answer.status == 502 and 1 <= hints <= 100


# -- server-sent events

def test_events_arrive_at_once_and_a_client_that_leaves_frees_the_origin(serve):
    next_event, gone = threading.Event(), threading.Event()

    def handle(exchange, _):
        exchange.read_head()
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")  # until close, as many write it
        try:
            for i in range(3):
                exchange.send(b"data: %d\n\n" % i)
                assert next_event.wait(10)
                next_event.clear()
            while exchange.sock.recv(100):
                pass
        finally:
            gone.set()

    node, _ = serve(handle)
    with RawClient(node.port()) as client:
        client.send(GET)
        client._until(b"\r\n\r\n")
        for i in range(3):
            client._until(b"data: %d\n\n" % i)  # before the origin goes on
            next_event.set()
    assert gone.wait(10)
