"""Access: request ids and traces, security headers, CORS, passwords.

Method: the real binary, an origin that echoes the head it got, raw requests, and curl for logins."""
import json
import re
import socket
import subprocess
import threading

import pytest

from support.raw_client import RawClient, ask
from support.scripted_origin import ScriptedOrigin
from support.weir_node import BINARY, WeirNode

PARENT = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
# "secret": {SHA}, and bcrypt with a cost that takes a while.
SHA = "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ="
ANN = b"Authorization: Basic YW5uOnNlY3JldA==\r\n"
ANN_WRONG = b"Authorization: Basic YW5uOndyb25n\r\n"

CONFIG = """version: 1
listen: {{ http: "127.0.0.1:0", trusted_proxies: [127.0.0.2] }}
tracing: {{ request_id: response, traceparent: on }}
upstreams:
  u: {{ servers: ["{origin}"] }}
sites:
  - hosts: ["*"]
    upstream: u
    routes:
      - path: /careful/
        security_headers: default
      - path: /strict/
        security_headers: strict
        headers: {{ remove: [Permissions-Policy], set: {{ Referrer-Policy: origin }} }}
        respond: {{ body: ok }}
      - path: /api/
        methods: [GET, PUT]
        cors: {{ origins: ["https://a.example", "https://*.b.example"], methods: [GET, PUT], headers: [X-Token],
                 expose: [X-Total], credentials: true, max_age: 1h }}
      - path: /staff/
        basic_auth: {{ users: users, realm: 'the "staff"' }}
        cors: {{ origins: ["https://a.example"] }}
      - path: /staff/open/
        basic_auth: off
      - path: /through/
        basic_auth: {{ users: users, user_header: X-User, forward: true }}
      - path: /slow/
        basic_auth: {{ users: bcrypt }}
        respond: {{ body: in }}
"""


def echo(exchange, origin):
    while True:
        head, _body = exchange.read_request()
        origin.requests.append(head)
        own = b"X-Frame-Options: DENY\r\nAccess-Control-Allow-Origin: *\r\nX-Request-Id: origin\r\n"
        exchange.send(b"HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n%s" % (own, len(head), head))


def bcrypt(password, cost):
    """As `htpasswd -B` writes it; made by the C library's crypt(3)."""
    script = "import crypt,sys; print(crypt.crypt(sys.argv[1], '$2y$%02d$abcdefghijklmnopqrstuu' % int(sys.argv[2])))"
    made = subprocess.run(["/usr/bin/python3", "-W", "ignore", "-c", script, password, str(cost)],
                          check=True, capture_output=True, text=True, timeout=30)
    return made.stdout.strip()


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    folder = tmp_path_factory.mktemp("access")
    (folder / "users").write_text(f"# staff\nann:{SHA}\n")
    (folder / "bcrypt").write_text(f"ann:{bcrypt('secret', 8)}\n")
    with ScriptedOrigin(echo) as origin:
        running = WeirNode(folder, CONFIG.format(origin=origin.address))
        running.origin = origin
        with running:
            yield running


def get(node, path, fields=b"", method=b"GET"):
    request = b"%s %s HTTP/1.1\r\nHost: x\r\n%s\r\n" % (method, path.encode(), fields)
    return ask(node.port(), request, method.decode())


def sent(answer, name):
    """What the origin got under that name."""
    return re.findall(rb"(?im)^%s: (.*?)\r$" % re.escape(name), answer.body)


# -- ids and traces ------------------------------------------------------------------------------

def test_every_request_has_an_id_that_origin_client_and_log_know(node):
    answers = [get(node, "/", b"X-Request-Id: mine\r\n") for _ in range(3)]
    ids = [answer.field(b"x-request-id") for answer in answers]
    assert len(set(ids)) == 3
    for answer, made in zip(answers, ids):
        assert re.fullmatch(rb"[0-9a-f]{32}", made)
        assert answer.all(b"x-request-id") == [made], "the origin's own is not doubled"
        assert sent(answer, b"x-request-id") == [made]
        assert node.log_line(request_id=made.decode())["target"] == "/"


def test_only_a_trusted_proxy_brings_an_id(node):
    with socket.socket() as raw:
        raw.bind(("127.0.0.2", 0))
        raw.settimeout(10)
        raw.connect(("127.0.0.1", node.port()))
        raw.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Request-Id: from-the-front\r\nConnection: close\r\n\r\n")
        text = b""
        while data := raw.recv(65536):
            text += data
    assert text.lower().count(b"x-request-id: from-the-front") == 2  # the answer's, and the origin's echo
    assert node.log_line(request_id="from-the-front")["client"] == "127.0.0.2"


