"""Mutual TLS: who is asked, who comes in, what the origin is told, what a reload and a session change.

Method: the real binary, Python's own TLS and curl as clients, certificates by openssl, an origin that echoes the head it got."""
import base64
import hashlib
import re
import socket
import ssl
import subprocess

import pytest

from support.pki import Authority
from support.raw_client import RawClient
from support.scripted_origin import ScriptedOrigin
from support.weir_node import BINARY, WeirNode

CONFIG = """version: 1
shards: 1
listen: {{ http: "127.0.0.1:0", https: "127.0.0.1:0" }}
tls:
  certificates: [ {{ cert: site.pem, key: site.key }} ]
  client_ca: {ca}
  client_crl: crl.pem
upstreams:
  u: {{ servers: ["{origin}"] }}
sites:
  - hosts: [open.example]
    https: off
    upstream: u
  - hosts: [closed.example]
    https: off
    tls: {{ client: require }}
    upstream: u
    routes:
      - {{ path: /cached/, upstream: u, cache: {{ ttl: 60s }} }}
      - {{ path: /vary/, upstream: u, cache: {{}} }}
      - {{ path: /fixed/, respond: {{ body: in }} }}
  - hosts: [maybe.example]
    tls: {{ client: optional }}
    upstream: u
    headers: {{ request: {{ remove: [Client-Cert] }} }}
  - hosts: [partner.example]
    tls: {{ client: require, client_ca: {partner} }}
    upstream: u
"""


def echo(exchange, origin):
    while True:
        head, _body = exchange.read_request()
        origin.requests.append(head)
        own = b""
        if b" /vary/" in head:
            own = b"Cache-Control: public, max-age=60\r\nVary: X-Client-Subject\r\n"
        exchange.send(b"HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n%s" % (own, len(head), head))


@pytest.fixture
def world(tmp_path):
    """A node, its two authorities, and ann's certificate."""
    subprocess.run([BINARY, "cert", "self-signed", "--cert", str(tmp_path / "site.pem"), "--key", str(tmp_path / "site.key"),
                    "--host", "*.example"], check=True, capture_output=True, timeout=20)
    clients, partners = Authority(tmp_path), Authority(tmp_path, "Partners")
    (tmp_path / "crl.pem").write_bytes(clients.list().read_bytes())
    with ScriptedOrigin(echo) as origin:
        node = WeirNode(tmp_path, CONFIG.format(origin=origin.address, ca=clients.ca, partner=partners.ca))
        node.origin, node.clients, node.partners, node.root = origin, clients, partners, tmp_path
        node.ann = clients.issue("ann")
        with node:
            yield node


def tls(certificate=None, version=None):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if version:
        context.minimum_version = context.maximum_version = version
    if certificate:
        context.load_cert_chain(*certificate)
    return context


def get(path, host, *fields):
    return "\r\n".join([f"GET {path} HTTP/1.1", f"Host: {host}", *fields, "", ""]).encode()


def ask(node, host, certificate=None, path="/", fields=(), sni=None, version=None):
    with RawClient(node.port("https"), tls=tls(certificate, version), server_name=sni or host) as client:
        return client.send(get(path, host, *fields)).read()


def told(answer, name):
    """What the origin got under that name."""
    return re.findall(rb"(?im)^%s: (.*?)\r$" % re.escape(name), answer.body)


def revoke_ann(node):
    """And waits until the shard knows."""
    node.clients.revoke("ann")
    (node.root / "crl.pem").write_bytes(node.clients.list().read_bytes())
    subprocess.run([BINARY, "reload", "-c", str(node.file)], check=True, capture_output=True, timeout=20)
    node.wait(lambda: ask(node, "closed.example", node.ann).status == 403, 10, "ann is refused")


VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


