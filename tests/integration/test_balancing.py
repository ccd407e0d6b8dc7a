"""Which server a request goes to, in the real binary: policies and keys, backups, sticky cookies over reloads and nodes, ejection
by success rate, panic, and the limits that open a circuit.

Method: scripted origins that count what reaches them and answer when they are told to."""
# ctest: TIMEOUT 180
import collections
import re
import threading

import pytest

from support.raw_client import RawClient, ask
from support.scripted_origin import ScriptedOrigin
from support.weir_cluster import Cluster
from support.weir_process import UnixConnection


def config(servers, upstream="", top=""):
    return f"""version: 1
listen: {{ http: "127.0.0.1:0" }}
admin: {{ listen: "unix:weir.sock" }}
{top}
upstreams:
  u: {{ servers: [{servers}]{upstream} }}
sites:
  - hosts: ["*"]
    upstream: u
"""


def quoted(*origins):
    return ", ".join(f'"{origin.address}"' for origin in origins)


def request(line=b"GET / HTTP/1.1", fields=b""):
    return line + b"\r\nHost: a\r\n" + fields + b"\r\n"


GET = request()


def named(name, status=b"200 OK"):
    def handle(exchange, origin):
        while True:
            origin.requests.append(exchange.read_request())
            exchange.send(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status, len(name), name))

    return handle


class Gate:
    """A handler that answers when it is opened."""

    def __init__(self, name=b"ok"):
        self.name, self.open = name, threading.Event()

    def __call__(self, exchange, origin):
        while True:
            origin.requests.append(exchange.read_request())
            assert self.open.wait(20)
            exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(self.name), self.name))


@pytest.fixture
def origins():
    with ScriptedOrigin(named(b"A")) as one, ScriptedOrigin(named(b"B")) as two, ScriptedOrigin(named(b"C")) as three:
        yield one, two, three


def bodies(node, times, fields=b""):
    with RawClient(node.port()) as client:
        return collections.Counter(client.send(request(fields=fields)).read().body for _ in range(times))


def metric(node, name, **labels):
    """The sum of the series that have these labels."""
    connection = UnixConnection(str(next((node.folder / "data").glob("*/weir.sock"))))
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    connection.close()
    total = 0.0
    for found, value in re.findall(rf"^{name}(?:{{([^}}]*)}})? (\S+)$", text, re.MULTILINE):
        if all(f'{key}="{wanted}"' in found for key, wanted in labels.items()):
            total += float(value)
    return total


# -- policies -------------------------------------------------------------------------------------


def test_a_key_decides_whatever_the_connection(nodes, origins):
    # One shard: with several, the next request may come before the last one's place was given back, and a second one at once of
    # the same key is beyond the bound of a server that has a third of nearly nothing.
    node = nodes(config(quoted(*origins), ', balance: { hash: "$cookie_user" }', "shards: 1"))
    by_user = {}
    for user in range(30):
        seen = bodies(node, 3, b"Cookie: user=%d\r\n" % user) + bodies(node, 1, b"Cookie: x=1; user=%d\r\n" % user)
        assert len(seen) == 1
        by_user[user] = next(iter(seen))
    assert set(by_user.values()) == {b"A", b"B", b"C"}
    assert len(bodies(node, 60)) == 3  # without the cookie: anywhere


def test_an_address_keeps_its_server(nodes, origins):
    node = nodes(config(quoted(*origins), ", balance: ip_hash"))
    assert len(bodies(node, 30)) == 1


@pytest.mark.parametrize("policy", ["least_requests", "ewma"])
def test_a_busy_server_is_passed_over(nodes, policy):
    slow = Gate(b"slow")
    with ScriptedOrigin(slow) as one, ScriptedOrigin(named(b"fast")) as other:
        node = nodes(config(quoted(one, other), f", balance: {policy}", "shards: 1"))
        waiting = [RawClient(node.port()) for _ in range(2)]
        for client in waiting:
            client.send(GET)
        node.wait(lambda: one.requests, 10, "the slow server has one")
        seen = bodies(node, 50)
        assert seen[b"fast"] == 50
        slow.open.set()
        for client in waiting:
            client.read()
            client.close()


