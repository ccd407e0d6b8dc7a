"""Rate limits and bans through the real binary.

Method: a trusted proxy is played (X-Forwarded-For), so that one machine is many clients. Limits refill too slowly to matter
(an hour or a day), so what is admitted is exact, whatever the machine's speed. Two shards: the table is the node's."""
import json
import re
import threading

import pytest

from support.raw_client import RawClient, ask
from support.scripted_origin import ScriptedOrigin, fixed
from support.weir_process import Node, free_port, wait_for

CLIENT = "192.0.2.1"


def config(port, origin, site="", routes="", top=""):
    return f"""version: 1
cluster: {{ store: {{ path: data }} }}
shards: 2
listen: {{ http: "127.0.0.1:{port}", trusted_proxies: [127.0.0.1] }}
log: {{ access: {{ path: access.log }} }}
{top}
upstreams: {{ u: {{ servers: ["{origin}"] }} }}
sites:
  - hosts: ["*"]
    upstream: u
    {site}
    routes:
      - path: /free
        respond: {{ body: free }}
      {routes}
"""


class Site(Node):
    def __init__(self, folder, origin, **how):
        self.port, self.origin = free_port(), origin
        super().__init__(folder, config(self.port, origin.address, **how))

    def get(self, path="/", client=CLIENT, method="GET", fields=""):
        """Each on a connection of its own, so both shards get some."""
        head = f"{method} {path} HTTP/1.1\r\nHost: a.example\r\nX-Forwarded-For: {client}\r\n{fields}\r\n"
        return ask(self.port, head.encode(), method)

    def statuses(self, count, *args, **how):
        return [self.get(*args, **how).status for _ in range(count)]

    def metric(self, name, **labels):
        text = self.admin("GET", "/metrics").text
        wanted = [f'{key}="{value}"' for key, value in labels.items()]
        return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines()
                   if re.match(name + r"[{ ]", line) and all(part in line for part in wanted))

    def log(self):
        return [json.loads(line) for line in (self.folder / "access.log").read_text().splitlines()]

    def rewrite(self, **how):
        self.file.write_text(config(self.port, self.origin.address, **how))
        done = self.command("reload")
        assert done.returncode == 0, done.stderr


@pytest.fixture
def origin():
    made = ScriptedOrigin(fixed())
    yield made
    made.close()


@pytest.fixture
def site(tmp_path, origin):
    """site(...) starts a node before an origin that answers everything; it ends with the test."""
    running = []

    def start(**how):
        running.append(Site(tmp_path, how.pop("origin", origin), **how))
        return running[-1]

    yield start
    for each in running:
        assert each.end() == 0


def test_a_client_gets_its_burst_and_then_429_with_the_fields(site, origin):
    node = site(site="rate_limit: { name: all, rate: 5/h }")
    assert node.statuses(9) == [200] * 5 + [429] * 4
    answer = node.get()
    assert answer.field(b"retry-after") and 600 <= int(answer.field(b"retry-after")) <= 720
    assert answer.field(b"ratelimit-policy") == b'"all";q=5;w=3600'
    assert re.fullmatch(rb'"all";r=0;t=\d+', answer.field(b"ratelimit"))
    assert answer.field(b"cache-control") == b"no-store"
    assert node.statuses(2, client="192.0.2.2") == [200, 200]
    assert origin.connections > 0
    assert node.metric("weir_ratelimit_decisions_total", limit="all", decision="allowed") == 7
    assert node.metric("weir_ratelimit_decisions_total", limit="all", decision="rate") == 5
    refused = wait_for(lambda: [line for line in node.log() if line["status"] == 429][4:], 5, "log lines")[0]
    assert (refused["reason"], refused["limit"]) == ("rate_limited", "all")


def test_an_ipv6_client_counts_with_its_64(site):
    node = site(site="rate_limit: { rate: 2/d }")
    seen = [node.get(client=f"2001:db8::{i}").status for i in range(1, 5)]
    assert seen == [200, 200, 429, 429]
    assert node.get(client="2001:db8:0:1::1").status == 200


