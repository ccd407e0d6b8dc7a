"""Late GETs that go to a second server too, in the real binary: who answers, who pays, and who is never asked twice.

Method: an origin that hangs until the node gives it up, beside one that answers; what was sent where is counted there, and by the
node's own metrics."""
import json
import threading

from support.raw_client import RawClient, ask
from support.scripted_origin import ScriptedOrigin
from support.weir_process import run

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def config(*origins, hedge="100ms", upstream="", site=""):
    servers = ", ".join(f'"{origin.address}"' for origin in origins)
    return f"""version: 1
shards: 1
listen: {{ http: "127.0.0.1:0" }}
admin: {{ listen: "unix:weir.sock" }}
upstreams:
  u:
    servers: [{servers}]
    balance: round_robin
    outlier: {{ consecutive_failures: 1, eject: 1min }}
    hedge: {hedge}
{upstream}
sites:
  - hosts: ["*"]
    upstream: u
{site}"""


class Moody:
    """A handler that answers at once, or, while `hangs`, never: then it waits until the node closes the connection."""

    def __init__(self, body=b"ok", hangs=False, head=b""):
        self.body, self.hangs, self.head = body, hangs, head
        self.asked, self.left = 0, threading.Semaphore(0)

    def __call__(self, exchange, _origin):
        while True:
            exchange.read_request()
            self.asked += 1
            if self.hangs:
                assert exchange.sock.recv(1) == b""
                self.left.release()
                return
            exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%s\r\n%s" % (len(self.body), self.head, self.body))


def test_a_late_server_is_overtaken_and_not_blamed(nodes):
    slow, quick = Moody(b"slow", hangs=True), Moody(b"quick")
    with ScriptedOrigin(slow) as one, ScriptedOrigin(quick) as other:
        node = nodes(config(one, other))
        with RawClient(node.port()) as client:
            assert {client.send(GET).read().body for _ in range(8)} == {b"quick"}
        assert slow.asked == 4 and quick.asked == 8
        for _ in range(4):
            assert slow.left.acquire(timeout=10), "the slower one is closed"
        assert node.metric("weir_upstream_hedges_total") == 4
        assert node.metric("weir_upstream_hedges_won_total") == 4
        assert node.metric("weir_upstream_ejections_total") == 0
        assert node.metric("weir_upstream_retries_total") == 0
        assert node.metric("weir_upstream_connections_leased") == 0
        lines = [json.loads(line) for line in node.wait_for_access(count=8)]
        hedged = [line for line in lines if line.get("hedge") == "won"]
        assert len(hedged) == 4 and all(line["attempts"] == 2 and line["server"] == other.address for line in hedged)
        assert all("hedge" not in line and line["attempts"] == 1 for line in lines if line not in hedged)


def test_a_large_answer_of_the_second_server_arrives_whole(nodes):
    body = bytes(range(256)) * 16384
    slow, quick = Moody(hangs=True), Moody(body)
    with ScriptedOrigin(slow) as one, ScriptedOrigin(quick) as other:
        node = nodes(config(one, other))
        assert [ask(node.port(), GET).body == body for _ in range(4)] == [True] * 4
        assert slow.asked == 2


def test_an_answer_in_time_is_asked_for_once(nodes):
    moods = Moody(), Moody()
    with ScriptedOrigin(moods[0]) as one, ScriptedOrigin(moods[1]) as other:
        node = nodes(config(one, other, hedge="{ after: 5s }"))
        with RawClient(node.port()) as client:
            for _ in range(50):
                client.send(GET).read()
        assert moods[0].asked + moods[1].asked == 50
        assert node.metric("weir_upstream_hedges_total") == 0


def test_a_percentile_is_learnt_and_then_waited_for(nodes):
    one_mood, other_mood = Moody(b"one"), Moody(b"other")
    with ScriptedOrigin(one_mood) as one, ScriptedOrigin(other_mood) as other:
        node = nodes(config(one, other, hedge="p95"))
        with RawClient(node.port()) as client:
            for _ in range(200):
                client.send(GET).read()
            one_mood.hangs = True
            assert {client.send(GET).read().body for _ in range(6)} == {b"other"}
        assert node.metric("weir_upstream_hedges_won_total") >= 3


