"""The PROXY protocol: from trusted balancers in, and out to upstreams."""
import json
import socket
import ssl
import struct
import subprocess
import threading

import pytest

from support.raw_client import RawClient, ask
from support.scripted_origin import ScriptedOrigin, fixed
from support.weir_node import WeirNode

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
LINE = b"PROXY TCP4 192.0.2.7 198.51.100.1 56324 8443\r\n"


def v2(source, destination, source_port, destination_port, tlvs=b"", command=0x21):
    block = socket.inet_aton(source) + socket.inet_aton(destination) + struct.pack("!HH", source_port, destination_port) + tlvs
    return SIGNATURE + struct.pack("!BBH", command, 0x11, len(block)) + block


def config(origin, listen='proxy_protocol: { from: ["127.0.0.0/8"] }', limits="", upstream="", top=""):
    return f"""version: 1
listen: {{ http: "127.0.0.1:0", {listen} }}
limits: {{ {limits} }}
{top}
upstreams:
  u: {{ servers: ["{origin.address}"]{upstream} }}
sites:
  - hosts: ["*"]
    https: off
    upstream: u
"""


@pytest.fixture
def serve(tmp_path):
    running = []

    def start(handler, **how):
        origin = ScriptedOrigin(handler)
        running.append(origin.close)
        node = WeirNode(tmp_path / f"node{len(running)}", config(origin, **how))
        running.append(node.kill)
        return node, origin

    yield start
    for end in reversed(running):
        end()


def noting(exchange, origin):
    while True:
        head, _ = exchange.read_request()
        origin.requests.append(head)
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


@pytest.mark.parametrize("header", [LINE, v2("192.0.2.7", "198.51.100.1", 56324, 8443, b"\x04\x00\x03abc")])
def test_the_announced_client_is_the_client_everywhere(serve, header):
    node, origin = serve(noting)
    with RawClient(node.port()) as client:
        client.send(header + GET)
        assert client.read().status == 200
        assert client.send(GET).read().status == 200  # one header a connection
    for head in origin.requests:
        assert b"X-Forwarded-For: 192.0.2.7\r\n" in head and b"X-Forwarded-Port: 8443\r\n" in head
    assert [json.loads(line)["client"] for line in node.wait_for_access(count=2)] == ["192.0.2.7"] * 2


def test_a_header_may_come_in_pieces_and_before_tls(tmp_path):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=localhost", "-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"],
                   check=True, capture_output=True)
    context = ssl._create_unverified_context()
    top = f'tls: {{ certificates: [ {{ cert: "{tmp_path}/cert.pem", key: "{tmp_path}/key.pem" }} ] }}'
    with ScriptedOrigin(fixed()) as origin, \
            WeirNode(tmp_path / "node", config(origin, 'https: "127.0.0.1:0", proxy_protocol: { from: ["127.0.0.1"] }', top=top)) as node:
        client = RawClient(node.port("https"))
        for byte in LINE:
            client.send(bytes([byte]))
        client.sock = context.wrap_socket(client.sock, server_hostname="localhost")
        assert client.send(GET).read().body == b"hello"
        client.close()
        assert json.loads(node.wait_for_access()[0])["client"] == "192.0.2.7"


@pytest.mark.parametrize("header", [b"PROXY UNKNOWN\r\n", SIGNATURE + b"\x20\x00\x00\x00"])
def test_a_balancer_that_speaks_for_itself_is_the_client(serve, header):
    node, _ = serve(fixed())
    assert ask(node.port(), header + GET).status == 200
    assert json.loads(node.wait_for_access()[0])["client"] == "127.0.0.1"


@pytest.mark.parametrize("bytes_sent", [GET, b"PROXY TCP4 1 2 3 4\r\n" + GET, SIGNATURE + b"\x21\x11\xff\xff"])
def test_a_trusted_balancer_must_send_a_header(serve, bytes_sent):
    node, origin = serve(fixed())
    with RawClient(node.port()) as client:
        client.send(bytes_sent)
        assert client.closed()
    assert origin.connections == 0


def test_a_trusted_balancer_must_send_it_in_time(serve):
    node, _ = serve(fixed(), limits="timeouts: { header: 300ms }")
    with RawClient(node.port()) as client:
        client.send(LINE[:10])
        assert client.closed(10)


def test_from_others_a_header_is_a_bad_request(serve):
    node, origin = serve(fixed(), listen='proxy_protocol: { from: ["192.0.2.0/24"] }')
    assert ask(node.port(), LINE + GET).status == 400
    assert ask(node.port(), GET).status == 200


def test_connections_are_counted_by_the_announced_address(serve):
    node, _ = serve(fixed(), limits="connections_per_ip: 2")
    port = node.port()

    def open_from(address):
        client = RawClient(port)
        client.send(b"PROXY TCP4 %s 198.51.100.1 1 1\r\n" % address + GET)
        return client

    kept = [open_from(b"192.0.2.1"), open_from(b"192.0.2.1"), open_from(b"192.0.2.2"), open_from(b"192.0.2.2")]
    assert [client.read().status for client in kept] == [200] * 4
    assert open_from(b"192.0.2.1").closed()
    kept.pop(0).close()
    for _ in range(100):  # until the node has seen the end
        with open_from(b"192.0.2.1") as again:
            try:
                assert again.read().status == 200
                break
            except EOFError:
                continue
    else:
        raise AssertionError("the place never came back")
    for client in kept:
        client.close()


# -- out

def expecting(version):
    """An origin that wants a header before every connection's first request."""

    def handle(exchange, origin):
        if version == "v1":
            header = exchange.read_until(b"\r\n")
        else:
            header = exchange.read_exactly(16)
            assert header.startswith(SIGNATURE)
            header += exchange.read_exactly(struct.unpack("!H", header[14:])[0])
        origin.requests.append(header)
        fixed()(exchange, origin)

    return handle


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_an_origin_is_told_the_client_and_a_connection_is_kept_for_it_alone(serve, version):
    node, origin = serve(expecting(version), listen="trusted_proxies: []", upstream=f", proxy_protocol: {version}")
    port = node.port()
    for _ in range(2):
        with RawClient(port) as client:
            source_port = client.sock.getsockname()[1]
            for _ in range(3):
                assert client.send(GET).read().body == b"hello"
            expected = (b"PROXY TCP4 127.0.0.1 127.0.0.1 %d %d\r\n" % (source_port, port) if version == "v1"
                        else v2("127.0.0.1", "127.0.0.1", source_port, port))
            assert origin.requests[-1] == expected
    assert origin.connections == 2


def test_what_came_in_goes_out(serve):
    node, origin = serve(expecting("v1"), upstream=", proxy_protocol: v1")
    assert ask(node.port(), LINE + GET).status == 200
    assert origin.requests == [LINE]


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_health_checks_speak_for_themselves(serve, version):
    checked = threading.Event()

    def handle(exchange, origin):
        header = exchange.read_until(b"PROXY UNKNOWN\r\n") if version == "v1" else exchange.read_exactly(16)
        assert header in (b"PROXY UNKNOWN\r\n", SIGNATURE + b"\x20\x00\x00\x00")
        checked.set()
        fixed()(exchange, origin)

    node, _ = serve(handle, upstream=f", proxy_protocol: {version}, health: {{ every: 1s, timeout: 1s }}")
    assert checked.wait(10)
    node.wait_for_line(r"server_up", 10)
