"""A node seen through its admin API: probes, metrics that a real parser reads, logs, changes."""

import http.client
import http.server
import json
import pathlib
import signal
import threading
import time

import pytest
from prometheus_client.parser import text_string_to_metric_families

from support.weir_process import Node, fetch, free_port, run, wait_for

DOCS = pathlib.Path(__file__).parents[2] / "docs"
REQUESTS = 20


class Origin(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        status = 404 if self.path.startswith("/missing") else 200
        if self.path.startswith("/slow"):
            time.sleep(1.0)
        self.send_response(status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def origin():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Origin)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


class Site(Node):
    def __init__(self, folder, origin, more=""):
        self.port, self.admin_port = free_port(), free_port()
        self.token = folder / "token"
        self.token.write_text("open sesame\n")
        self.access = folder / "access.log"
        super().__init__(folder, f"""version: 1
cluster: {{ store: {{ path: data }} }}
shards: 2
listen: {{ http: "127.0.0.1:{self.port}" }}
admin: {{ listen: ["unix:weir.sock", "127.0.0.1:{self.admin_port}"], token_file: token }}
log: {{ access: {{ path: access.log }} }}
upstreams: {{ api: {{ servers: ["127.0.0.1:{origin}"] }} }}
sites: [ {{ hosts: ["*"], upstream: api }} ]
{more}""")

    def get(self, path):
        return fetch(f"http://127.0.0.1:{self.port}{path}")

    def over_tcp(self, method, path, **headers):
        return fetch(f"http://127.0.0.1:{self.admin_port}{path}", method, headers)

    def records(self):
        return [json.loads(line) for line in self.access.read_text().splitlines()]


@pytest.fixture
def site(tmp_path, origin):
    with Site(tmp_path, origin) as node:
        yield node


def series(node):
    """{(name, labels): value} of the whole page, read by Prometheus' own parser."""
    text = node.admin("GET", "/metrics").text
    return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in text_string_to_metric_families(text) for sample in family.samples}


def total(node, name, **labels):
    return sum(value for (found, pairs), value in series(node).items()
               if found == name and labels.items() <= dict(pairs).items())


def test_probes_say_ready_and_why(site):
    assert site.admin("GET", "/livez").status == 200
    assert site.admin("GET", "/readyz").text == "ready\n"
    assert site.admin("GET", "/readyz?verbose").text.count("[+]") >= 1
    assert site.admin("GET", "/healthz").json["healthy"] is True


def test_metrics_status_and_access_log_count_the_same_requests(site):
    for _ in range(REQUESTS):
        assert site.get("/a").status == 200
    assert site.get("/missing").status == 404
    wait_for(lambda: total(site, "weir_http_requests_total") == REQUESTS + 1, 5, "every request is counted")
    status = site.admin("GET", "/api/v1/status").json
    assert status["requests_total"] == REQUESTS + 1
    assert status["responses_total"]["2xx"] == REQUESTS
    assert status["responses_total"]["4xx"] == 1
    wait_for(lambda: len(site.records()) == REQUESTS + 1, 5, "every request is logged")
    first = site.records()[0]
    assert first["status"] == 200 and first["target"] == "/a" and first["method"] == "GET"
    assert first["client"] == "127.0.0.1" and first["upstream"] == "api"


def test_every_metric_is_documented(site):
    site.get("/a")
    text = site.admin("GET", "/metrics").text
    names = {family.name for family in text_string_to_metric_families(text)}
    documented = (DOCS / "metrics.md").read_text()
    assert "weir_http_requests" in names
    assert [name for name in sorted(names) if name not in documented] == []


def test_a_log_line_is_json_whatever_a_client_sends(site):
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
    connection.putrequest("GET", '/a"b\\c', skip_host=False)
    connection.putheader("User-Agent", b'x"\\\xff\xc3\xa4')
    connection.endheaders()
    connection.getresponse().read()
    connection.close()
    wait_for(lambda: site.access.exists() and site.access.read_text().endswith("\n"), 5, "the line is written")
    assert len(site.records()) == 1


def test_a_rotated_access_log_is_opened_anew_on_sigusr1(site):
    site.get("/before")
    wait_for(lambda: site.access.exists() and len(site.records()) == 1, 5, "the first line")
    site.access.rename(site.access.with_suffix(".1"))
    site.signal(signal.SIGUSR1)
    wait_for(site.access.exists, 5, "the new file")
    site.get("/after")
    wait_for(lambda: [one["target"] for one in site.records()] == ["/after"], 5, "the second line")


