"""Compression through the real binary: what curl and Python make of what is sent.

Method: an origin whose every byte is known; each answer is decoded and compared, and its head is read byte by byte."""
import gzip
import json
import os
import socket
import subprocess
import threading
import zlib

import pytest

from support.raw_client import RawClient, ask
from support.scripted_origin import ScriptedOrigin
from support.weir_node import WeirNode

PAGE = "".join(f"<p>line {i} of a page that repeats itself, as pages do</p>\n" for i in range(4000)).encode()


def config(origin, site="    compress: auto", top=""):
    return f"""version: 1
listen: {{ http: "127.0.0.1:0" }}
{top}
upstreams:
  u: {{ servers: ["{origin}"] }}
sites:
  - hosts: ["*"]
    upstream: u
{site}
"""


def answer(body=PAGE, fields=b"Content-Type: text/html\r\nETag: \"v1\"\r\n", status=b"200 OK"):
    def handle(exchange, origin):
        while True:
            head, _ = exchange.read_request()
            origin.requests.append(head)
            exchange.send(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n%s\r\n" % (status, len(body), fields))
            if not head.startswith(b"HEAD"):
                exchange.send(body)

    return handle


@pytest.fixture
def serve(tmp_path):
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


def get(accept="gzip", method="GET", more="", path="/"):
    lines = f"Accept-Encoding: {accept}\r\n" if accept is not None else ""
    return f"{method} {path} HTTP/1.1\r\nHost: a.example\r\n{lines}{more}\r\n".encode()


def curl(node, *arguments):
    return subprocess.run(["curl", "-sS", "--max-time", "20", *arguments, f"http://127.0.0.1:{node.port()}/"],
                          check=True, capture_output=True).stdout


def metric(node, name):
    admin = next((node.folder / "data").rglob("weir.sock"))
    text = subprocess.run(["curl", "-sS", "--unix-socket", str(admin), "http://node/metrics"], check=True,
                          capture_output=True).stdout.decode()
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name))


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_curl_decodes_what_is_sent(serve, coding):
    node, _ = serve(answer())
    assert curl(node, "--compressed", "-H", f"Accept-Encoding: {coding}") == PAGE
    head = curl(node, "-o", "/dev/null", "-D", "-", "-H", f"Accept-Encoding: {coding}").decode().lower()
    assert f"content-encoding: {coding}\r\n" in head


def test_the_head_says_what_was_done_and_nothing_untrue(serve):
    node, _ = serve(answer(fields=b"Content-Type: text/html\r\nETag: \"v1\"\r\nAccept-Ranges: bytes\r\n"
                                  b"Content-MD5: x\r\nVary: Cookie\r\n"))
    got = ask(node.port(), get())
    assert gzip.decompress(got.body) == PAGE
    assert len(got.body) < len(PAGE) / 5
    assert got.field(b"content-encoding") == b"gzip" and got.field(b"etag") == b'W/"v1"'
    assert got.all(b"vary") == [b"Cookie", b"Accept-Encoding"]
    assert got.field(b"content-length") is None and got.field(b"accept-ranges") is None
    assert got.field(b"content-md5") is None


def test_head_says_what_get_says(serve):
    node, _ = serve(answer())
    with RawClient(node.port()) as client:
        head = client.send(get(method="HEAD")).read("HEAD")
        body = client.send(get()).read()
    for name in (b"content-encoding", b"etag", b"vary", b"content-type"):
        assert head.field(name) == body.field(name), name
    assert head.field(b"content-length") is None


def test_who_does_not_ask_gets_the_bytes_and_vary(serve):
    node, _ = serve(answer())
    for accept in (None, "identity", "deflate", "gzip;q=0", "identity, gzip;q=0.5"):
        got = ask(node.port(), get(accept))
        assert got.body == PAGE and got.field(b"content-encoding") is None
        assert got.field(b"vary") == b"Accept-Encoding" and got.field(b"etag") == b'"v1"'
        assert got.field(b"content-length") == str(len(PAGE)).encode()


def test_preference_is_the_clients_and_then_the_operators(serve):
    node, _ = serve(answer(), site="    compress: { codings: [zstd, gzip, br] }")
    for accept, coding in {"gzip, deflate, br, zstd": b"zstd", "gzip;q=1, zstd;q=0.5": b"gzip", "br": b"br",
                           "*": b"zstd"}.items():
        assert ask(node.port(), get(accept)).field(b"content-encoding") == coding


@pytest.mark.parametrize("fields, status", [
    (b"Content-Type: text/html\r\nContent-Encoding: br\r\n", b"200 OK"),
    (b"Content-Type: text/html\r\nCache-Control: no-transform\r\n", b"200 OK"),
    (b"Content-Type: image/png\r\n", b"200 OK"),
    (b"Content-Type: text/html\r\nContent-Range: bytes 0-5/6\r\n", b"206 Partial Content"),
    (b"", b"200 OK"),
])
def test_what_is_not_to_be_touched_is_not(serve, fields, status):
    node, _ = serve(answer(fields=fields, status=status))
    got = ask(node.port(), get())
    assert got.body == PAGE
    assert got.all(b"content-encoding") == ([b"br"] if b"Encoding" in fields else [])


