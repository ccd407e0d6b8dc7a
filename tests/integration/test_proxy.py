"""HTTP/1.1 through the real binary: what a client and an origin see of each other.

Method: raw bytes on both sides, so that every field, chunk and connection can be checked (RFC 9110, RFC 9112)."""
import re
import threading

import pytest

from support.raw_client import RawClient, ask
from support.scripted_origin import ScriptedOrigin, fixed
from support.weir_node import WeirNode


def config(*servers, upstream="", site="", top=""):
    listed = ", ".join(f'"{server}"' for server in servers)
    return f"""version: 1
listen: {{ http: "127.0.0.1:0" }}
{top}
upstreams:
  u: {{ servers: [{listed}]{upstream} }}
sites:
  - hosts: ["*"]
    upstream: u
{site}
"""


@pytest.fixture
def serve(tmp_path):
    """serve(handler, ...) starts an origin and a node before it; both end with the test."""
    running = []

    def start(handler, **how):
        origin = ScriptedOrigin(handler)
        running.append(origin.close)
        node = WeirNode(tmp_path / f"node{len(running)}", config(origin.address, **how))
        running.append(node.stop)
        return node, origin

    yield start
    for end in reversed(running):
        end()


def record(body=b"ok"):
    """A handler that keeps each request and answers 200."""

    def handle(exchange, origin):
        while True:
            origin.requests.append(exchange.read_request())
            exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    return handle


GET = b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"


def test_a_request_is_forwarded_with_its_fields_and_what_the_proxy_adds(serve):
    node, origin = serve(record())
    answer = ask(node.port(), b"GET /a%20b/../c?x=1&y HTTP/1.1\r\nHost: A.example:81\r\nX-One: 1\r\n"
                              b"Connection: X-Hop, keep-alive\r\nX-Hop: gone\r\nKeep-Alive: timeout=5\r\n\r\n")
    assert (answer.status, answer.body) == (200, b"ok")
    assert answer.field(b"via") and answer.field(b"date")
    head, body = origin.requests[0]
    lines = head.split(b"\r\n")
    assert lines[0] == b"GET /a%20b/../c?x=1&y HTTP/1.1"
    assert b"Host: A.example:81" in lines and b"X-One: 1" in lines
    assert not re.search(rb"(?i)x-hop|keep-alive|\r\nconnection", head)
    assert b"X-Forwarded-For: 127.0.0.1" in lines and b"X-Forwarded-Proto: http" in lines
    assert re.search(rb"(?i)\r\nvia: 1\.1 ", head) and re.search(rb"(?i)\r\nforwarded: for=127\.0\.0\.1", head)


def test_connections_are_kept_on_both_sides(serve):
    node, origin = serve(fixed())
    with RawClient(node.port()) as client:
        for _ in range(5):
            assert client.send(GET).read().body == b"hello"
    assert origin.connections == 1


def test_pipelined_requests_are_answered_in_order(serve):
    def echo_path(exchange, _):
        while True:
            path = exchange.read_head().split(b" ")[1]
            exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(path), path))

    node, _ = serve(echo_path)
    with RawClient(node.port()) as client:
        client.send(b"".join(b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % i for i in range(20)))
        assert [client.read().body for _ in range(20)] == [b"/%d" % i for i in range(20)]


def test_a_pipelined_request_behind_a_body_is_not_part_of_it(serve):
    node, origin = serve(record())
    with RawClient(node.port()) as client:
        client.send(b"POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET /2 HTTP/1.1\r\nHost: a\r\n\r\n")
        assert client.read().status == 200 and client.read().status == 200
        client.send(b"POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nxyz\r\n0\r\n\r\n" + GET)
        assert client.read().status == 200 and client.read().status == 200
    assert [(head.split(b" ")[1], body) for head, body in origin.requests] == [
        (b"/1", b"abc"), (b"/2", b""), (b"/3", b"xyz"), (b"/", b"")]