def test_a_trace_is_continued_or_begun(node):
    answer = get(node, "/", b"traceparent: %s\r\ntracestate: a=1\r\n" % PARENT)
    [parent] = sent(answer, b"traceparent")
    assert parent.startswith(PARENT[:36]) and parent.endswith(b"-01") and parent != PARENT
    assert sent(answer, b"tracestate") == [b"a=1"]
    assert node.log_line(request_id=answer.field(b"x-request-id").decode())["trace_id"] == PARENT[3:35].decode()
    answer = get(node, "/", b"traceparent: %s-x\r\ntracestate: a=1\r\n" % PARENT)
    [parent] = sent(answer, b"traceparent")
    assert re.fullmatch(rb"00-[0-9a-f]{32}-[0-9a-f]{16}-01", parent) and not parent.startswith(PARENT[:36])
    assert sent(answer, b"tracestate") == []


def test_connecting_has_a_time_of_its_own(node):
    answer = get(node, "/")
    node.origin.close_connections()
    answer = get(node, "/")
    line = node.log_line(request_id=answer.field(b"x-request-id").decode())
    assert line["queued_ms"] >= 0
    connected = [line for line in map(json.loads, node.access) if "connect_ms" in line]
    assert connected and all(line["connect_ms"] >= 0 for line in connected)


# -- what browsers are told ----------------------------------------------------------------------

def test_careful_fields_never_replace_the_applications(node):
    answer = get(node, "/careful/")
    assert answer.all(b"x-frame-options") == [b"DENY"]
    assert answer.all(b"x-content-type-options") == [b"nosniff"]
    assert answer.all(b"referrer-policy") == [b"strict-origin-when-cross-origin"]
    assert get(node, "/").field(b"x-content-type-options") is None


def test_rules_of_the_operator_come_before_a_preset(node):
    answer = get(node, "/strict/")
    assert answer.all(b"x-frame-options") == [b"DENY"]
    assert b"frame-ancestors 'none'" in answer.field(b"content-security-policy")
    assert answer.all(b"referrer-policy") == [b"origin"]
    assert answer.field(b"permissions-policy") is None


def test_cors_answers_preflights_and_marks_answers(node):
    before = len(node.origin.requests)
    ask_leave = b"Access-Control-Request-Method: PUT\r\nAccess-Control-Request-Headers: x-token\r\n"
    leave = get(node, "/api/", b"Origin: https://x.b.example\r\n" + ask_leave, b"OPTIONS")
    assert leave.status == 204
    assert leave.field(b"access-control-allow-origin") == b"https://x.b.example"
    assert leave.field(b"access-control-allow-methods") == b"GET, PUT"
    assert leave.field(b"access-control-allow-headers") == b"X-Token"
    assert leave.field(b"access-control-allow-credentials") == b"true"
    assert leave.field(b"access-control-max-age") == b"3600"
    assert get(node, "/api/", b"Origin: https://evil.example\r\n" + ask_leave, b"OPTIONS").status == 403
    assert len(node.origin.requests) == before, "the origin never sees a preflight"
    assert get(node, "/api/", b"Origin: https://a.example\r\n", b"OPTIONS").status == 405, "a plain OPTIONS is a method"

    ours = get(node, "/api/", b"Origin: https://a.example\r\n")
    assert ours.all(b"access-control-allow-origin") == [b"https://a.example"], "the origin's own is not doubled"
    assert ours.field(b"access-control-expose-headers") == b"X-Total"
    assert ours.all(b"vary") == [b"Origin"]
    other = get(node, "/api/", b"Origin: https://evil.example\r\n")
    assert other.status == 200 and other.field(b"access-control-allow-origin") is None
    assert other.all(b"vary") == [b"Origin"]


# -- passwords -----------------------------------------------------------------------------------

def test_a_password_opens_and_its_owner_is_told_upstream(node):
    closed = get(node, "/staff/")
    assert closed.status == 401
    assert closed.field(b"www-authenticate") == rb'Basic realm="the \"staff\"", charset="UTF-8"'
    assert get(node, "/staff/", ANN_WRONG).status == 401
    for _ in range(2):  # verified, then remembered
        answer = get(node, "/staff/", ANN + b"X-Remote-User: root\r\nx_remote_user: root\r\n")
        assert answer.status == 200
        assert sent(answer, b"x-remote-user") == [b"ann"]
        assert sent(answer, b"x_remote_user") == [], "one variable to CGI and WSGI"
        assert sent(answer, b"authorization") == []
        assert node.log_line(request_id=answer.field(b"x-request-id").decode())["user"] == "ann"
    passed = get(node, "/through/", ANN)
    assert sent(passed, b"authorization") == [b"Basic YW5uOnNlY3JldA=="]
    assert sent(passed, b"x-user") == [b"ann"]


