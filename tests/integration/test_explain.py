"""`weir explain` through the real binary: what it says, in which words, and that nothing learns of it."""
import json
import re
from urllib.parse import urlencode

import pytest

from support.raw_client import ask
from support.scripted_origin import ScriptedOrigin
from support.weir_process import Node, fetch, free_port, run, wait_for

FRESH = b"Cache-Control: max-age=600\r\nETag: \"one\"\r\n"


def config(port, origins, extra=""):
    return f"""version: 1
cluster: {{ store: {{ path: data }} }}
shards: 2
listen: {{ http: "127.0.0.1:{port}", trusted_proxies: [127.0.0.1] }}
log: {{ access: off }}
{extra}
upstreams:
  shop: {{ servers: ["{origins[0].address}"] }}
  pair: {{ servers: ["{origins[0].address}", "{origins[1].address}"], sticky: {{ cookie: mine }} }}
  lost: {{ servers: ["127.0.0.1:1"], health: {{ path: /, every: 100ms, timeout: 50ms, fail: 1 }} }}
sites:
  - hosts: [example.com, "*.example.com"]
    deny: [192.0.2.66]
    upstream: shop
    headers: {{ set: {{ X-Frame-Options: DENY }} }}
    routes:
      - path: /
        upstream: shop
      - path: /login
        rate_limit: {{ name: login, rate: 2/d, methods: [POST] }}
        upstream: shop
      - path: /login
        match: {{ headers: {{ X-Beta: "1" }} }}
        upstream: pair
      - path: /cached
        cache: {{}}
        upstream: shop
      - path: /lost
        upstream: lost
      - exact: /moved
        redirect: {{ to: "https://example.org/", code: 301 }}
"""


class Site(Node):
    def __init__(self, folder, **how):
        self.asked = []
        self.origins = [ScriptedOrigin(self._serve), ScriptedOrigin(self._serve)]
        self.port = free_port()
        super().__init__(folder, config(self.port, self.origins, **how))

    def is_ready(self):
        """One upstream is down for good, so the node never says that it is."""
        try:
            return self.admin("GET", "/livez").status == 200 and self.process.poll() is None
        except OSError:
            return False

    def _serve(self, exchange, _origin):
        while True:
            head, _ = exchange.read_request()
            self.asked.append(head.split(b" ")[1].decode())
            exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n%s\r\nhello" % FRESH)

    def explain(self, method, url, *fields, client="127.0.0.1"):
        query = [("method", method), ("url", url), ("from", client), *(("field", each) for each in fields)]
        answer = self.admin("GET", "/api/v1/explain?" + urlencode(query))
        assert answer.status == 200, answer.text
        return answer.json

    def send(self, method, path, *fields):
        head = "".join(f"{each}\r\n" for each in ("Host: example.com", *fields))
        return ask(self.port, f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode(), method)

    def line_of(self, text, nth=0):
        """The number of the line with this text in the configuration."""
        return [number for number, line in enumerate(self.file.read_text().splitlines(), 1) if text in line][nth]

    def metrics(self, *names):
        text = self.admin("GET", "/metrics").text
        return sorted(line for line in text.splitlines() if line.startswith(names))


@pytest.fixture
def site(tmp_path):
    running = []

    def start(**how):
        running.append(Site(tmp_path, **how))
        return running[-1]

    yield start
    for each in running:
        assert each.end() == 0
        for origin in each.origins:
            origin.close()


def fates(why):
    return [(route["path"], route["fate"], route["differs"]) for route in why["routes"]]