def test_a_backup_serves_while_nobody_else_can(nodes):
    state = {"up": True}

    def moody(exchange, origin):
        while True:
            head, _ = exchange.read_request()
            good = state["up"] or b"GET /healthz" not in head
            exchange.send(b"HTTP/1.1 %s\r\nContent-Length: 1\r\n\r\nA" % (b"200 OK" if good else b"500 No"))

    with ScriptedOrigin(moody) as main, ScriptedOrigin(named(b"B")) as spare:
        node = nodes(config(f'"{main.address}", {{ address: "{spare.address}", backup: true }}',
                            ", health: { path: /healthz, every: 100ms, timeout: 1s }"))
        # The spare's first check may end first: for that moment it is the only one known to be up.
        node.wait(lambda: set(bodies(node, 5)) == {b"A"}, 10, "the first checks have ended")
        assert set(bodies(node, 20)) == {b"A"}
        state["up"] = False
        node.wait(lambda: set(bodies(node, 5)) == {b"B"}, 10, "the backup serves")
        state["up"] = True
        node.wait(lambda: set(bodies(node, 5)) == {b"A"}, 10, "the first one is back")


def test_a_backup_gets_what_the_only_server_refused(nodes):
    with ScriptedOrigin(named(b"B")) as spare:
        gone = ScriptedOrigin(named(b"A"))
        gone.close()
        node = nodes(config(f'"{gone.address}", {{ address: "{spare.address}", backup: true }}'))
        assert set(bodies(node, 10)) == {b"B"}


def test_a_server_may_have_a_limit_of_its_own(nodes):
    gate = Gate(b"A")
    with ScriptedOrigin(gate) as small, ScriptedOrigin(named(b"B")) as large:
        node = nodes(config(f'{{ address: "{small.address}", max_connections: 1 }}, "{large.address}"', ", balance: round_robin"))
        with RawClient(node.port()) as first:
            while not small.requests:
                first.send(GET)
                node.wait(lambda: len(small.requests) + len(large.requests) > 0, 10, "it has arrived")
                if not small.requests:
                    first.read()
                    large.requests.clear()
            assert set(bodies(node, 20)) == {b"B"} and len(small.requests) == 1
            gate.open.set()
            assert first.read().body == b"A"


# -- sticky cookies -------------------------------------------------------------------------------


def cookie_of(answer):
    return next((value.split(b";")[0] for value in answer.all(b"set-cookie") if value.startswith(b"weir_route=")), None)


def test_a_cookie_keeps_its_client_at_one_server(nodes, origins):
    node = nodes(config(quoted(*origins), ", sticky: { cookie: weir_route, ttl: 1h }"))
    for _ in range(10):
        first = ask(node.port(), GET)
        cookie = cookie_of(first)
        assert re.fullmatch(rb"weir_route=[0-9a-f]{32}", cookie)
        assert b"; Path=/; HttpOnly; SameSite=Lax; Max-Age=3600" in first.field(b"set-cookie")
        again = [ask(node.port(), request(fields=b"Cookie: a=1; %s\r\n" % cookie)) for _ in range(5)]
        assert {answer.body for answer in again} == {first.body}
        assert [cookie_of(answer) for answer in again] == [None] * 5
    forged = ask(node.port(), request(fields=b"Cookie: weir_route=%s\r\n" % (b"0" * 32)))
    assert cookie_of(forged)  # nobody's: it gets its own


def test_a_cookie_moves_when_its_server_has_gone(nodes):
    with ScriptedOrigin(named(b"A")) as one, ScriptedOrigin(named(b"B")) as two:
        node = nodes(config(quoted(one, two), ", sticky: { cookie: weir_route }, balance: round_robin, "
                                              "outlier: { consecutive_failures: 1, eject: 1min }"))
        first = ask(node.port(), GET)
        own, other = (one, b"B") if first.body == b"A" else (two, b"A")
        cookie = cookie_of(first)
        own.close()
        moved = ask(node.port(), request(fields=b"Cookie: %s\r\n" % cookie))
        assert moved.body == other  # repeated elsewhere
        later = ask(node.port(), request(fields=b"Cookie: %s\r\n" % cookie))
        assert later.body == other and (cookie_of(moved) or cookie_of(later)) not in (None, cookie)


def test_a_cookie_holds_on_every_node_and_after_a_restart(tmp_path, origins):
    with Cluster(tmp_path, f"upstreams: {{ u: {{ servers: [{quoted(*origins)}], sticky: {{ cookie: weir_route }} }} }}\n"
                           "sites: [ { hosts: ['*'], upstream: u } ]\n") as cluster:
        cluster.up()
        cluster.wait_for_states()
        ports = {node: (cluster.address[node], cluster.http[node]) for node in cluster.names}

        def at(node, cookie=None):
            host, port = ports[node]
            with RawClient(port, host=host) as client:
                return client.send(request(fields=b"Cookie: %s\r\n" % cookie if cookie else b"")).read()

        for _ in range(5):
            first = at(cluster.names[0])
            for node in cluster.names:
                answer = at(node, cookie_of(first))
                assert answer.body == first.body and cookie_of(answer) is None