def test_a_reload_changes_what_is_served_and_a_bad_file_changes_nothing(site):
    good = site.file.read_text()
    site.file.write_text(good.replace("upstream: api }", "respond: { status: 418, body: tea } }"))
    done = site.command("reload")
    assert done.returncode == 0, done.stderr
    assert site.get("/").status == 418
    version = site.admin("GET", "/api/v1/status").json["config"]["version"]
    assert version == 2
    site.file.write_text(good.replace("sites:", "sitess:"))
    done = site.command("reload", "--addr", f"unix:{site.socket}")
    assert done.returncode == 1
    assert 'did you mean "sites"?' in done.stderr
    assert site.admin("GET", "/api/v1/status").json["config"]["version"] == version
    assert site.get("/").status == 418


def test_the_commands_show_the_node(site):
    status = site.command("status", "-o", "json")
    assert json.loads(status.stdout)["state"] == "ready"
    assert "NODE" in site.command("status").stdout
    # The member view is published some times a second: the first one may be from the start.
    wait_for(lambda: "ready" in site.command("members").stdout, 5, "the node sees itself ready")
    upstreams = site.command("upstream", "ls")
    assert "api" in upstreams.stdout and "127.0.0.1:" in upstreams.stdout
    assert site.command("wait", "--nodes", "1", "--ready").returncode == 0
    assert site.command("wait", "--nodes", "2", "--timeout", "300ms").returncode == 1


def test_tcp_reads_freely_and_changes_only_with_the_token(site):
    assert site.over_tcp("GET", "/api/v1/status").status == 200
    assert site.over_tcp("POST", "/api/v1/stop").status == 401
    assert site.over_tcp("POST", "/api/v1/stop", Authorization="Bearer wrong").status == 401
    assert site.over_tcp("POST", "/api/v1/reload", Authorization="Bearer open sesame").status == 200
    address = f"127.0.0.1:{site.admin_port}"
    assert run("reload", "--addr", address).returncode == 1
    assert run("reload", "--addr", address, "--token-file", site.token).returncode == 0


def test_a_drained_node_is_unready_and_comes_back(site):
    name = site.admin("GET", "/api/v1/status").json["node"]
    done = site.command("drain", name)
    assert done.returncode == 0, done.stderr
    assert site.admin("GET", "/readyz").text == "draining\n"
    assert site.admin("GET", "/readyz").status == 503
    assert site.command("undrain", name).returncode == 0
    wait_for(lambda: site.admin("GET", "/readyz").status == 200, 10, "it is ready again")
    assert site.get("/").status == 200
    assert site.command("drain", "nobody").returncode == 1


def test_stop_finishes_what_runs_and_ends_with_code_0(site):
    answers = []
    slow = threading.Thread(target=lambda: answers.append(site.get("/slow").status))
    slow.start()
    wait_for(lambda: site.admin("GET", "/api/v1/status").json["requests_in_flight"] == 1, 5, "it is under way")
    assert site.command("stop").returncode == 0
    slow.join()
    assert answers == [200]
    assert site.process.wait(10) == 0
    assert site.command("members").returncode == 5


def test_events_are_snapshots(site):
    connection = http.client.HTTPConnection("127.0.0.1", site.admin_port, timeout=10)
    connection.request("GET", "/api/v1/events")
    response = connection.getresponse()
    assert response.headers["Content-Type"] == "text/event-stream"
    for _ in range(2):
        assert response.readline() == b"event: snapshot\n"
        data = response.readline()
        assert response.readline() == b"\n"
        assert json.loads(data.removeprefix(b"data: ")).keys() == {"time", "status", "nodes", "upstreams"}
    connection.close()


def test_the_dashboard_brings_all_it_needs_and_allows_nothing_else(site):
    page = site.over_tcp("GET", "/")
    assert page.status == 200 and "default-src 'none'" in page.headers["Content-Security-Policy"]
    for path in ("/dashboard/app.js", "/dashboard/view.js", "/dashboard/chart.js", "/dashboard/format.js",
                 "/dashboard/style.css", "/dashboard/icon.svg"):
        asset = site.over_tcp("GET", path)
        assert asset.status == 200, path
        assert site.over_tcp("GET", path, **{"If-None-Match": asset.headers["ETag"]}).status == 304
        assert "http://" not in asset.text.replace("http://www.w3.org/", ""), path