def test_the_table_names_site_route_losers_and_verdict_with_their_lines(site):
    node = site()
    done = node.command("explain", "POST", "http://www.example.com/login?next=/", "--from", "198.51.100.7")
    assert (done.returncode, done.stderr) == (0, "")
    rows = [re.split(r"\s{2,}", line.strip()) for line in done.stdout.splitlines()]
    assert rows[0] == ["STEP", "WHAT", "WHERE", "WHY"]
    assert ["site", "example.com", f"{node.file}:{node.line_of('hosts:')}", "host rule *.example.com"] in rows
    assert ["route", "/login", f"{node.file}:{node.line_of('path: /login')}", "prefix"] in rows
    assert ["not", "/login", f"{node.file}:{node.line_of('path: /login', 1)}", "other field X-Beta"] in rows
    assert ["not", "/", f"{node.file}:{node.line_of('- path: /')}", "shorter prefix"] in rows
    assert ["limit", "login 198.51.100.7", "admits, 2 of 2 left"] in rows
    assert ["target", "shop /login?next=/", "proxy"] in rows
    assert ["server", node.origins[0].address, "up, candidate of p2c"] in rows
    assert ["fields", "response", "sets X-Frame-Options"] in rows
    assert rows[-1] == ["verdict", "pass to shop"]


def test_json_and_yaml_are_what_the_api_says(site):
    node = site()
    done = node.command("-o", "json", "explain", "GET", "http://example.com/login", "-H", "X-Beta: 1", "-H", "Cookie: a=b")
    said = json.loads(done.stdout)
    assert said == node.explain("GET", "http://example.com/login", "X-Beta: 1", "Cookie: a=b")
    assert said["config"]["file"] == str(node.file)
    assert said["target"]["upstream"]["name"] == "pair"
    assert fates(said)[1:3] == [("/login", "fewer_conditions", None), ("/login", "chosen", None)]
    assert "verdict" in node.command("-o", "yaml", "explain", "GET", "http://example.com/").stdout


def test_nothing_learns_of_a_question(site):
    node = site()
    post = "Content-Length: 0"
    watched = ("weir_http_requests_total", "weir_ratelimit", "weir_cache_", "weir_upstream_requests_total",
               "weir_filter_denied_total", "weir_upstream_queue")
    # RocksDB's files are there a moment after the start, and belong to no question.
    wait_for(lambda: not any('tier="disk"} 0' in line for line in node.metrics("weir_cache_bytes")), 10, "the disk is open")
    before = node.metrics(*watched)
    for _ in range(20):
        for method, path in (("POST", "/login"), ("GET", "/cached/a"), ("GET", "/lost"), ("GET", "/moved")):
            node.explain(method, f"http://example.com{path}")
        node.explain("GET", "http://example.com/", client="192.0.2.66")
    assert node.metrics(*watched) == before
    assert node.asked == [] and node.origins[0].connections == 0
    # The bucket is full, and then it is not.
    left = []
    for _ in range(3):
        said = node.explain("POST", "http://example.com/login")
        left.append((said["limits"][0]["remaining"], said["verdict"]["by"]))
        answer = node.send("POST", "/login", post)
        assert (answer.status == 429) == (said["verdict"]["status"] == 429)
    assert left == [(2, "upstream"), (1, "upstream"), (0, "weir")]
    assert node.explain("POST", "http://example.com/login")["limits"][0]["retry_after_seconds"] > 3600


def test_the_cache_is_looked_at_and_left_alone(site, tmp_path):
    node = site()
    url = "http://example.com/cached/a"
    cold = node.explain("GET", url)
    assert (cold["cache"]["outcome"], cold["cache"]["reason"], cold["cache"]["fetch"]) == ("miss", "uri-miss", "lead")
    assert cold["cache"]["key"] == url
    node.send("GET", "/cached/a")
    warm = wait_for(lambda: [said for said in [node.explain("GET", url)] if said["verdict"]["by"] == "cache"], 5,
                    "the response is stored")[0]
    assert (warm["verdict"]["status"], warm["cache"]["outcome"], warm["cache"]["found"]) == (200, "hit", "memory")
    assert 590 <= warm["cache"]["fresh_seconds"] <= 600
    assert node.explain("GET", url, 'If-None-Match: "one"')["verdict"]["status"] == 304
    assert node.explain("GET", url, "Range: bytes=0-1")["verdict"]["status"] == 206
    assert node.explain("GET", url, "Cache-Control: no-cache")["cache"]["reason"] == "request"
    assert node.explain("POST", url)["cache"]["reason"] == "method"
    assert node.asked == ["/cached/a"]