@pytest.mark.parametrize("version", VERSIONS)
def test_whose_certificate_verifies_comes_in_and_the_origin_is_told(world, version):
    lies = ["X-Client-Subject: CN=root", "x_client_subject: CN=root", "Client-Cert: :AA==:", "Client-Cert-Chain: :AA==:",
            "X-Client-Verify: verified", "X-Client-Fingerprint: 00"]
    answer = ask(world, "closed.example", world.ann, fields=lies, version=version)
    assert answer.status == 200
    assert told(answer, b"x-client-verify") == [b"verified"]
    assert told(answer, b"x-client-subject") == [b"CN=ann,O=Partner"]
    der = ssl.PEM_cert_to_DER_cert(world.ann[0].read_text())
    assert told(answer, b"x-client-fingerprint") == [hashlib.sha256(der).hexdigest().encode()]
    assert told(answer, b"client-cert") == [b":" + base64.b64encode(der) + b":"]
    assert told(answer, b"client-cert-chain") == [] and b"root" not in answer.body
    line = world.log_line(client_verify="verified")
    assert line["client_subject"] == "CN=ann,O=Partner"
    # No Connection option takes them away on their way.
    answer = ask(world, "closed.example", world.ann, fields=["Connection: X-Client-Subject"], version=version)
    assert told(answer, b"x-client-subject") == [b"CN=ann,O=Partner"]


@pytest.mark.parametrize("version", VERSIONS)
def test_who_has_none_or_a_bad_one_is_told_by_http(world, version):
    before = len(world.origin.requests)
    answer = ask(world, "closed.example", version=version)
    assert answer.status == 403
    assert world.log_line(reason="no_client_certificate")["client_verify"] == "none"
    for name, kind, args, verdict in [
            ("old", "client", ["-startdate", "20200101000000Z", "-enddate", "20200201000000Z"], "expired"),
            ("early", "client", ["-startdate", "20990101000000Z", "-enddate", "20990201000000Z"], "not_yet_valid"),
            ("web", "server", [], "wrong_purpose")]:
        answer = ask(world, "closed.example", world.clients.issue(name, kind, *args), version=version)
        assert answer.status == 403 and answer.field(b"connection") == b"close", name
        assert world.log_line(client_verify=verdict)["reason"] == "bad_client_certificate"
    stranger = world.partners.issue(f"eve{version.value}")
    assert ask(world, "closed.example", stranger, version=version).status == 403
    assert world.log_line(client_verify="untrusted")
    assert ask(world, "closed.example", stranger, path="/fixed/", version=version).status == 403
    assert len(world.origin.requests) == before
    text = world.metrics()
    assert re.search(r'weir_filter_denied_total\{reason="no_client_certificate"\} 1\b', text)
    assert re.search(r'weir_filter_denied_total\{reason="bad_client_certificate"\} 5\b', text)
    for result in ("none", "expired", "untrusted"):
        assert re.search(rf'weir_tls_client_certificates_total\{{result="{result}"\}} [1-9]', text), result


def test_an_optional_certificate_must_still_be_good(world):
    anonymous = ask(world, "maybe.example")
    assert anonymous.status == 200 and told(anonymous, b"x-client-verify") == [b"none"]
    assert told(anonymous, b"x-client-subject") == []
    known = ask(world, "maybe.example", world.ann)
    assert told(known, b"x-client-verify") == [b"verified"]
    assert told(known, b"client-cert") == [], "the operator took it out"
    assert ask(world, "maybe.example", world.partners.issue("eve")).status == 403


def test_only_sites_that_ask_are_asked_for(world):
    """Browsers would show a dialogue: the other sites' clients must not be asked."""
    said = lambda name: subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{world.port('https')}", "-servername", name],
        input=b"", capture_output=True, timeout=20).stdout
    assert b"No client certificate CA names sent" in said("open.example")
    asked = said("closed.example")
    assert b"Acceptable client certificate CA names" in asked and b"CN = Test Clients" in asked
    assert b"CN = Partners" in said("partner.example")
    answer = ask(world, "open.example", world.ann, fields=["X-Client-Verify: verified"])
    assert answer.status == 200 and told(answer, b"x-client-verify") == [], "not even the client's own word"


def test_a_connection_for_one_site_does_not_open_another(world):
    assert ask(world, "closed.example", world.ann, sni="open.example").status == 421
    assert ask(world, "partner.example", world.ann, sni="closed.example").status == 421
    assert ask(world, "closed.example", world.ann, sni="open.example").field(b"connection") == b"close"
    assert ask(world, "open.example", world.ann, sni="closed.example").status == 200, "nothing depends on it there"
    assert ask(world, "partner.example", world.partners.issue("eve")).status == 200
    assert world.log_line(status=421)["reason"] == "other_client_terms"