def test_requests_that_change_something_are_sent_once(nodes):
    moods = Moody(hangs=True), Moody(hangs=True)
    with ScriptedOrigin(moods[0]) as one, ScriptedOrigin(moods[1]) as other:
        node = nodes(config(one, other, upstream="    timeouts: { first_byte: 1s }"))
        for request in (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", b"DELETE / HTTP/1.1\r\nHost: a\r\n\r\n",
                        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"):
            assert ask(node.port(), request).status == 504
        assert moods[0].asked + moods[1].asked == 3


def test_a_head_is_hedged_as_a_get_is(nodes):
    def hang(exchange, origin):
        origin.requests.append(exchange.read_request())
        exchange.sock.recv(1)

    def answer(exchange, origin):
        while True:
            origin.requests.append(exchange.read_request())
            exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")

    with ScriptedOrigin(hang) as one, ScriptedOrigin(answer) as other:
        node = nodes(config(one, other))
        for _ in range(2):
            assert ask(node.port(), GET.replace(b"GET", b"HEAD"), method="HEAD").field(b"content-length") == b"5"
        assert len(one.requests) == 1 and len(other.requests) == 2


def test_a_client_that_leaves_frees_both_servers(nodes):
    moods = Moody(hangs=True), Moody(hangs=True)
    with ScriptedOrigin(moods[0]) as one, ScriptedOrigin(moods[1]) as other:
        node = nodes(config(one, other))
        with RawClient(node.port()) as client:
            client.send(GET)
            node.wait(lambda: moods[0].asked == 1 and moods[1].asked == 1, 10, "both are asked")
        for mood in moods:
            assert mood.left.acquire(timeout=10)
        assert node.metric("weir_upstream_ejections_total") == 0


def test_the_requests_own_time_ends_both(nodes):
    moods = Moody(hangs=True), Moody(hangs=True)
    with ScriptedOrigin(moods[0]) as one, ScriptedOrigin(moods[1]) as other:
        node = nodes(config(one, other) + "limits: { timeouts: { request: 1s } }\n")
        assert ask(node.port(), GET).status == 504
        assert json.loads(node.wait_for_access()[0])["reason"] == "request_timeout"
        for mood in moods:
            assert mood.left.acquire(timeout=10)


def test_when_one_of_both_fails_the_other_answers(nodes):
    both = threading.Barrier(2, timeout=10)

    def fails(exchange, origin):
        origin.requests.append(exchange.read_request())
        both.wait()

    def answers(exchange, origin):
        origin.requests.append(exchange.read_request())
        both.wait()
        # The other one's end comes first, in some of the runs at least: either order must do.
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")

    with ScriptedOrigin(fails) as one, ScriptedOrigin(answers) as other:
        node = nodes(config(one, other).replace("consecutive_failures: 1,", "consecutive_failures: 1000,"))
        for _ in range(10):
            assert ask(node.port(), GET).body == b"ok"
        assert len(one.requests) == len(other.requests) == 10


def test_second_attempts_are_capped(nodes):
    moods = Moody(hangs=True), Moody(hangs=True)
    with ScriptedOrigin(moods[0]) as one, ScriptedOrigin(moods[1]) as other:
        node = nodes(config(one, other, hedge="{ after: 300ms, max: 1% }"))
        clients = [RawClient(node.port()).send(GET) for _ in range(40)]
        node.wait(lambda: node.metric("weir_upstream_hedges_refused_total", reason="max") == 30, 10, "the rest is refused")
        assert node.metric("weir_upstream_hedges_total") == 10, "one a second, ten in ten seconds"
        node.wait(lambda: moods[0].asked + moods[1].asked == 50, 10, "all have arrived")
        for client in clients:
            client.close()


def test_a_queue_goes_before_second_attempts(nodes):
    moods = Moody(hangs=True), Moody(hangs=True)
    with ScriptedOrigin(moods[0]) as one, ScriptedOrigin(moods[1]) as other:
        node = nodes(config(one, other, hedge="500ms", upstream="    max_connections: 1"))
        clients = [RawClient(node.port()).send(GET) for _ in range(3)]
        node.wait(lambda: node.metric("weir_upstream_hedges_refused_total", reason="queue") == 2, 10, "two were late")
        assert moods[0].asked + moods[1].asked == 2
        for client in clients:
            client.close()


def test_many_clients_of_a_cached_page_wait_for_one_race(nodes):
    slow, quick = Moody(b"page", hangs=True, head=b"Cache-Control: max-age=60\r\n"), Moody(
        b"page", head=b"Cache-Control: max-age=60\r\n")
    with ScriptedOrigin(slow) as one, ScriptedOrigin(quick) as other:
        node = nodes(config(one, other, site="    cache: {}\n"))
        results = []
        threads = [threading.Thread(target=lambda: results.append(ask(node.port(), GET).body)) for _ in range(30)]
        for each in threads:
            each.start()
        for each in threads:
            each.join(20)
        assert results == [b"page"] * 30
        assert slow.asked <= 1 and quick.asked == 1
        assert ask(node.port(), GET).field(b"cache-status").startswith(b"weir; hit")


def test_what_would_never_be_hedged_is_an_error(tmp_path):
    for keys, message in (("hedge: p95, balance: ip_hash", "ip_hash"), ("hedge: p95, retries: { attempts: 1 }", "attempts"),
                          ("hedge: 5ms", "at least 10ms"), ("hedge: p100", "p50 to p99"), ("hedge: 30s", "first_byte")):
        file = tmp_path / "weir.yaml"
        file.write_text("version: 1\nsites: [ { hosts: ['*'], upstream: u } ]\n"
                        f"upstreams: {{ u: {{ servers: ['10.0.0.1:80', '10.0.0.2:80'], {keys} }} }}\n")
        out = run("validate", file)
        assert out.returncode == 1 and message in out.stdout + out.stderr