def test_short_answers_go_as_they_are(serve):
    node, _ = serve(answer(body=b"x" * 1023))
    assert ask(node.port(), get()).field(b"content-encoding") is None


def test_a_304_names_the_tag_that_the_client_has(serve):
    def handle(exchange, _origin):
        while True:
            exchange.read_request()
            exchange.send(b"HTTP/1.1 304 Not Modified\r\nETag: \"v1\"\r\n\r\n")

    node, _ = serve(handle)
    assert ask(node.port(), get(more='If-None-Match: W/"v1"\r\n')).field(b"etag") == b'W/"v1"'
    assert ask(node.port(), get(more='If-None-Match: "v1"\r\n')).field(b"etag") == b'"v1"'


def test_events_are_not_held_back(serve):
    go_on = threading.Event()

    def handle(exchange, _origin):
        exchange.read_request()
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: one\n\n")
        assert go_on.wait(10)
        exchange.send(b"data: two\n\n")

    node, _ = serve(handle)
    with RawClient(node.port()) as client:
        client.send(get())
        assert client._until(b"\r\n\r\n").find(b"Content-Encoding: gzip") > 0
        decoder, text = zlib.decompressobj(31), b""
        while b"one\n\n" not in text:  # before the origin says more
            text += decoder.decompress(client._exactly(int(client._until(b"\r\n"), 16)))
            client._exactly(2)
        assert text == b"data: one\n\n"
        go_on.set()
        while size := int(client._until(b"\r\n"), 16):
            text += decoder.decompress(client._exactly(size))
            client._exactly(2)
    assert text == b"data: one\n\ndata: two\n\n" and decoder.eof


def test_a_client_of_http_1_0_reads_to_the_end(serve):
    node, _ = serve(answer())
    got = ask(node.port(), get().replace(b"HTTP/1.1", b"HTTP/1.0"))
    assert got.field(b"transfer-encoding") is None
    assert gzip.decompress(got.body) == PAGE


def test_an_answer_that_breaks_off_is_not_made_whole(serve):
    def handle(exchange, _origin):
        exchange.read_request()
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100000\r\n\r\n" + PAGE[:50000])

    node, _ = serve(handle)
    with pytest.raises(EOFError):
        ask(node.port(), get())


def test_beyond_the_limit_answers_go_as_they_are(serve):
    go_on = threading.Event()

    def handle(exchange, _origin):
        while True:
            head, _ = exchange.read_request()
            if b"/slow" in head:
                exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: one\n\n")
                assert go_on.wait(10)
                return
            exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" %
                          (len(PAGE), PAGE))

    node, _ = serve(handle, top="shards: 1\nlimits: { encoders: 1 }")
    with RawClient(node.port()) as slow:
        slow.send(get(path="/slow"))
        assert b"Content-Encoding" in slow._until(b"\r\n\r\n")
        got = ask(node.port(), get())
        assert got.body == PAGE and got.field(b"content-encoding") is None
        assert metric(node, 'weir_compress_passed_total{reason="busy"}') == 1
        go_on.set()
        slow._until(b"\r\n0\r\n\r\n")
    node.wait(lambda: metric(node, "weir_compress_encoders") == 0, 5, "the encoder was given back")
    assert ask(node.port(), get()).field(b"content-encoding") == b"gzip"


