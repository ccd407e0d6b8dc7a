"""TLS and what a site decides: certificates by SNI, redirects, hosts, routes, methods, addresses, files.

Method: the real binary, Python's own TLS, raw requests; certificates from `weir cert self-signed`."""
import ssl
import subprocess

import pytest

from support.raw_client import RawClient, ask
from support.scripted_origin import ScriptedOrigin
from support.weir_node import BINARY, WeirNode

CONFIG = """version: 1
listen: {{ http: "127.0.0.1:0", https: "127.0.0.1:0" }}
tls:
  certificates:
    - {{ cert: a.pem, key: a.key }}
    - {{ cert: wild.pem, key: wild.key }}
upstreams:
  u: {{ servers: ["{origin}"] }}
sites:
  - hosts: [a.example, www.a.example]
    canonical: a.example
    hsts: 1h
    upstream: u
  - hosts: ["*.b.example"]
    https: off
    methods: [GET, POST]
    headers: {{ set: {{ X-Frame-Options: DENY }}, remove: [X-Secret], request: {{ set: {{ X-Edge: weir }} }} }}
    upstream: u
    routes:
      - exact: /exact
        respond: {{ status: 200, body: exact }}
      - path: /pre/
        respond: {{ status: 200, body: prefix }}
      - path: /pre/longer/
        respond: {{ status: 200, body: longer }}
      - regex: "^/v[0-9]+/(?<rest>.*)$"
        rewrite: "/api/$rest"
        upstream: u
      - path: /old/
        redirect: {{ to: "https://b.example/new/", code: 301 }}
      - path: /closed/
        deny: [127.0.0.0/8]
        respond: {{ status: 200, body: never }}
      - path: /beta/
        match: {{ headers: {{ X-Beta: "1" }} }}
        respond: {{ status: 200, body: beta }}
      - path: /static/
        files: files
"""


def certificate(folder, name, *hosts):
    for end in ("pem", "key"):
        (folder / f"{name}.{end}").unlink(missing_ok=True)
    argv = [BINARY, "cert", "self-signed", "--cert", str(folder / f"{name}.pem"), "--key", str(folder / f"{name}.key")]
    subprocess.run(argv + [arg for host in hosts for arg in ("--host", host)], check=True, capture_output=True, timeout=20)


def echo(exchange, _):
    while True:
        head, _body = exchange.read_request()
        exchange.send(b"HTTP/1.1 200 OK\r\nX-Secret: 1\r\nContent-Length: %d\r\n\r\n%s" % (len(head), head))


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sites")
    certificate(folder, "a", "a.example", "www.a.example")
    certificate(folder, "wild", "*.b.example")
    files = folder / "files"
    (files / "sub").mkdir(parents=True)
    (files / "a.css").write_text("body {}\n" * 1000)
    (files / "sub" / "index.html").write_text("<h1>index</h1>")
    (files / ".hidden").write_text("secret")
    (folder / "outside.txt").write_text("outside")
    (files / "link.txt").symlink_to(folder / "outside.txt")
    with ScriptedOrigin(echo) as origin:
        running = WeirNode(folder, CONFIG.format(origin=origin.address))
        yield running
        assert running.stop() == 0


def trust(node, name):
    context = ssl.create_default_context(cafile=str(node.folder / f"{name}.pem"))
    return context


def get(path, host, *fields, method="GET"):
    return "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: {host}", *fields, "", ""]).encode()


def test_the_certificate_follows_the_name_and_the_first_is_the_default(node):
    port = node.port("https")
    for name, host in (("a", "a.example"), ("wild", "x.b.example")):
        with RawClient(port, tls=trust(node, name), server_name=host) as client:
            assert client.sock.version() == "TLSv1.3"
            assert client.send(get("/", host)).read().status == 200
    anyone = ssl.create_default_context()
    anyone.check_hostname, anyone.verify_mode = False, ssl.CERT_NONE
    with RawClient(port, tls=anyone, server_name="unknown.example") as client:
        names = ssl.DER_cert_to_PEM_cert(client.sock.getpeercert(True))
        assert names.strip() in (node.folder / "a.pem").read_text()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_both_versions_work_alpn_is_http_1_1_and_sessions_resume(node, version):
    context = trust(node, "a")
    context.minimum_version = context.maximum_version = version
    context.set_alpn_protocols(["h2", "http/1.1"])
    with RawClient(node.port("https"), tls=context, server_name="a.example") as client:
        assert client.sock.selected_alpn_protocol() == "http/1.1"
        assert client.send(get("/", "a.example")).read().status == 200
        session = client.sock.session
    import socket
    again = context.wrap_socket(socket.create_connection(("127.0.0.1", node.port("https")), 10),
                                server_hostname="a.example", session=session)
    again.sendall(get("/", "a.example", "Connection: close"))
    assert again.recv(100) and again.session_reused
    again.close()


def test_the_origin_learns_that_the_client_came_over_tls(node):
    with RawClient(node.port("https"), tls=trust(node, "a"), server_name="a.example") as client:
        answer = client.send(get("/x", "a.example")).read()
    assert b"X-Forwarded-Proto: https" in answer.body
    assert answer.field(b"strict-transport-security") == b"max-age=3600"
    node.wait(lambda: any('"tls":"TLSv1.3"' in line for line in node.access), 5, "the log says how it came")