def test_site_and_route_add_up_methods_count_and_off_lifts(site):
    node = site(site="rate_limit: { name: site, rate: 6/d }",
                routes="""- path: /login
        rate_limit: { name: login, rate: 2/d, methods: [POST] }
      - path: /open
        rate_limit: off
        respond: { body: open }""")
    post = {"method": "POST", "fields": "Content-Length: 0\r\n"}
    assert node.statuses(3, "/login", **post) == [200, 200, 429]
    # The refusal by "login" took nothing from "site".
    assert node.statuses(5, "/login") == [200] * 4 + [429]
    assert node.statuses(3, "/open") == [200] * 3
    assert node.get("/free").status == 429  # a fixed answer is limited too


def test_keys_are_fields_cookies_parameters_and_lists(site):
    node = site(routes="""- path: /h
        rate_limit: { key: "header:X-Api-Key", rate: 1/d }
      - path: /c
        rate_limit: { key: "cookie:sid", rate: 1/d }
      - path: /q
        rate_limit: { key: "query:token", rate: 1/d }
      - path: /l
        rate_limit: { key: [ip, path], rate: 1/d }
      - path: /a
        rate_limit: { key: all, rate: 1/d }""")
    for path, one, same, other in (("/h", "X-Api-Key: a\r\n", "x-api-key: a\r\n", "X-Api-Key: b\r\n"),
                                   ("/c", "Cookie: sid=a\r\n", "Cookie: x=1; sid=a\r\n", "Cookie: sid=b\r\n")):
        assert [node.get(path, fields=each).status for each in (one, same, other)] == [200, 429, 200]
        assert node.statuses(3, path) == [200] * 3  # without it nothing is counted
    assert [node.get(target).status for target in ("/q?token=a%62", "/q?x=1&token=ab", "/q?token=c", "/q", "/q")] == \
        [200, 429, 200, 200, 200]
    assert [node.get(path).status for path in ("/l", "/l/x", "/l")] == [200, 200, 429]
    assert [node.get("/a", client=f"192.0.2.{i}").status for i in (1, 2)] == [200, 429]


def test_a_dry_run_refuses_nothing_and_says_so(site):
    node = site(site="rate_limit: { name: trial, rate: 1/d, dry_run: true }")
    assert node.statuses(4) == [200] * 4
    assert node.metric("weir_ratelimit_decisions_total", limit="trial", decision="dry_run") == 3
    lines = wait_for(lambda: node.log() if len(node.log()) == 4 else None, 5, "log lines")
    assert sorted(line.get("limit", "") for line in lines) == ["", "trial", "trial", "trial"]


def test_exempt_clients_and_another_status(site):
    node = site(site="rate_limit: { rate: 1/d, exempt: [198.51.100.0/24], reject: 503 }")
    assert node.statuses(3, client="198.51.100.9") == [200] * 3
    assert node.statuses(2) == [200, 503]


def test_requests_under_way_are_counted_however_they_end(site, tmp_path):
    release = threading.Event()

    def slow(exchange, origin):
        while True:
            exchange.read_request()
            origin.requests.append(1)
            release.wait(10)
            exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    with_slow = ScriptedOrigin(slow)
    try:
        node = site(origin=with_slow, site="rate_limit: { name: jobs, concurrency: 2 }")
        request = f"GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: {CLIENT}\r\n\r\n".encode()
        clients = [RawClient(node.port).send(request) for _ in range(2)]
        wait_for(lambda: len(with_slow.requests) == 2, 10, "both are under way")
        refused = node.get()
        assert (refused.status, refused.field(b"retry-after")) == (429, b"1")
        assert refused.field(b"ratelimit-policy") == b'"jobs";q=2;qu="concurrent-requests"'
        clients[0].close()  # one gives up: its place is free
        wait_for(lambda: node.admin("GET", "/api/v1/limits").json["keys"][0]["under_way"] == 1, 10, "the place is free")
        clients[0] = RawClient(node.port).send(request)
        wait_for(lambda: len(with_slow.requests) == 3, 10, "the third is under way")
        assert node.get().status == 429
        release.set()
        assert [client.read().status for client in clients] == [200, 200]
        wait_for(lambda: not node.admin("GET", "/api/v1/limits").json["keys"], 10, "all places are free")
        assert node.statuses(5) == [200] * 5
        assert node.metric("weir_ratelimit_decisions_total", limit="jobs", decision="concurrency") == 2
        for client in clients:
            client.close()
    finally:
        release.set()
        with_slow.close()


