"""Servers that are names: all addresses are used, changes are followed while traffic runs, what stays keeps its connections, and a
resolver that fails changes nothing.

Method: an own DNS server on loopback, and origins at several loopback addresses that share a port."""
# ctest: TIMEOUT 120
import collections
import json
import threading

import pytest

from support.dns_server import DnsServer
from support.raw_client import RawClient, ask
from support.scripted_origin import ScriptedOrigin
from support.weir_node import WeirNode
from support.weir_process import UnixConnection

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
ADDRESSES = ["127.0.2.1", "127.0.2.2", "127.0.2.3"]


class Named:
    """Answers with its own name, and counts connections and requests."""

    def __init__(self, name):
        self.name = name.encode()

    def __call__(self, exchange, origin):
        while True:
            origin.requests.append(exchange.read_request())
            exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(self.name), self.name))


@pytest.fixture
def origins():
    """One at each address, all with one port."""
    while True:
        first = ScriptedOrigin(Named(ADDRESSES[0]), host=ADDRESSES[0])
        port = first.listener.getsockname()[1]
        made = [first]
        try:
            for address in ADDRESSES[1:]:
                made.append(ScriptedOrigin(Named(address), host=address, port=port))
        except OSError:
            for each in made:
                each.close()
            continue
        break
    yield made
    for each in made:
        each.close()


def config(port, dns, resolve="", upstream=""):
    return f"""version: 1
listen: {{ http: "127.0.0.1:0" }}
admin: {{ listen: "unix:weir.sock" }}
shards: 2
upstreams:
  u:
    servers: ["app.test:{port}"]
    balance: round_robin
    resolve: {{ servers: "{dns.address}", min: 100ms, timeout: 1s{resolve} }}
{upstream}
sites:
  - hosts: ["*"]
    upstream: u
"""


def seen(node, times=12):
    with RawClient(node.port()) as client:
        return set(client.send(GET).read().body.decode() for _ in range(times))


def port_of(origins):
    return int(origins[0].address.rsplit(":", 1)[1])


def test_every_address_of_a_name_is_a_server(tmp_path, origins):
    with DnsServer({"app.test": (60, ADDRESSES)}) as dns:
        with WeirNode(tmp_path, config(port_of(origins), dns)) as node:
            assert seen(node) == set(ADDRESSES)
            asked = dns.questions
            assert seen(node) == set(ADDRESSES) and dns.questions == asked  # a minute has not passed


def test_addresses_are_followed_under_load_and_what_stays_keeps_its_connections(tmp_path, origins):
    with DnsServer({"app.test": (0, ADDRESSES[:2])}) as dns:
        with WeirNode(tmp_path, config(port_of(origins), dns)) as node:
            assert seen(node) == set(ADDRESSES[:2])
            codes, stop = collections.Counter(), threading.Event()

            def load():
                with RawClient(node.port()) as client:
                    while not stop.is_set():
                        codes[client.send(GET).read().status] += 1

            threads = [threading.Thread(target=load) for _ in range(3)]
            for thread in threads:
                thread.start()
            try:
                for addresses in ([1, 2], [0, 1], [1], [0, 1, 2]):
                    wanted = {ADDRESSES[i] for i in addresses}
                    dns.names["app.test"] = (0, sorted(wanted))
                    node.wait(lambda: seen(node) == wanted, 15, f"requests go to {wanted}")
            finally:
                stop.set()
                for thread in threads:
                    thread.join()
            assert set(codes) == {200} and codes[200] > 100
            # Never left: two shards, three clients and the test's own needed a few connections each.
            assert origins[1].connections < 20 < len(origins[1].requests)


def test_a_resolver_that_fails_changes_nothing(tmp_path, origins):
    with DnsServer({"app.test": (0, ADDRESSES[:1])}) as dns:
        with WeirNode(tmp_path, config(port_of(origins), dns)) as node:
            assert seen(node) == {ADDRESSES[0]}
            dns.names["app.test"] = ()
            node.wait_for_line(r"name_unresolved .*app\.test", 15)
            assert seen(node) == {ADDRESSES[0]}
            dns.names["app.test"] = (0, ADDRESSES[1:2])
            node.wait(lambda: seen(node) == {ADDRESSES[1]}, 15, "it is followed again")


def test_a_name_that_never_resolved_is_an_error_at_the_start(tmp_path):
    with DnsServer({}) as dns:
        with pytest.raises(AssertionError, match="app.test"):
            WeirNode(tmp_path, config(9, dns))


def test_checks_run_for_each_address(tmp_path, origins):
    health = "    health: { path: /, every: 200ms, timeout: 1s }"
    with DnsServer({"app.test": (0, ADDRESSES[:2])}) as dns:
        with WeirNode(tmp_path, config(port_of(origins), dns, upstream=health)) as node:
            assert ask(node.port(), GET).status == 200
            origins.pop(0).close()
            node.wait_for_line(r"server_down .*" + ADDRESSES[0].replace(".", r"\."), 15)
            assert seen(node) == {ADDRESSES[1]}
            checks = origins[0].requests[0][0]
            assert b"Host: app.test:" in checks
            dns.names["app.test"] = (0, ADDRESSES[1:])
            node.wait(lambda: seen(node) == set(ADDRESSES[1:]), 15, "the new one is checked and used")
            assert status_of(node) == {f"{address}:{port_of(origins)}" for address in ADDRESSES[1:]}


def status_of(node):
    connection = UnixConnection(str(next((node.folder / "data").glob("*/weir.sock"))))
    connection.request("GET", "/api/v1/upstreams")
    rows = json.loads(connection.getresponse().read())["upstreams"][0]["servers"]
    connection.close()
    return {row["address"] for row in rows if not row["gone"]}