# -- who is left out ------------------------------------------------------------------------------


def test_a_server_that_fails_often_but_never_in_a_row_is_ejected(nodes):
    count = [0]

    def every_other(exchange, origin):
        while True:
            exchange.read_request()
            count[0] += 1
            status = b"503 Busy" if count[0] % 2 else b"200 OK"
            exchange.send(b"HTTP/1.1 %s\r\nContent-Length: 1\r\n\r\nA" % status)

    with ScriptedOrigin(every_other) as flaky, ScriptedOrigin(named(b"B")) as good:
        node = nodes(config(quoted(flaky, good), ", balance: round_robin, retries: { attempts: 1 }, "
                            "outlier: { success_rate: 80%, requests: 20, window: 1min, eject: 1min }"))
        assert bodies(node, 100)[b"A"] < 30
        assert set(bodies(node, 20)) == {b"B"}
        assert metric(node, "weir_upstream_ejections_total", reason="success_rate") == 1
        assert metric(node, "weir_upstream_ejections_total", reason="consecutive_failures") == 0


def test_panic_ignores_health(nodes):
    def sick(exchange, origin):
        while True:
            head, _ = exchange.read_request()
            status = b"500 No" if b"GET /healthz" in head else b"200 OK"
            exchange.send(b"HTTP/1.1 %s\r\nContent-Length: 1\r\n\r\nA" % status)

    health = ", health: { path: /healthz, every: 100ms, timeout: 1s }"
    with ScriptedOrigin(sick) as one, ScriptedOrigin(sick) as two:
        assert ask(nodes(config(quoted(one, two), health)).port(), GET).status == 503
        node = nodes(config(quoted(one, two), health + ", panic: 30%"))
        assert set(bodies(node, 10)) == {b"A"}
        assert metric(node, "weir_upstream_panic_picks_total", upstream="u") == 10


# -- circuits -------------------------------------------------------------------------------------


def test_more_requests_than_the_upstream_may_have_are_refused_at_once(nodes):
    gate = Gate()
    with ScriptedOrigin(gate) as one, ScriptedOrigin(gate) as two:
        node = nodes(config(quoted(one, two), ", max_requests: 3"))
        held = [RawClient(node.port()) for _ in range(3)]
        for client in held:
            client.send(GET)
        node.wait(lambda: len(one.requests) + len(two.requests) == 3, 10, "three are under way")
        refused = ask(node.port(), GET)
        assert refused.status == 503 and refused.field(b"retry-after")
        assert metric(node, "weir_upstream_circuit_open", limit="requests") == 1
        assert metric(node, "weir_upstream_circuit_refused_total", limit="requests") == 1
        assert metric(node, "weir_http_exchanges_ended_total", reason="circuit_open") == 1
        gate.open.set()
        assert {client.read().status for client in held} == {200}
        node.wait(lambda: metric(node, "weir_upstream_circuit_open", limit="requests") == 0, 10, "it is closed again")
        assert ask(node.port(), GET).status == 200
        for client in held:
            client.close()


def test_the_queue_is_the_nodes_not_each_shards(nodes):
    gate = Gate()
    with ScriptedOrigin(gate) as origin:
        node = nodes(config(quoted(origin), ", max_connections: 1, queue: { size: 2, timeout: 30s }", "shards: 4"))
        first = RawClient(node.port()).send(GET)
        node.wait(lambda: origin.requests, 10, "the only place is taken")
        others = [RawClient(node.port()).send(GET) for _ in range(12)]
        node.wait(lambda: metric(node, "weir_upstream_circuit_refused_total", limit="pending") == 10, 10, "ten find no room")
        assert metric(node, "weir_upstream_queue_length", upstream="u") == 2
        gate.open.set()
        assert first.read().status == 200
        assert sorted(client.read().status for client in others) == [200] * 2 + [503] * 10
        for client in (first, *others):
            client.close()


def test_repeats_at_once_are_bounded(nodes):
    gate = Gate()
    gone = ScriptedOrigin(named(b"A"))
    gone.close()
    with ScriptedOrigin(gate) as origin:
        node = nodes(config(f'"{gone.address}", {{ address: "{origin.address}", backup: true }}',
                            ", retries: { at_once: 2 }, outlier: { consecutive_failures: 1000 }"))
        held = [RawClient(node.port()).send(GET) for _ in range(2)]
        node.wait(lambda: len(origin.requests) == 2, 10, "two are repeated")
        assert ask(node.port(), GET).status == 502
        assert metric(node, "weir_upstream_circuit_refused_total", limit="retries") == 1
        gate.open.set()
        assert {client.read().status for client in held} == {200}
        for client in held:
            client.close()