def test_chunked_bodies_pass_both_ways_with_trailers(serve):
    def handle(exchange, origin):
        head = exchange.read_head()
        origin.requests.append((head, exchange.read_chunked()))
        exchange.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
                      b"5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\nX-Sum: 7\r\n\r\n")

    node, origin = serve(handle)
    answer = ask(node.port(), b"POST / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\n\r\n"
                              b"4;a=b\r\nWiki\r\n5\r\npedia\r\n0\r\nX-T: 1\r\n\r\n")
    assert answer.body == b"hello world" and b"X-Sum: 7" in answer.trailers
    head, (body, trailers) = origin.requests[0]
    assert body == b"Wikipedia" and trailers == b"X-T: 1\r\n" and b"ext" not in head


def test_a_body_until_close_becomes_chunked_for_http_1_1_and_stays_so_for_1_0(serve):
    def handle(exchange, _):
        exchange.read_head()
        exchange.send(b"HTTP/1.0 200 OK\r\n\r\nuntil the end")

    node, _ = serve(handle)
    modern = ask(node.port(), GET)
    assert modern.body == b"until the end" and modern.field(b"transfer-encoding") == b"chunked"
    old = ask(node.port(), b"GET / HTTP/1.0\r\nHost: a\r\n\r\n")
    assert old.body == b"until the end" and old.field(b"connection") == b"close"
    assert old.field(b"transfer-encoding") is None


def test_http_1_0_closes_unless_it_asks_to_stay(serve):
    node, _ = serve(fixed())
    with RawClient(node.port()) as client:
        client.send(b"GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n")
        assert client.read().field(b"connection") == b"keep-alive"
        client.send(b"GET / HTTP/1.0\r\nHost: a\r\n\r\n")
        assert client.read().body == b"hello" and client.closed()


