"""Clients that stay, leave, dawdle or come in numbers, and a node that is reloaded and drained under them.

Method: raw clients and scripted origins; every loop and wait is bounded."""
import concurrent.futures
import re
import signal
import socket
import subprocess
import threading
import time

import pytest

from support.raw_client import RawClient, ask
from support.scripted_origin import ScriptedOrigin, fixed
from support.weir_node import WeirNode

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def config(origin, top="", upstream=""):
    return f"""version: 1
listen: {{ http: "127.0.0.1:0" }}
{top}
upstreams:
  u: {{ servers: ["{origin.address}"]{upstream} }}
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
        node = WeirNode(tmp_path / f"node{len(running)}", config(origin, **how))
        running.append(node.stop)
        return node, origin

    yield start
    for end in reversed(running):
        end()


def test_a_thousand_requests_on_one_connection(serve):
    node, origin = serve(fixed())
    with RawClient(node.port()) as client:
        for _ in range(1000):
            assert client.send(GET).read().body == b"hello"
    assert origin.connections == 1


def until_closed(exchange, ended):
    """Reads on until the proxy ends its connection."""
    try:
        while True:
            exchange.read_until(b"never")
    except (EOFError, OSError):
        ended.set()
        raise


@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"])
def test_a_client_that_leaves_frees_a_silent_origin(serve, begun):
    """Before the answer, and within a stream of events that may be silent for ever."""
    arrived, ended = threading.Event(), threading.Event()

    def handle(exchange, _):
        exchange.read_head()
        exchange.send(begun)
        arrived.set()
        until_closed(exchange, ended)

    node, _ = serve(handle)
    with RawClient(node.port()) as client:
        client.send(GET)
        assert arrived.wait(10)
        if begun:
            client._until(b"hello\r\n")
    assert ended.wait(10)
    assert re.search(r"client_gone", node.wait_for_access()[0])


def test_a_client_that_leaves_a_flowing_answer_frees_the_origin(serve):
    ended = threading.Event()

    def handle(exchange, _):
        exchange.read_head()
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000000\r\n\r\n")
        try:
            for _ in range(100_000):
                exchange.send(b"x" * 65536)
        except OSError:
            ended.set()

    node, _ = serve(handle)
    with RawClient(node.port()) as client:
        client.send(GET)
        client._until(b"\r\n\r\n")
    assert ended.wait(10)


def test_a_refused_upload_is_told_even_after_100_continue(serve):
    def handle(exchange, _):
        exchange.read_head()
        exchange.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        exchange.read_chunked()

    node, _ = serve(handle, top="limits: { body: 1KiB }")
    with RawClient(node.port()) as client:
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n")
        assert client.read().status == 100
        client.send(b"800\r\n" + b"x" * 2048 + b"\r\n0\r\n\r\n")
        assert client.read().status == 413 and client.closed()


def test_the_log_knows_a_request_with_a_body(serve):
    node, _ = serve(fixed())
    ask(node.port(), b"POST /form HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
    line = node.wait_for_access()[0]
    assert "POST" in line and "/form" in line


def test_an_http_1_0_request_without_host_reaches_the_only_site(serve):
    node, origin = serve(lambda exchange, origin: (origin.requests.append(exchange.read_head()), exchange.send(
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")))
    assert ask(node.port(), b"GET / HTTP/1.0\r\n\r\n").body == b"ok"
    assert re.findall(rb"(?i)\r\nhost: (\S*)\r", origin.requests[0]) == [b"127.0.0.1"]


def test_five_hundred_slow_heads_do_not_block_others(serve):
    node, _ = serve(fixed(), top="limits: { connections_per_ip: 2000, timeouts: { header: 5s } }")
    slow = [RawClient(node.port()) for _ in range(500)]
    try:
        for client in slow:
            client.send(b"GET / HT")
        begun = time.monotonic()
        with RawClient(node.port()) as client:
            for _ in range(100):
                assert client.send(GET).read().status == 200
        assert time.monotonic() - begun < 5
        assert all(client.read().status == 408 for client in slow)
    finally:
        for client in slow:
            client.close()


def test_a_client_that_blasts_after_its_refusal_does_not_block_others(serve):
    node, _ = serve(fixed(), top="shards: 1")
    stop = threading.Event()

    def blast():
        with RawClient(node.port()) as client:
            client.send(b"GET / HTTP/9.9\r\n\r\n")
            try:
                while not stop.is_set():
                    client.sock.send(b"x" * (1 << 20))
            except OSError:
                pass

    blasters = [threading.Thread(target=blast, daemon=True) for _ in range(2)]
    for each in blasters:
        each.start()
    try:
        with RawClient(node.port()) as client:
            for _ in range(50):
                assert client.send(GET).read().status == 200
    finally:
        stop.set()
        for each in blasters:
            each.join(15)
    assert not any(each.is_alive() for each in blasters)  # the node ended them: lingering is bounded


def load(port, until, keep_alive):
    """Requests until told to stop: how many were answered, and every trouble."""
    done, troubles = 0, []
    while not until.is_set():
        try:
            with RawClient(port) as client:
                for _ in range(50 if keep_alive else 1):
                    answer = client.send(GET).read()
                    done += 1
                    if answer.status != 200:
                        troubles.append(answer.head)
                    if until.is_set():
                        break
        except (OSError, EOFError) as trouble:
            troubles.append(trouble)
    return done, troubles


def test_twenty_reloads_under_load_lose_nothing(serve):
    """Every reload changes the upstream, so that its pools are retired with requests in them."""
    node, _ = serve(fixed())
    until = threading.Event()
    text = node.file.read_text()
    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        loads = [threads.submit(load, node.port(), until, i % 2 == 0) for i in range(8)]
        try:
            for i in range(20):
                node.file.write_text(text.replace("servers:", f"max_connections: {100 + i}, servers:"))
                node.signal(signal.SIGHUP)
                node.wait(lambda: sum("config_installed" in line for line in node.lines) == i + 1, 10, "reloaded")
        finally:
            until.set()
        results = [each.result(30) for each in loads]
    assert [troubles for _, troubles in results if troubles] == []
    assert all(done for done, _ in results)  # everyone was served meanwhile, however slow the machine


def test_an_upstream_that_a_reload_removed_ends_its_answers(serve):
    arrived, release = threading.Event(), threading.Event()

    def handle(exchange, _):
        exchange.read_head()
        arrived.set()
        release.wait(10)
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nold")

    node, _ = serve(handle)
    with RawClient(node.port()) as client:
        client.send(GET)
        assert arrived.wait(10)
        node.file.write_text(node.file.read_text().replace("    upstream: u\n", "    respond: { status: 200, body: new }\n"))
        node.signal(signal.SIGHUP)
        node.wait_for_line("config_installed")
        time.sleep(1.5)  # longer than a retired pool looks whether it is still needed
        release.set()
        assert client.read().body == b"old"
        assert client.send(GET).read().body == b"new"


def test_a_listener_with_tls_added_by_a_reload_may_be_used_at_once(serve, tmp_path):
    """Clients come while the certificates are on their way to the shards: some are closed, none harms the node."""
    certificate, key = str(tmp_path / "c.pem"), str(tmp_path / "k.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", "/CN=a", "-addext", "subjectAltName=DNS:a", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True, timeout=60)
    node, _ = serve(fixed())
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    stop = threading.Event()

    def knock():
        while not stop.is_set():
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
            except OSError:
                pass

    knockers = [threading.Thread(target=knock, daemon=True) for _ in range(4)]
    for each in knockers:
        each.start()
    text = node.file.read_text().replace('http: "127.0.0.1:0"', f'http: "127.0.0.1:0", https: "127.0.0.1:{port}"')
    node.file.write_text(text + f"tls: {{ certificates: [ {{ cert: {certificate}, key: {key} }} ] }}\n")
    node.signal(signal.SIGHUP)
    node.wait_for_line("config_installed", 10)
    stop.set()
    for each in knockers:
        each.join(5)
    assert ask(node.port(), GET).status == 308  # a site that has a certificate sends everyone there


def test_a_drain_waits_for_whoever_was_just_accepted(serve):
    """Requests that are in when SIGTERM comes are answered: on connections of their own."""
    gate, arrived = threading.Event(), threading.Semaphore(0)

    def handle(exchange, _):
        exchange.read_head()
        arrived.release()
        gate.wait(10)
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    node, _ = serve(handle)
    clients = [RawClient(node.port()).send(GET) for _ in range(20)]
    for _ in clients:
        assert arrived.acquire(timeout=10)
    node.process.terminate()
    gate.set()
    assert [client.read().status for client in clients] == [200] * 20
    for client in clients:
        client.close()
    assert node.stop() == 0