def test_plain_requests_are_sent_to_https_and_other_names_to_the_canonical_one(node):
    answer = ask(node.port(), get("/p?q=1", "a.example"))
    assert answer.status == 308
    assert answer.field(b"location") == b"https://a.example/p?q=1"
    with RawClient(node.port("https"), tls=trust(node, "a"), server_name="www.a.example") as client:
        answer = client.send(get("/p?q=1", "www.a.example")).read()
        assert (answer.status, answer.field(b"location")) == (308, b"https://a.example/p?q=1")


def test_a_host_nobody_serves_is_misdirected(node):
    assert ask(node.port(), get("/", "c.example")).status == 421
    assert ask(node.port(), get("/", "b.example")).status == 421  # a wildcard does not cover its own suffix


@pytest.mark.parametrize("path,body", [("/exact", b"exact"), ("/pre/x", b"prefix"), ("/pre/longer/x", b"longer"),
                                       ("/pre/./longer/x", b"longer"), ("/pre/%6conger/x", b"longer")])
def test_the_best_route_answers(node, path, body):
    assert ask(node.port(), get(path, "x.b.example")).body == body


def test_fields_are_set_and_removed_both_ways_and_captures_rewrite(node):
    answer = ask(node.port(), get("/v12/users?id=1", "x.b.example"))
    assert answer.body.startswith(b"GET /api/users?id=1 HTTP/1.1\r\n") and b"\r\nX-Edge: weir\r\n" in answer.body
    assert answer.field(b"x-frame-options") == b"DENY" and answer.field(b"x-secret") is None


def test_redirects_methods_addresses_and_matches(node):
    port = node.port()
    moved = ask(port, get("/old/x", "x.b.example"))
    assert (moved.status, moved.field(b"location")) == (301, b"https://b.example/new/")
    refused = ask(port, get("/", "x.b.example", method="DELETE"))
    assert refused.status == 405 and refused.field(b"allow").replace(b" ", b"") == b"GET,HEAD,POST"
    assert ask(port, get("/closed/", "x.b.example")).status == 403
    assert ask(port, get("/beta/", "x.b.example", "X-Beta: 1")).body == b"beta"
    assert ask(port, get("/beta/", "x.b.example")).body.startswith(b"GET /beta/")


def test_files_with_validators_ranges_and_nothing_from_outside(node):
    port, host = node.port(), "x.b.example"
    whole = ask(port, get("/static/a.css", host))
    assert whole.status == 200 and len(whole.body) == 8000
    assert whole.field(b"content-type").startswith(b"text/css") and whole.field(b"accept-ranges") == b"bytes"
    etag, modified = whole.field(b"etag").decode(), whole.field(b"last-modified").decode()
    assert ask(port, get("/static/a.css", host, f"If-None-Match: {etag}")).status == 304
    assert ask(port, get("/static/a.css", host, f"If-Modified-Since: {modified}")).status == 304
    assert ask(port, get("/static/a.css", host, 'If-Match: "other"')).status == 412
    part = ask(port, get("/static/a.css", host, "Range: bytes=10-19"))
    assert (part.status, part.body, part.field(b"content-range")) == (206, whole.body[10:20], b"bytes 10-19/8000")
    assert ask(port, get("/static/a.css", host, "Range: bytes=9000-")).status == 416
    head = ask(port, get("/static/a.css", host, method="HEAD"), "HEAD")
    assert head.field(b"content-length") == b"8000"
    assert ask(port, get("/static/sub/", host)).body == b"<h1>index</h1>"
    assert ask(port, get("/static/sub", host)).status in (301, 308)
    for path in ("/static/.hidden", "/static/link.txt", "/static/none", "/static/%2f..%2foutside.txt"):
        assert ask(port, get(path, host)).status in (400, 404), path


def test_certificates_are_replaced_without_a_failed_handshake(node):
    """Handshakes go on while the files change and the node reloads; the new certificate is served afterwards."""
    port = node.port("https")
    before = (node.folder / "wild.pem").read_text()
    anyone = ssl.create_default_context()
    anyone.check_hostname, anyone.verify_mode = False, ssl.CERT_NONE
    certificate(node.folder, "wild", "*.b.example", "extra.b.example")
    seen = set()
    node.signal(1)
    for _ in range(100):
        with RawClient(port, tls=anyone, server_name="x.b.example") as client:
            seen.add(ssl.DER_cert_to_PEM_cert(client.sock.getpeercert(True)).strip())
            assert client.send(get("/exact", "x.b.example")).read().body == b"exact"
        if len(seen - {before.strip()}) == 1 and len(seen) <= 2 and node.lines and any(
                "config_installed" in line for line in node.lines):
            break
    node.wait_for_line("config_installed")
    with RawClient(port, tls=anyone, server_name="x.b.example") as client:
        assert ssl.DER_cert_to_PEM_cert(client.sock.getpeercert(True)).strip() in (node.folder / "wild.pem").read_text()