def test_misses_are_counted_before_the_pool(site):
    """Without a cache every request is a miss; what the node answers itself is none."""
    node = site(routes="""- path: /m
        rate_limit: { name: misses, rate: 2/d, count: misses }""")
    assert node.statuses(3, "/m") == [200, 200, 429]
    assert node.metric("weir_ratelimit_decisions_total", limit="misses", decision="allowed") == 2


def test_a_reload_keeps_what_is_used_up_unless_the_limit_changes(site):
    node = site(site="rate_limit: { name: one, rate: 3/d }")
    assert node.statuses(3) == [200] * 3
    node.rewrite(site="rate_limit: { name: one, rate: 3/d, reject: 503 }")
    assert node.get().status == 503
    node.rewrite(site="rate_limit: { name: one, rate: 4/d }")
    assert node.statuses(5) == [200] * 4 + [429]


def test_limit_ls_and_reset(site):
    node = site(routes="""- path: /a
        rate_limit: { name: by-ip, rate: 2/d }
      - path: /b
        rate_limit: { name: by-key, key: "header:X-Key", rate: 1/d }""")
    assert node.statuses(3, "/a") == [200, 200, 429]
    assert node.statuses(2, "/b", fields="X-Key: top-secret\r\n") == [200, 429]
    table = node.command("limit", "ls").stdout
    assert re.search(r"by-ip +ip +2/d +2 +- +all +enforced", table) and re.search(rf"{CLIENT} +by-ip +0", table)
    assert "top-secret" not in table
    assert node.command("limit", "reset", CLIENT).returncode == 0
    assert node.get("/a").status == 200
    assert node.command("limit", "reset", "top-secret", "--limit", "by-key").returncode == 0
    assert node.get("/b", fields="X-Key: top-secret\r\n").status == 200
    missing = node.command("limit", "reset", "192.0.2.99")
    assert missing.returncode == 1 and "no limit knows" in missing.stderr


def test_an_operator_bans_a_network_over_a_restart(site, tmp_path, origin):
    node = site()
    with RawClient(node.port) as kept:
        request = f"GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: {CLIENT}\r\n\r\n".encode()
        assert kept.send(request).read().status == 200
        done = node.command("ban", "add", "192.0.2.0/24", "--for", "2h", "--reason", "a scraper")
        assert done.returncode == 0, done.stderr
        assert kept.send(request).read().status == 403  # an open connection feels it too
        assert kept.closed()
    assert node.get("/free", client="192.0.2.77").status == 403
    assert node.get(client="192.0.3.1").status == 200
    assert re.search(r"192\.0\.2\.0/24 +(2h0m|1h59m) +operator +a scraper", node.command("ban", "ls").stdout)
    assert node.metric("weir_bans") == 1
    assert wait_for(lambda: [line for line in node.log() if line.get("reason") == "banned"], 5, "a log line")
    assert node.end() == 0
    again = site()
    assert again.get().status == 403
    assert again.command("ban", "rm", "192.0.2.0/24").returncode == 0
    assert again.get().status == 200
    gone = again.command("ban", "rm", "192.0.2.0/24")
    assert gone.returncode == 1 and "is not banned" in gone.stderr
    assert again.command("ban", "add", "nonsense").returncode == 1


def test_who_is_refused_too_often_is_banned_for_a_while(site):
    node = site(top="bans: { after: 3, within: 1h, for: 2s, exempt: [198.51.100.0/24] }",
                site="rate_limit: { rate: 1/d, exempt: [] }")
    assert node.statuses(4) == [200, 429, 429, 429]
    wait_for(lambda: node.get().status == 403, 5, "the client is banned")
    listed = node.admin("GET", "/api/v1/bans").json["bans"]
    assert [(one["network"], one["automatic"]) for one in listed] == [(CLIENT, True)]
    assert "3 refusals within 1h" in listed[0]["reason"]
    assert node.statuses(6, client="198.51.100.1") == [200] + [429] * 5  # exempt
    wait_for(lambda: node.get().status == 429, 10, "the ban is over")
    wait_for(lambda: node.metric("weir_bans") == 0, 5, "the list is empty")
    assert node.metric("weir_bans_added_total", by="rule") >= 1