def test_a_head_request_gets_the_length_and_no_body(serve):
    def handle(exchange, _):
        while True:
            exchange.read_head()
            exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n")

    node, _ = serve(handle)
    with RawClient(node.port()) as client:
        for _ in range(2):
            client.send(b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
            assert client.read("HEAD").field(b"content-length") == b"1234"


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
def test_answers_that_have_no_body_keep_the_connection(serve, status):
    node, _ = serve(fixed_bodiless(status))
    with RawClient(node.port()) as client:
        for _ in range(2):
            assert client.send(GET).read().status == int(status[:3])


def fixed_bodiless(status):
    def handle(exchange, _):
        while True:
            exchange.read_head()
            exchange.send(b"HTTP/1.1 %s\r\nETag: \"a\"\r\n\r\n" % status)

    return handle


def test_expect_100_continue_is_the_origins_to_answer(serve):
    def handle(exchange, origin):
        head = exchange.read_head()
        exchange.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        origin.requests.append((head, exchange.read_exactly(5)))
        exchange.send(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")

    node, origin = serve(handle)
    with RawClient(node.port()) as client:
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
        assert client.read().status == 100
        assert client.send(b"12345").read().status == 201
    assert origin.requests[0][1] == b"12345"


def test_early_hints_pass_and_101_without_a_wish_does_not(serve):
    def handle(exchange, _):
        head = exchange.read_head()
        if b"GET /up" in head:
            exchange.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n")
        exchange.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    node, _ = serve(handle)
    with RawClient(node.port()) as client:
        client.send(GET)
        hints = client.read()
        assert hints.status == 103 and hints.field(b"link") == b"</a.css>"
        assert client.read().status == 200
    assert ask(node.port(), b"GET /up HTTP/1.1\r\nHost: a\r\n\r\n").status == 502


def test_absolute_form_names_the_host_and_unknown_methods_pass(serve):
    node, origin = serve(record())
    with RawClient(node.port()) as client:
        client.send(b"GET http://b.example/p?q HTTP/1.1\r\nHost: a.example\r\n\r\n")
        assert client.read().status == 200
        client.send(b"PURGE /p HTTP/1.1\r\nHost: a.example\r\n\r\n")
        assert client.read().status == 200
    first, second = (head for head, _ in origin.requests)
    assert first.startswith(b"GET /p?q HTTP/1.1\r\nHost: b.example\r\n")
    assert second.startswith(b"PURGE /p ")


REFUSED = {
    "two lengths": (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx", 400),
    "the same length twice": (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400),
    "length and coding": (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "a signed length": (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\nx", 400),
    "obs-fold": (b"GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n", 400),
    "bare LF": (b"GET / HTTP/1.1\nHost: a\n\n", 400),
    "space before the colon": (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
    "NUL in a value": (b"GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", 400),
    "two hosts": (b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "coding in 1.0": (b"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "chunked not last": (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n", 400),
    "unknown coding": (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
    "version 2": (b"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
    "an unknown expectation": (b"GET / HTTP/1.1\r\nHost: a\r\nExpect: magic\r\n\r\n", 417),
    "a long target": (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
    "a large head": (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 40000 + b"\r\n\r\n", 431),
    "many fields": (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: 1\r\n" * 101 + b"\r\n", 431),
    "an ambiguous path": (b"GET /a%2fb HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "an encoded NUL": (b"GET /a%00b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "above the root": (b"GET /../a HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "CONNECT": (b"CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n", 501),
    "a declared body over the limit": (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n", 413),
}


@pytest.fixture(scope="module")
def strict(tmp_path_factory):
    """One node and origin for all refusals: the origin must never hear of any."""
    with ScriptedOrigin(record()) as origin:
        node = WeirNode(tmp_path_factory.mktemp("strict"), config(origin.address))
        yield node, origin
        node.stop()


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_ambiguous_is_refused_and_never_forwarded(strict, name):
    request, status = REFUSED[name]
    node, origin = strict
    with RawClient(node.port()) as client:
        answer = client.send(request).read()
        assert answer.status == status
        assert b"nginx" not in answer.body and b"weir" not in answer.body.lower()
        assert client.closed()
    assert origin.requests == []


@pytest.mark.parametrize("body", [b"g\r\nx\r\n", b"-1\r\n", b"0x1\r\na\r\n0\r\n\r\n", b"1\nx\r\n0\r\n\r\n",
                                  b"1\r\nxx0\r\n\r\n", b"11111111111111111\r\n", b"1 \r\nx\r\n0\r\n\r\n",
                                  b"1;\x01=2\r\nx\r\n0\r\n\r\n", b"0\r\nX : 1\r\n\r\n"])
def test_bad_chunks_end_the_request(serve, body):
    ended = threading.Event()

    def handle(exchange, origin):
        try:
            origin.requests.append(exchange.read_request())
            exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        finally:
            ended.set()

    node, origin = serve(handle)
    with RawClient(node.port()) as client:
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body)
        assert client.read().status == 400 and client.closed()
    assert origin.requests == []


@pytest.mark.parametrize("answer", [
    b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX : 1\r\n\r\n", b"garbage\r\n\r\n", b"HTTP/1.1 200 OK\nContent-Length: 0\n\n", b""])
def test_an_origin_that_does_not_speak_http_is_a_bad_gateway(serve, answer):
    def handle(exchange, _):
        exchange.read_head()
        exchange.send(answer)

    node, _ = serve(handle)
    assert ask(node.port(), GET).status == 502


def test_a_truncated_answer_ends_the_clients_connection(serve):
    def handle(exchange, _):
        exchange.read_head()
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")

    node, _ = serve(handle)
    with RawClient(node.port()) as client, pytest.raises(EOFError):
        client.send(GET).read()


def test_a_server_that_closes_idle_connections_costs_no_request(serve):
    """Every answer is followed by a close the proxy was not told of; a hundred requests, not one fails."""

    def handle(exchange, _):
        exchange.read_head()
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    node, _ = serve(handle)
    with RawClient(node.port()) as client:
        assert {client.send(GET).read().status for _ in range(100)} == {200}


def test_a_dead_server_is_left_out_and_get_goes_to_the_other(tmp_path):
    with ScriptedOrigin(fixed()) as alive:
        dead = ScriptedOrigin(fixed())
        dead.close()
        with WeirNode(tmp_path, config(dead.address, alive.address)) as node, RawClient(node.port()) as client:
            assert {client.send(GET).read().status for _ in range(50)} == {200}


def test_no_server_at_all_is_502_and_an_origin_that_never_answers_504(serve, tmp_path):
    dead = ScriptedOrigin(fixed())
    dead.close()
    with WeirNode(tmp_path / "dead", config(dead.address)) as node:
        assert ask(node.port(), GET).status == 502
    silent, _ = serve(lambda exchange, _: exchange.read_until(b"never"), upstream=", timeouts: { first_byte: 300ms }, retries: { attempts: 1 }")
    assert ask(silent.port(), GET).status == 504


def test_more_than_max_connections_wait_in_the_queue_and_too_many_are_refused(serve):
    release = threading.Event()

    def handle(exchange, _):
        while True:
            exchange.read_head()
            release.wait(10)
            exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    node, origin = serve(handle, upstream=", max_connections: 1, queue: { size: 1, timeout: 10s }", top="shards: 1")
    clients = [RawClient(node.port()) for _ in range(3)]
    for client in clients:
        client.send(GET)
    statuses = []
    refused = None
    for client in clients:
        client.sock.settimeout(0.5)
        try:
            statuses.append(client.read().status)
            refused = client
        except TimeoutError:
            pass
    assert statuses == [503]
    release.set()
    for client in clients:
        client.sock.settimeout(10)
        if client is not refused:
            assert client.read().status == 200
        client.close()
    assert origin.connections == 1


def test_a_slow_head_is_408_and_an_idle_connection_closes(serve):
    node, _ = serve(fixed(), top="limits: { timeouts: { header: 300ms, idle: 300ms } }")
    with RawClient(node.port()) as client:
        assert client.send(b"GET / HT").read().status == 408 and client.closed()
    with RawClient(node.port()) as client:
        assert client.send(GET).read().status == 200 and client.closed()
    with RawClient(node.port()) as client:
        assert client.closed()


def test_a_slow_body_is_408_and_a_long_one_413(serve):
    def handle(exchange, _):
        exchange.read_request()
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    node, _ = serve(handle, top="limits: { body: 1KiB, timeouts: { body: 300ms } }")
    with RawClient(node.port()) as client:
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n123")
        assert client.read().status == 408 and client.closed()
    with RawClient(node.port()) as client:
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n800\r\n" + b"x" * 2048 + b"\r\n0\r\n\r\n")
        assert client.read().status == 413 and client.closed()


def test_one_connection_too_many_from_an_address_is_closed(serve):
    node, _ = serve(fixed(), top="limits: { connections_per_ip: 2 }")
    with RawClient(node.port()) as first, RawClient(node.port()) as second:
        assert first.send(GET).read().status == 200 and second.send(GET).read().status == 200
        with RawClient(node.port()) as third:
            assert third.closed()


def test_sigterm_drains_the_current_answer_ends_and_the_process_exits_0(serve):
    arrived, release = threading.Event(), threading.Event()

    def handle(exchange, _):
        exchange.read_head()
        arrived.set()
        release.wait(10)
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlast")

    node, _ = serve(handle)
    port = node.port()
    with RawClient(port) as idle, RawClient(port) as busy:
        busy.send(GET)
        assert arrived.wait(10)
        node.process.terminate()
        assert idle.closed()
        release.set()
        answer = busy.read()
        assert answer.body == b"last" and answer.field(b"connection") == b"close"
    assert node.stop() == 0


def test_sighup_installs_a_new_configuration_and_keeps_connections(serve):
    node, _ = serve(fixed(b"origin"))
    with RawClient(node.port()) as client:
        assert client.send(GET).read().body == b"origin"
        text = node.file.read_text()
        node.file.write_text(text.replace("    upstream: u\n", "    respond: { status: 200, body: changed }\n"))
        node.signal(1)
        node.wait_for_line("config_installed")
        assert client.send(GET).read().body == b"changed"
        node.file.write_text(text.replace("upstream: u", "upsteam: u"))
        node.signal(1)
        node.wait_for_line("reload_refused")
        assert client.send(GET).read().body == b"changed"
