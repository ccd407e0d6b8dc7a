"""`weir explain` says what happens: random requests against random configurations, first explained, then sent.

Method: a trusted proxy is played, so that one machine is many clients and https is a field. For each request the
explanation comes first, twice (the second must be equal: the first changed nothing); then the request goes out, and the
answer, the origins and the access log must agree with it: route, status, target, location, cache decision, limit.
Limits refill too slowly to matter. A failure names its seed."""
import json
import random
import re
from urllib.parse import urlencode

import pytest

from support.pki import KEY, openssl
from support.raw_client import RawClient
from support.scripted_origin import ScriptedOrigin
from support.weir_process import Answer, Node, UnixConnection, free_port, wait_for

# ctest: TIMEOUT 300
SEEDS = range(1, 11)
REQUESTS = 50
SEEN = {}  # seed -> who answered

CLIENTS = ["192.0.2.1", "192.0.2.2", "198.51.100.7", "2001:db8::1", "203.0.113.5"]
HOSTS = ["a.example", "A.Example:80", "x.w.example", "w.example", "b.example", "c.example", "www.b.example"]
PATHS = ["/", "/x", "/x/", "/x/y", "/fresh/1", "/fresh/2", "/fresh//1", "/x/../fresh/1", "/%66resh/2", "/stale/1", "/vary/1",
         "/vary/2", "/private/1", "/plain", "/plain/b", "/v1/z", "/v22/z/q", "/old", "/old/deep", "/f/a.txt", "/f/", "/f",
         "/f/none.txt", "/f/sub", "/a%2Fb", "/%00", "/login"]
QUERIES = ["", "", "", "?", "?a=1", "?a=2&b=3", "?utm_x=1&a=1", "?debug"]
ANN = "Authorization: Basic YW5uOnNlY3JldA=="


class Origin(ScriptedOrigin):
    """Answers by the path, and keeps what it was asked."""

    def __init__(self, name):
        self.name, self.seen = name, []
        super().__init__(self._answer)

    def _answer(self, exchange, _origin):
        while True:
            head, _ = exchange.read_request()
            target = head.split(b" ")[1].decode()
            self.seen.append(target)
            lines = b""
            if "fresh" in target or "%66resh" in target:
                lines = b'Cache-Control: max-age=600\r\nETag: "e"\r\n'
            elif "stale" in target:
                lines = b'Cache-Control: max-age=1\r\nAge: 5\r\nETag: "e"\r\n'
            elif "vary" in target:
                lines = b"Cache-Control: max-age=600\r\nVary: X-Var\r\n"
            elif "private" in target:
                lines = b"Cache-Control: no-store\r\n"
            if b'If-None-Match: "e"' in head and "stale" in target:
                exchange.send(b"HTTP/1.1 304 Not Modified\r\n%s\r\n" % lines)
            else:
                body = b"" if head.startswith(b"HEAD") else b"0123456789"
                exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n%s\r\n%s" % (lines, body))