def test_many_at_once_each_get_their_own(serve):
    bodies = {f"/{i}": (f"page {i} " * (500 * (i + 1))).encode() for i in range(12)}

    def handle(exchange, _origin):
        while True:
            head, _ = exchange.read_request()
            body = bodies[head.split(b" ")[1].decode()]
            exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s" %
                          (len(body), body))

    node, _ = serve(handle)
    wrong = []

    def client(path):
        for _ in range(5):
            got = ask(node.port(), get(path=path))
            if gzip.decompress(got.body) != bodies[path]:
                wrong.append(path)

    threads = [threading.Thread(target=client, args=(path,)) for path in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not wrong


def test_own_answers_follow_the_same_rules(serve, tmp_path):
    text = "a fixed text " * 200
    site = f"    compress: auto\n    routes:\n      - {{ path: /fixed, respond: {{ body: {json.dumps(text)} }} }}"
    node, _ = serve(answer(), site=site)
    got = ask(node.port(), get(path="/fixed"))
    assert gzip.decompress(got.body).decode() == text and got.field(b"vary") == b"Accept-Encoding"
    assert got.field(b"content-length") == str(len(got.body)).encode()
    assert ask(node.port(), get(None, path="/fixed")).body.decode() == text
    assert ask(node.port(), get(path="/fixed", method="HEAD"), "HEAD").field(b"content-encoding") == b"gzip"


@pytest.fixture
def files(tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    (root / "page.html").write_bytes(PAGE)
    (root / "photo.jpg").write_bytes(PAGE)
    (root / "app.js").write_bytes(PAGE)
    (root / "app.js.gz").write_bytes(gzip.compress(PAGE + b"packed"))
    (root / "old.css").write_bytes(PAGE)
    (root / "old.css.gz").write_bytes(b"stale")
    os.utime(root / "old.css.gz", (1, 1))
    text = f"""version: 1
shards: 1
listen: {{ http: "127.0.0.1:0" }}
sites:
  - hosts: ["*"]
    files: {root}
    compress: auto
"""
    with WeirNode(tmp_path / "node", text) as node:
        yield node


def curl_file(node, path, coding):
    return subprocess.run(["curl", "-sS", "--max-time", "20", "--compressed", "-H", f"Accept-Encoding: {coding}",
                           f"http://127.0.0.1:{node.port()}{path}"], check=True, capture_output=True).stdout


def test_files_are_compressed_on_the_way_once_and_then_kept(files):
    first = ask(files.port(), get(path="/page.html"))
    again = ask(files.port(), get(path="/page.html"))
    for got in (first, again):
        assert gzip.decompress(got.body) == PAGE
        assert got.field(b"etag").startswith(b'W/"') and got.field(b"vary") == b"Accept-Encoding"
        assert got.field(b"accept-ranges") is None
    assert first.field(b"content-length") is None
    assert again.field(b"content-length") == str(len(again.body)).encode()
    tag = first.field(b"etag").decode()
    assert ask(files.port(), get(path="/page.html", more=f"If-None-Match: {tag}\r\n")).status == 304
    assert curl_file(files, "/page.html", "br") == PAGE


def test_ranges_are_of_the_file_as_it_is(files):
    got = ask(files.port(), get(path="/page.html", more="Range: bytes=0-9\r\n"))
    assert (got.status, got.body) == (206, PAGE[:10]) and got.field(b"content-encoding") is None


def test_files_compressed_before_are_sent_as_they_lie_there(files):
    got = ask(files.port(), get("br;q=0.1, gzip", path="/app.js"))
    assert gzip.decompress(got.body) == PAGE + b"packed"
    assert got.field(b"content-encoding") == b"gzip" and got.field(b"vary") == b"Accept-Encoding"
    assert got.field(b"content-type").startswith(b"text/javascript")
    tag = got.field(b"etag").decode()
    assert tag.endswith('-gzip"') and not tag.startswith("W/")
    part = ask(files.port(), get(path="/app.js", more=f"Range: bytes=0-1\r\nIf-Range: {tag}\r\n"))
    assert (part.status, part.body) == (206, got.body[:2]) and part.field(b"content-encoding") == b"gzip"
    several = ask(files.port(), get(path="/app.js", more="Range: bytes=0-1,900-901\r\n"))
    assert (several.status, several.body) == (200, got.body)
    plain = ask(files.port(), get(None, path="/app.js"))
    assert plain.body == PAGE and plain.field(b"etag") != got.field(b"etag")
    assert plain.field(b"vary") == b"Accept-Encoding"


def test_a_form_older_than_its_file_is_not_used(files):
    got = ask(files.port(), get(path="/old.css"))
    assert gzip.decompress(got.body) == PAGE


def test_images_are_left_alone(files):
    got = ask(files.port(), get(path="/photo.jpg"))
    assert got.body == PAGE and got.field(b"content-encoding") is None and got.field(b"vary") is None


def test_a_client_that_leaves_frees_its_encoder(serve):
    def handle(exchange, _origin):
        exchange.read_request()
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        while True:  # until the connection is closed
            exchange.send(b"data: more\n\n" * 1000)

    node, _ = serve(handle)
    with RawClient(node.port()) as client:
        client.send(get())._exactly(1000)
        assert metric(node, "weir_compress_encoders") == 1
    node.wait(lambda: metric(node, "weir_compress_encoders") == 0, 10, "the encoder was given back")


def test_a_large_file_goes_as_it_is(files, tmp_path):
    (tmp_path / "root" / "large.txt").write_bytes(PAGE * 25)
    got = ask(files.port(), get(path="/large.txt"))
    assert got.body == PAGE * 25 and got.field(b"content-encoding") is None
    assert got.field(b"vary") == b"Accept-Encoding"


def test_a_file_that_is_read_slowly_comes_whole(files, tmp_path):
    noise = os.urandom(1 << 20)
    (tmp_path / "root" / "noise.txt").write_bytes(noise)
    for _ in range(2):  # too long to be kept
        with RawClient(files.port()) as client:
            client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            assert gzip.decompress(client.send(get(path="/noise.txt")).read().body) == noise
            assert client.send(get("identity", path="/photo.jpg")).read().body == PAGE