def test_a_route_can_be_opened_and_preflights_need_no_password(node):
    assert get(node, "/staff/open/").status == 200
    leave = get(node, "/staff/", b"Origin: https://a.example\r\nAccess-Control-Request-Method: GET\r\n", b"OPTIONS")
    assert leave.status == 204
    refused = get(node, "/staff/", b"Origin: https://a.example\r\n")
    assert refused.status == 401
    assert refused.field(b"access-control-allow-origin") == b"https://a.example", "so that the script sees the 401"


def test_many_at_once_wait_for_one_verification(node):
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(get(node, "/slow/", ANN).status)) for _ in range(20)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(20)
    assert answers == [200] * 20


def test_a_pipelined_request_waits_its_turn(node):
    with RawClient(node.port()) as client:
        client.send(b"GET /slow/ HTTP/1.1\r\nHost: x\r\n%s\r\nGET /slow/ HTTP/1.1\r\nHost: x\r\n%s\r\n" % (ANN, ANN_WRONG))
        assert client.read().status == 200
        assert client.read().status == 401


def test_curl_logs_in(node):
    url = f"http://127.0.0.1:{node.port()}/staff/"
    run = lambda *args: subprocess.run(["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", *args, url],
                                       capture_output=True, text=True, timeout=20).stdout
    assert run("-u", "ann:secret") == "200"
    assert run("-u", "ann:Secret") == "401"
    assert run("--anyauth", "-u", "ann:secret") == "200"


def test_refusals_are_counted(node):
    get(node, "/staff/")
    metrics = node.metrics()
    assert re.search(r'weir_filter_denied_total\{reason="no_credentials"\} [1-9]', metrics)
    assert re.search(r'weir_logins_total\{result="remembered"\} [1-9]', metrics)


def test_guessing_counts_against_a_rate_limit(tmp_path):
    (tmp_path / "users").write_text(f"ann:{SHA}\n")
    config = """version: 1
listen: { http: "127.0.0.1:0" }
sites: [{ hosts: ["*"], basic_auth: { users: users }, rate_limit: { rate: 3/h }, respond: { body: in } }]
"""
    with WeirNode(tmp_path, config) as node:
        assert [get(node, "/", ANN_WRONG).status for _ in range(4)] == [401, 401, 401, 429]
        assert get(node, "/", ANN).status == 429


# -- files ---------------------------------------------------------------------------------------

def test_a_changed_file_counts_from_the_reload_on(tmp_path):
    users = tmp_path / "users"
    users.write_text(f"ann:{SHA}\n")
    config = """version: 1
listen: { http: "127.0.0.1:0" }
sites: [{ hosts: ["*"], basic_auth: { users: users }, respond: { body: in } }]
"""
    with WeirNode(tmp_path, config) as node:
        assert get(node, "/", ANN).status == 200
        assert get(node, "/", ANN).status == 200
        users.write_text(f"bob:{SHA}\n")
        subprocess.run([BINARY, "reload", "-c", str(node.file)], check=True, capture_output=True, timeout=20)
        assert get(node, "/", ANN).status == 401, "remembered, but no user any more"
        users.write_text("bob:secret\n")
        failed = subprocess.run([BINARY, "reload", "-c", str(node.file)], capture_output=True, text=True, timeout=20)
        assert failed.returncode != 0
        assert "users:1: the password of \"bob\" is plain text" in failed.stdout + failed.stderr
        assert get(node, "/", b"Authorization: Basic Ym9iOnNlY3JldA==\r\n").status == 200, "the old file stays"


def test_validate_names_the_line_of_a_users_file(tmp_path):
    (tmp_path / "users").write_text(f"ann:{SHA}\nbob:secret\n")
    file = tmp_path / "weir.yaml"
    file.write_text('version: 1\nsites: [{ hosts: ["*"], basic_auth: { users: users }, respond: { body: in } }]\n')
    found = subprocess.run([BINARY, "validate", str(file)], capture_output=True, text=True, timeout=20)
    assert found.returncode == 1
    assert f"{tmp_path}/users:2: the password of \"bob\" is plain text" in found.stdout + found.stderr