def test_plain_http_has_no_certificate(world):
    with RawClient(world.port()) as client:
        assert client.send(get("/", "closed.example")).read().status == 403
        assert client.send(get("/", "open.example")).read().status == 200
        assert client.send(get("/", "partner.example")).read().status == 308


@pytest.mark.parametrize("version", VERSIONS)
def test_sessions_resume_with_the_certificate_and_never_around_it(world, version):
    context = tls(world.ann, version)

    def come(name, session=None):
        sock = context.wrap_socket(socket.create_connection(("127.0.0.1", world.port("https")), 10),
                                   server_hostname=name, session=session)
        sock.sendall(get("/", name, "Connection: close"))
        text = b""
        while data := sock.recv(65536):
            text += data
        status, session, reused = int(text.split(b" ")[1]), sock.session, sock.session_reused
        sock.close()
        return status, session, reused, text

    status, session, reused, _ = come("closed.example")
    assert (status, reused) == (200, False)
    status, _, reused, text = come("closed.example", session)
    assert (status, reused) == (200, True)
    assert b"X-Client-Subject: CN=ann,O=Partner\r\n" in text
    _, open_session, _, _ = come("open.example")
    assert come("open.example", open_session)[2] is True
    assert come("closed.example", open_session)[2] is False
    assert come("open.example", session)[2] is False
    # What is taken back counts from the reload on, whatever the client has kept.
    revoke_ann(world)
    status, _, reused, _ = come("closed.example", session)
    assert (status, reused) == (403, False)
    assert world.log_line(client_verify="revoked")


def test_an_open_connection_is_judged_by_what_is_in_force(world):
    other = world.clients.issue("bob")
    with RawClient(world.port("https"), tls=tls(world.ann), server_name="closed.example") as ann, \
            RawClient(world.port("https"), tls=tls(other), server_name="closed.example") as bob:
        for client in (ann, bob):
            assert client.send(get("/", "closed.example")).read().status == 200
        revoke_ann(world)
        assert bob.send(get("/", "closed.example")).read().status == 200
        refused = ann.send(get("/", "closed.example")).read()
        assert refused.status == 403 and refused.field(b"connection") == b"close"


def test_a_bad_file_changes_nothing_and_is_named(world):
    good = (world.root / "crl.pem").read_bytes()
    (world.root / "crl.pem").write_text("nothing\n")
    failed = subprocess.run([BINARY, "reload", "-c", str(world.file)], capture_output=True, text=True, timeout=20)
    assert failed.returncode != 0 and "crl.pem: there is no PEM revocation list in it" in failed.stdout + failed.stderr
    found = subprocess.run([BINARY, "validate", str(world.file)], capture_output=True, text=True, timeout=20)
    assert found.returncode == 1 and "crl.pem: there is no PEM revocation list in it" in found.stdout + found.stderr
    assert ask(world, "closed.example", world.ann).status == 200
    (world.root / "crl.pem").write_bytes(good)


def test_one_clients_response_is_not_anothers(world):
    bob = world.clients.issue("bob")
    first = ask(world, "closed.example", world.ann, path="/cached/x")
    assert b"detail=authorization" in first.field(b"cache-status") or b"fwd" in first.field(b"cache-status")
    assert b"CN=ann" in first.body
    second = ask(world, "closed.example", bob, path="/cached/x")
    assert b"CN=bob" in second.body and b"CN=ann" not in second.body
    # What says that it is for all, but differs by who asks, is kept for each.
    for certificate, name in ((world.ann, b"CN=ann"), (bob, b"CN=bob")):
        ask(world, "closed.example", certificate, path="/vary/x")
        again = ask(world, "closed.example", certificate, path="/vary/x")
        assert name in again.body and b"hit" in again.field(b"cache-status")


def test_curl_shows_its_certificate(world):
    port = world.port("https")
    run = lambda *args: subprocess.run(
        ["curl", "-sSk", "-o", "/dev/null", "-w", "%{http_code}", "--resolve", f"closed.example:{port}:127.0.0.1", *args,
         f"https://closed.example:{port}/"], capture_output=True, text=True, timeout=20).stdout
    assert run("--cert", str(world.ann[0]), "--key", str(world.ann[1])) == "200"
    assert run() == "403"