def test_servers_are_shown_as_they_are(site):
    node = site()
    wait_for(lambda: node.explain("GET", "http://example.com/lost")["target"]["upstream"]["placement"] == "down", 10,
             "the server is down")
    said = node.explain("GET", "http://example.com/lost")
    assert said["verdict"] == {"by": "weir", "status": 503, "reason": "no_server", "detail": None,
                               "text": "503 by Weir: no_server"}
    assert node.send("GET", "/lost").status == 503
    cookie = node.send("GET", "/login", "X-Beta: 1").field(b"set-cookie").decode().split(";")[0]
    mine = node.explain("GET", "http://example.com/login", "X-Beta: 1", f"Cookie: {cookie}")["target"]["upstream"]
    assert (mine["chosen_by"], len([each for each in mine["servers"] if each["candidate"]])) == ("cookie", 1)
    before = len(node.asked)
    for _ in range(5):
        node.send("GET", "/login", "X-Beta: 1", f"Cookie: {cookie}")
    assert len(node.asked) == before + 5
    assert [each["address"] for each in mine["servers"] if each["candidate"]] == [mine["server"]]


def test_bans_denials_and_redirects_end_it(site):
    node = site()
    assert node.command("ban", "add", "203.0.113.9").returncode == 0
    banned = node.explain("GET", "http://example.com/", client="203.0.113.9")
    assert (banned["verdict"]["reason"], banned["site"]) == ("banned", None)
    denied = node.explain("GET", "http://example.com/", "X-Forwarded-For: 192.0.2.66")
    assert (denied["verdict"]["reason"], denied["request"]["client"]) == ("denied_address", "192.0.2.66")
    moved = node.explain("GET", "http://example.com/moved")
    assert (moved["verdict"]["status"], moved["target"]["location"]) == (301, "https://example.org/")
    assert node.explain("GET", "http://example.net/")["verdict"]["status"] == 421


def test_a_reload_is_seen_with_its_new_lines(site):
    node = site()
    before = node.explain("GET", "http://example.com/")
    node.file.write_text("# one line more\n" + node.file.read_text())
    assert node.command("reload").returncode == 0
    after = node.explain("GET", "http://example.com/")
    assert after["site"]["line"] == before["site"]["line"] + 1
    assert after["config"]["version"] == before["config"]["version"] + 1


@pytest.mark.parametrize("arguments, says", [
    (["GET", "example.com/x"], "http:// or https://"),
    (["GET", "http://example.com/", "--from", "nowhere"], "not an address"),
    (["GET", "http://example.com/", "-H", "nothing"], "Name: value"),
    (["GET", "http://example.com/", "-H", "X: 1\r\nY: 2"], "control character"),
    (["G T", "http://example.com/"], "not a method"),
    (["GET", "http://example.com/" + "x" * 4096], "longer than 4096"),
    (["GET"], "URL"),
])
def test_what_no_client_could_send_is_a_usage_error(arguments, says):
    done = run("explain", *arguments)
    assert done.returncode == 2 and done.stdout == ""
    assert says in done.stderr


def test_no_node_is_exit_5(tmp_path):
    assert run("explain", "GET", "http://example.com/", "--addr", f"unix:{tmp_path}/none.sock").returncode == 5


def test_over_tcp_it_is_free_as_reading_is_and_what_fits_is_answered(site):
    port = free_port()
    node = site(extra=f'admin: {{ listen: ["unix:{{0}}", "127.0.0.1:{port}"] }}'.replace("{0}", "weir.sock"))
    largest = "http://example.com/" + "%" * (4096 - 19)
    fields = [("field", "X: " + "&" * 3000), ("field", "Y: " + "&" * 3000)]
    query = urlencode([("url", largest), *fields])
    answer = fetch(f"http://127.0.0.1:{port}/api/v1/explain?{query}")
    assert answer.status == 200 and answer.json["verdict"]["reason"] == "bad_path"
    assert fetch(f"http://127.0.0.1:{port}/api/v1/explain?url=http%3A%2F%2Fexample.com%2F", "POST").status == 405
    assert fetch(f"http://127.0.0.1:{port}/api/v1/explain").status == 400