class World:
    """A random configuration; the same seed makes the same one."""

    def __init__(self, seed, folder, origins):
        self.random = random.Random(seed)
        self.folder, self.origins, self.limits = folder, origins, 0

    def may(self, chance):
        return self.random.random() < chance

    def limit(self):
        self.limits += 1
        parts = [f"name: l{self.limits}", f"rate: {self.random.randint(1, 4)}/d"]
        parts.append("key: " + self.random.choice(["ip", "all", "path", "host", '"cookie:sid"', "[ip, path]", '"query:a"']))
        if self.may(0.3):
            parts.append(self.random.choice(["methods: [POST]", "exempt: [198.51.100.0/24]", "count: misses", "reject: 503"]))
        if self.may(0.2):
            parts.append("dry_run: true")
        if self.may(0.2):
            parts.append("concurrency: 1")
        return f"{{ {', '.join(parts)} }}"

    def policy(self):
        out = []
        if self.may(0.2):
            out.append("deny: [192.0.2.2]")
        if self.may(0.1):
            out.append("allow: [192.0.2.0/24, 198.51.100.7, \"2001:db8::/32\"]")
        if self.may(0.2):
            out.append("methods: [GET, POST]")
        if self.may(0.35):
            out.append(f"rate_limit: [{', '.join(self.limit() for _ in range(self.random.randint(1, 2)))}]")
        if self.may(0.5):
            out.append("cache: " + self.random.choice(
                ["{}", "{ ttl: 60s }", "{ bypass_cookie: [sid] }", '{ key: { drop_query: ["utm_*"] } }',
                 "{ key: { headers: [X-Var] } }", "off"]))
        if self.may(0.15):
            out.append("basic_auth: { users: users.htpasswd }")
        if self.may(0.15):
            out.append('cors: { origins: ["https://app.example"] }')
        return out

    def action(self, path):
        return self.random.choice(["upstream: u", "upstream: v", "upstream: u", "upstream: keyed",
                                   f"respond: {{ status: {self.random.choice([200, 204, 418])}, body: here }}",
                                   'redirect: { to: "https://c.example/new?x=1", code: 302 }',
                                   *(["files: files"] * 6 if path == "/f/" else [])])

    def route(self):
        kind, path = self.random.choice(
            [("path", "/"), ("path", "/x"), ("path", "/fresh"), ("path", "/stale/"), ("path", "/vary"), ("path", "/private"),
             ("path", "/old/"), ("path", "/f/"), ("path", "/f/"), ("exact", "/x"), ("exact", "/fresh/1"),
             ("exact", "/plain"), ("regex", "^/v[0-9]+/(?<rest>.*)$"), ("regex", "b$"), ("regex", "fresh")])
        out = [f"{kind}: '{path}'", self.action(path), *self.policy()]
        if self.may(0.15):
            out.append(f"priority: {self.random.randint(-1, 1)}")
        if self.may(0.3):
            out.append("match: " + self.random.choice(
                ['{ headers: { X-Beta: "1" } }', "{ methods: [POST] }", '{ query: { a: "1" } }', '{ cookies: { c: d } }',
                 '{ methods: [GET], headers: { X-Beta: "1" } }']))
        if kind == "path" and path != "/" and "upstream" in out[1] and self.may(0.3):
            out.append(f"strip_prefix: {path}")
        elif "rest" in path and "upstream" in out[1]:
            out.append("rewrite: /api/$rest")
        return "\n        ".join(out)

    def site(self, hosts):
        lines = [f"hosts: [{', '.join(hosts)}]", *self.policy()]
        lines.append("https: " + self.random.choice(["off"] * 7 + ["only"] * 2 + ["redirect"]))
        if self.may(0.3) and hosts[0] != '"*"':
            lines.append(f"canonical: {hosts[0]}")
        if self.may(0.7):
            lines.append(self.action("/"))
        else:
            lines.append("upstream: u")
        routes = {}  # a path with the same conditions is given once
        for _ in range(self.random.randint(2, 7)):
            text = self.route()
            path, *rest = text.splitlines()
            routes.setdefault((path, *(line for line in rest if "match:" in line or "priority:" in line)), text)
        routes = [f"      - {text}" for text in routes.values()]
        return "  - " + "\n    ".join(lines) + "\n    routes:\n" + "\n".join(routes)

    def config(self, port):
        u, v = self.origins
        sites = [self.site(["a.example", '"*.w.example"']), self.site(["b.example", "www.b.example"])]
        if self.may(0.5):
            sites.append(self.site(['"*"']))
        return f"""version: 1
cluster: {{ store: {{ path: data }} }}
shards: 1
listen: {{ http: "127.0.0.1:{port}", https: "127.0.0.1:{free_port()}", trusted_proxies: [127.0.0.1] }}
tls: {{ certificates: [ {{ cert: site.pem, key: site.key }} ] }}
log: {{ access: {{ path: access.log }} }}
upstreams:
  u: {{ servers: ["{u.address}"], retries: {{ attempts: 1 }} }}
  v: {{ servers: ["{v.address}"], retries: {{ attempts: 1 }} }}
  keyed: {{ servers: ["{u.address}", "{v.address}"], balance: ip_hash, retries: {{ attempts: 1 }} }}
sites:
""" + "\n".join(sites) + "\n"

    def request(self, number):
        method = self.random.choice(["GET"] * 6 + ["POST", "HEAD", "DELETE", "OPTIONS", "PURGE"])
        path = self.random.choice(PATHS)
        fields = [f"X-Request-Id: r{number}", f"X-Forwarded-For: {self.random.choice(CLIENTS)}"]
        pool = ["X-Beta: 1", "Cookie: sid=1", "Cookie: c=d; sid=2", "X-Var: 1", "X-Var: 2", "X-Forwarded-Proto: https",
                "Cache-Control: no-cache", "Cache-Control: no-store", "Cache-Control: only-if-cached",
                "Cache-Control: max-age=0", ANN, ANN, "Origin: https://app.example", "Origin: https://evil.example",
                "Access-Control-Request-Method: POST", "Range: bytes=0-3", "If-Match: \"e\"", "Expect: nothing"]
        fields += self.random.sample(pool, self.random.randint(0, 4))
        # On a path that answers it with a 304 of its own, the whole would be fetched behind the answer.
        if "resh" in path and self.may(0.3):
            fields.append('If-None-Match: "e"')
        if method in ("POST", "PURGE"):
            fields.append("Content-Length: 0")
        host = self.random.choice(HOSTS[:3]) if self.may(0.7) else self.random.choice(HOSTS)
        return method, host, path + self.random.choice(QUERIES), fields


