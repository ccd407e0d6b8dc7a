"""Whoever knocks at a peer port without belonging there disturbs no link, costs no memory and keeps nobody out.

Method: a real cluster under watch; port scans, garbage, TLS without and with foreign certificates, floods."""
# ctest: TIMEOUT 300 PROCESSORS 2

import os
import resource
import socket
import ssl
import struct
import time

import pytest
from prometheus_client.parser import text_string_to_metric_families

from support.weir_cluster import Cluster, Watch, resident_bytes
from support.weir_process import run, wait_for

CONNECTS = 1000
GROWTH_MAX = 48 << 20  # of a node that is bothered: queues, caches of the allocator
SECONDS = 5


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    with Cluster(tmp_path_factory.mktemp("c"), "log: { access: off }\n"
                 "sites: [ { hosts: ['*'], respond: { status: 200, body: pong } } ]\n") as made:
        made.up()
        made.wait_for_states()
        yield made


def links(cluster):
    """For each node how often a connection to another node has ended."""
    return [sum(sample.value for family in text_string_to_metric_families(cluster.admin(name, "/metrics").text)
                for sample in family.samples if sample.name == "weir_peer_closed_total") for name in cluster.names]


@pytest.fixture
def knock(cluster):
    """knock() opens a connection to a node's peer port; what is open ends with the test. The cluster is watched."""
    opened = []

    def connect(node="n1"):
        made = socket.create_connection((cluster.address[node], cluster.peer[node]), SECONDS)
        opened.append(made)
        return made

    pids = [cluster.pids(name)[-1] for name in cluster.names]
    before, closed = [resident_bytes(pid) for pid in pids], links(cluster)
    with Watch(cluster) as watch:
        yield connect
        for each in opened:
            each.close()
        rounds = watch.rounds
        wait_for(lambda: watch.rounds >= rounds + 3, 20, "the watch has looked after it")
    assert watch.seen == []
    assert links(cluster) == closed, "no link was lost"
    assert [cluster.pids(name)[-1] for name in cluster.names] == pids
    for pid, bytes_before in zip(pids, before):
        assert resident_bytes(pid) - bytes_before < GROWTH_MAX


def ended(connection, seconds=15):
    """Whether the node ends the connection without ever letting it in."""
    connection.settimeout(seconds)
    try:
        while data := connection.recv(65536):
            assert b"101" not in data
    except (ConnectionError, ssl.SSLError):
        pass
    return True


def tls(folder=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if folder:
        context.load_cert_chain(folder / "node.pem", folder / "node.key")
    return context


def upgrade(connection):
    connection.sendall(b"GET /peer HTTP/1.1\r\nHost: n1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                       b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")


def test_a_port_scan(knock):
    for _ in range(200):
        knock().close()


def test_a_reset_at_once(knock):
    for _ in range(200):
        connection = knock()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()


@pytest.mark.parametrize("words", [b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"\0" * 4096, b"\xff" * 65536,
                                   b"\x16\x03\x01\xff\xff" + b"A" * 70000, b"SSH-2.0-OpenSSH_9.2\r\n"])
def test_garbage(knock, words):
    for _ in range(20):
        connection = knock()
        try:
            connection.sendall(words)
        except ConnectionError:
            pass
        assert ended(connection)


def test_a_length_of_4_gib(knock):
    """As CAF's own protocol would read it, and as a WebSocket frame before any upgrade."""
    for words in (struct.pack(">I", 2**32 - 1) * 8, b"\x82\x7f" + struct.pack(">Q", 2**32) + b"x" * 1024):
        for _ in range(10):
            connection = knock()
            connection.sendall(words)
            assert ended(connection)


def test_tls_without_a_certificate(knock):
    for _ in range(20):
        try:
            connection = tls().wrap_socket(knock())
            upgrade(connection)
        except (ConnectionError, ssl.SSLError):
            continue
        assert ended(connection)


def test_tls_with_a_foreign_certificate(knock, tmp_path):
    done = run("cert", "self-signed", "--host", "n2", "--cert", tmp_path / "node.pem", "--key", tmp_path / "node.key")
    assert done.returncode == 0, done.stderr
    for _ in range(20):
        try:
            connection = tls(tmp_path).wrap_socket(knock())
            upgrade(connection)
        except (ConnectionError, ssl.SSLError):
            continue
        assert ended(connection)


def test_the_certificate_of_another_cluster(knock, tmp_path_factory):
    """One that looks the same: same cluster name, same node names, another authority."""
    folder = tmp_path_factory.mktemp("o")
    with Cluster(folder, "sites: [ { hosts: ['*'], respond: { status: 200 } } ]\n") as other:
        other.launch()
        identity = folder / "d/n2/identity"
        wait_for((identity / "node.pem").exists, 30, "the other cluster has an identity")
        wait_for((folder / "d/n3/identity/node.pem").exists, 30, "and has all of it")
        context = tls(identity)
    for _ in range(10):
        try:
            connection = context.wrap_socket(knock())
            upgrade(connection)
        except (ConnectionError, ssl.SSLError):
            continue
        assert ended(connection)


def test_a_thousand_connects(knock):
    for _ in range(CONNECTS):
        knock()
    time.sleep(0.5)  # open and silent, while the watch looks


def test_silence_is_ended(knock):
    assert ended(knock())


def test_a_node_finds_its_way_in_through_a_crowd(cluster):
    """The peer port is full of silent strangers when a member comes back."""
    crowd = [socket.create_connection((cluster.address[name], cluster.peer[name]), SECONDS)
             for name in ("n1", "n2") for _ in range(100)]
    try:
        started = len(cluster.pids("n3"))
        os.kill(cluster.pids("n3")[-1], 9)
        wait_for(lambda: len(cluster.pids("n3")) > started, 30, "n3 is started again")
        cluster.wait_for_states(seconds=20)
    finally:
        for each in crowd:
            each.close()