class Explained(Node):
    def __init__(self, folder, seed):
        self.origins = [Origin("u"), Origin("v")]
        self.world = World(seed, folder, self.origins)
        self.port = free_port()
        (folder / "files/sub").mkdir(parents=True)
        (folder / "files/a.txt").write_text("a file")
        (folder / "files/index.html").write_text("<p>index")
        openssl("req", "-x509", *KEY, "-subj", "/CN=a.example", "-keyout", folder / "site.key", "-out", folder / "site.pem")
        (folder / "users.htpasswd").write_text("ann:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n")
        self.connection, self.sent = None, 0
        super().__init__(folder, self.world.config(self.port))
        self.connection = UnixConnection(self.socket)

    def get(self, path):
        self.connection.request("GET", path)
        return Answer(self.connection.getresponse())

    def explain(self, method, host, target, fields):
        query = [("method", method), ("url", f"http://{host}{target}"), *(("field", each) for each in fields)]
        answer = self.get("/api/v1/explain?" + urlencode(query))
        assert answer.status == 200, answer.text
        return answer.json

    def settle(self):
        """Everything about the last request is done: what it stored is stored."""
        wait_for(lambda: self.get("/api/v1/status").json["requests_in_flight"] == 0, 10, "no request is under way")

    def send(self, method, host, target, fields):
        self.sent += 1
        head = "".join(f"{each}\r\n" for each in (f"Host: {host}", *fields))
        with RawClient(self.port) as client:
            answer = client.send(f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode()).read(method)
        self.settle()
        return answer

    def seen(self):
        return [target for origin in self.origins for target in origin.seen]

    def log(self):
        path = self.folder / "access.log"
        lines = wait_for(lambda: [found for found in [path.read_text().splitlines()] if len(found) >= self.sent], 10,
                         f"{self.sent} lines in the access log")[0]
        return {line["request_id"]: line for line in map(json.loads, lines) if "request_id" in line}

    def end(self):
        if self.connection:
            self.connection.close()
        code = super().end()
        for origin in self.origins:
            origin.close()
        return code


def steady(why):
    """Without what time changes."""
    for key in ("age_seconds", "fresh_seconds"):
        if why["cache"]:
            why["cache"][key] = None
    for limit in why["limits"]:
        limit["retry_after_seconds"] = None
    return why


def compare_answer(why, answer, asked):
    """The answer and what the origins saw; returns what the cache said."""
    verdict, target = why["verdict"], why["target"]
    status = (answer.field(b"cache-status") or b"").decode()
    if verdict["by"] == "upstream":
        assert asked == [target["target"]]
        assert answer.status in (200, 304, 206)
        cache = why["cache"]
        forwarded = re.search(r"fwd=([\w-]+)", status)
        if cache is None:
            assert not status
        elif cache["outcome"] == "bypass":
            assert forwarded[1] == ("method" if cache["reason"] == "method" else "bypass")
        else:
            assert forwarded[1] == cache["reason"]
    else:
        assert asked == []
        assert answer.status == verdict["status"]
        assert ("; hit" in status) == (verdict["by"] == "cache")
        location = answer.field(b"location")
        if target and target["location"]:
            assert location.decode() == target["location"]
    return status


def compare_log(why, line):
    verdict = why["verdict"]
    if verdict["reason"] in ("malformed_request", "bad_path", "banned"):
        return
    if why["site"]:
        assert line["site"] == why["site"]["name"]
        chosen = [route["path"] for route in why["routes"] if route["fate"] == "chosen"]
        assert len(chosen) <= 1
        assert line.get("route") in (chosen or [None, "-", ""])
    refusing = [limit["name"] for limit in why["limits"] if limit["outcome"] == "refuses"]
    limited = line["reason"] in ("rate_limited", "too_many_under_way")
    assert limited == bool(refusing), (line, refusing)
    if limited:
        assert line["limit"] == refusing[0]
    elif verdict["by"] == "upstream":
        assert line["upstream"] == why["target"]["upstream"]["name"]
        if why["target"]["upstream"]["server"]:
            assert line["server"] == why["target"]["upstream"]["server"]


@pytest.mark.parametrize("seed", SEEDS)
def test_an_explanation_is_what_happens(tmp_path, seed):
    with Explained(tmp_path, seed) as node:
        explained = {}
        for number in range(REQUESTS):
            request = node.world.request(number)
            why = steady(node.explain(*request))
            assert steady(node.explain(*request)) == why
            before = node.seen()
            answer = node.send(*request)
            asked = [target for target in node.seen()]
            for target in before:
                asked.remove(target)
            try:
                compare_answer(why, answer, asked)
            except Exception as wrong:
                raise AssertionError(f"seed {seed}, request {number}: {request}\n{json.dumps(why, indent=1)}\n"
                                     f"{answer.head.decode()}\norigins: {asked}\n{node.file.read_text()}") from wrong
            explained[f"r{number}"] = (request, why)
        log = node.log()
        for request_id, (request, why) in explained.items():
            if request_id not in log:
                assert why["verdict"]["reason"] == "malformed_request"
                continue
            try:
                compare_log(why, log[request_id])
            except Exception as wrong:
                raise AssertionError(f"seed {seed}: {request}\n{json.dumps(why, indent=1)}\n{log[request_id]}") from wrong
        SEEN[seed] = {why["verdict"]["by"] for _, why in explained.values()}


def test_requests_ended_in_every_way():
    if len(SEEN) < len(SEEDS):
        pytest.skip("not all seeds were run")
    assert set().union(*SEEN.values()) == {"weir", "upstream", "cache"}
