"""forward_auth: what its server is asked, what its answers do, and what happens without one.

Method: the real binary, a scripted server that is asked, an origin that echoes the head it got, raw requests."""
import re
import subprocess
import threading
import time

import pytest

from support.raw_client import RawClient, ask
from support.scripted_origin import ScriptedOrigin
from support.weir_node import BINARY, WeirNode

CONFIG = """version: 1
shards: 1
listen: {{ http: "127.0.0.1:0" }}
tracing: {{ request_id: upstream }}
upstreams:
  u: {{ servers: ["{origin}"] }}
  auth: {{ servers: ["{auth}"], retries: {{ attempts: 1 }} }}
  dead: {{ servers: ["127.0.0.1:1"] }}
sites:
  - hosts: ["*"]
    upstream: u
    forward_auth: {{ url: "http://{auth}/verify?from=weir", copy: [X-User, X-Groups], copy_back: [Set-Cookie], timeout: 2s, max_body: 1KiB }}
    routes:
      - {{ path: /open/, forward_auth: off }}
      - {{ path: /named/, forward_auth: {{ url: "http://auth/named" }} }}
      - {{ path: /socket/, forward_auth: {{ url: "http://unix:{socket}:/over-socket", copy: X-User }} }}
      - {{ path: /dead/, forward_auth: {{ url: "http://dead/" }} }}
      - {{ path: /slow/, forward_auth: {{ url: "http://auth/slow", timeout: 200ms }} }}
      - {{ path: /cached/, cache: {{ ttl: 60s }} }}
      - {{ path: /vary/, cache: {{}} }}
      - {{ path: /public/, cache: {{}} }}
      - {{ path: /fixed/, respond: {{ body: in }} }}
      - {{ path: /form/, methods: [POST] }}
      - {{ path: /limited/, respond: {{ body: in }}, rate_limit: {{ key: "header:X-User", rate: 2/h }} }}
      - {{ path: /guessed/, respond: {{ body: in }}, rate_limit: {{ rate: 3/h }} }}
      - {{ path: /both/, basic_auth: {{ users: users }} }}
"""
ANN = b"Authorization: Basic YW5uOnNlY3JldA==\r\n"


def echo(exchange, origin):
    while True:
        head, body = exchange.read_request()
        origin.requests.append(head)
        own = b""
        if b" /vary/" in head:
            own = b"Cache-Control: public, max-age=60\r\nVary: X-User\r\n"
        if b" /public/" in head:
            own = b"Cache-Control: public, max-age=60\r\n"
        content = head + body
        exchange.send(b"HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n%s" % (own, len(content), content))


def judge(exchange, server):
    """`Cookie: user=NAME` passes; others say what the server is to do."""
    while True:
        head, body = exchange.read_request()
        server.requests.append(head)
        assert body == b""
        cookie = (re.findall(rb"(?im)^cookie: (.*?)\r$", head) or [b""])[0]
        if cookie.startswith(b"user="):
            exchange.send(b"HTTP/1.1 204 No Content\r\nX-User: %s\r\nX-Groups: a\r\nX-Groups: b\r\nX-Else: no\r\n"
                          b"Set-Cookie: seen=1\r\n\r\n" % cookie[5:])
        elif cookie == b"say=401":
            exchange.send(b"HTTP/1.1 401 Who\r\nWWW-Authenticate: Bearer realm=\"x\"\r\nContent-Length: 3\r\n\r\nwho")
        elif cookie == b"say=large":
            exchange.send(b"HTTP/1.1 403 No\r\nContent-Length: 2000\r\n\r\n" + b"x" * 2000)
        elif cookie == b"say=nothing":
            time.sleep(3)
            return
        elif cookie == b"say=close":
            return
        elif cookie == b"say=chunked":
            exchange.send(b"HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\nCache-Control: private\r\n\r\n3\r\nyou\r\n0\r\n\r\n")
        else:
            exchange.send(b"HTTP/1.1 302 Found\r\nLocation: https://login.example/?a=1\r\nSet-Cookie: state=1\r\n"
                          b"Set-Cookie: more=2\r\nConnection: X-Hop\r\nX-Hop: 1\r\nContent-Length: 5\r\n\r\nlogin")


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    folder = tmp_path_factory.mktemp("auth")
    (folder / "users").write_text("ann:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n")
    socket = str(folder / "auth.sock")
    with ScriptedOrigin(echo) as origin, ScriptedOrigin(judge) as auth, ScriptedOrigin(judge, path=socket) as local:
        running = WeirNode(folder, CONFIG.format(origin=origin.address, auth=auth.address, socket=socket))
        running.origin, running.auth, running.local = origin, auth, local
        with running:
            yield running


def get(node, path, fields=b"", method=b"GET", body=b"", host=b"shop.example"):
    if body:
        fields += b"Content-Length: %d\r\n" % len(body)
    request = b"%s %s HTTP/1.1\r\nHost: %s\r\n%s\r\n%s" % (method, path.encode(), host, fields, body)
    return ask(node.port(), request, method.decode())


def user(name):
    return b"Cookie: user=%s\r\n" % name


def say(what):
    return b"Cookie: say=%s\r\n" % what


def values(head, name):
    return re.findall(rb"(?im)^%s: (.*?)\r$" % re.escape(name), head)


# -- the question --------------------------------------------------------------------------------

def test_the_server_is_asked_about_the_request_as_it_came(node):
    get(node, "/a/%20b?x=%2F", user(b"ann") + b"Accept: x/y\r\nRange: bytes=0-1\r\nIf-None-Match: \"a\"\r\n"
        b"Content-Type: text/plain\r\nTE: trailers\r\nConnection: X-Hop, TE\r\nX-Hop: 1\r\nExpect: 100-continue\r\n",
        b"POST", b"abc")
    head = node.auth.requests[-1]
    assert head.startswith(b"GET /verify?from=weir HTTP/1.1\r\nHost: " + node.auth.address.encode() + b"\r\n")
    assert values(head, b"x-forwarded-method") == [b"POST"]
    assert values(head, b"x-forwarded-uri") == [b"/a/%20b?x=%2F"]
    assert values(head, b"x-forwarded-host") == [b"shop.example"]
    assert values(head, b"x-forwarded-proto") == [b"http"]
    assert values(head, b"x-forwarded-for") == [b"127.0.0.1"]
    assert values(head, b"accept") == [b"x/y"] and values(head, b"cookie") == [b"user=ann"]
    for name in (b"range", b"if-none-match", b"content-type", b"content-length", b"te", b"x-hop", b"expect", b"connection"):
        assert values(head, name) == [], name
    asked = values(head, b"x-request-id")
    assert asked == values(node.origin.requests[-1], b"x-request-id"), "one request, one id"


def test_clients_cannot_answer_for_it(node):
    lies = b"X-User: root\r\nx_user: root\r\nX-Groups: wheel\r\nX-Forwarded-Uri: /open/\r\nX-Forwarded-Method: HEAD\r\n"
    answer = get(node, "/a", user(b"ann") + lies)
    asked, sent = node.auth.requests[-1], answer.body
    assert b"root" not in asked + sent and b"wheel" not in asked + sent
    assert values(asked, b"x-forwarded-uri") == [b"/a"] and values(asked, b"x-forwarded-method") == [b"GET"]
    assert values(sent, b"x-user") == [b"ann"] and values(sent, b"x-groups") == [b"a", b"b"]
    assert values(sent, b"x-else") == []
    answer = get(node, "/a", user(b"ann") + b"Connection: X-User\r\n")
    assert values(answer.body, b"x-user") == [b"ann"], "no Connection option takes it away"


def test_it_may_be_an_upstream_or_a_socket_and_its_connections_are_kept(node):
    before = node.auth.connections
    for _ in range(5):
        assert get(node, "/named/", user(b"ann")).status == 200
    assert node.auth.connections - before <= 1
    assert node.auth.requests[-1].startswith(b"GET /named HTTP/1.1\r\nHost: shop.example\r\n")
    assert values(get(node, "/socket/", user(b"ann")).body, b"x-user") == [b"ann"]
    assert node.local.requests[-1].startswith(b"GET /over-socket HTTP/1.1\r\nHost: localhost\r\n")


# -- its answers ---------------------------------------------------------------------------------

def test_a_consent_may_set_cookies(node):
    answer = get(node, "/a", user(b"ann"))
    assert answer.status == 200 and answer.all(b"set-cookie") == [b"seen=1"]
    fixed = get(node, "/fixed/", user(b"ann"))
    assert fixed.body == b"in" and fixed.all(b"set-cookie") == [b"seen=1"]
    line = node.log_line(target="/fixed/")
    assert line["auth_ms"] >= 0 and line["status"] == 200


def test_a_refusal_is_the_clients_answer(node):
    before = len(node.origin.requests)
    with RawClient(node.port()) as client:
        for _ in range(2):  # the connection is kept
            away = client.send(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n").read()
            assert (away.status, away.body) == (302, b"login")
            assert away.field(b"location") == b"https://login.example/?a=1"
            assert away.all(b"set-cookie") == [b"state=1", b"more=2"]
            assert away.field(b"x-hop") is None and away.field(b"cache-control") == b"no-store"
    closed = get(node, "/a", say(b"401"))
    assert (closed.status, closed.body, closed.field(b"www-authenticate")) == (401, b"who", b'Bearer realm="x"')
    head = get(node, "/a", say(b"401"), b"HEAD")
    assert head.status == 401 and head.field(b"content-length") == b"3"
    chunked = get(node, "/a", say(b"chunked"))
    assert (chunked.status, chunked.body, chunked.all(b"cache-control")) == (403, b"you", [b"private"])
    posted = get(node, "/a", say(b"401"), b"POST", b"x" * 1000)
    assert posted.status == 401
    assert get(node, "/form/", say(b"401")).status == 401, "before a 405 of the same site"
    assert get(node, "/form/", user(b"ann")).status == 405
    assert len(node.origin.requests) == before
    assert node.log_line(reason="auth_refused", status=302)


def test_a_route_can_be_opened(node):
    before = len(node.auth.requests)
    assert get(node, "/open/").status == 200
    assert len(node.auth.requests) == before


def test_without_an_answer_nobody_passes(node):
    before = len(node.origin.requests)
    for path, what, reason in [("/dead/", b"401", "auth_unreachable"), ("/a", b"close", "auth_unreachable"),
                               ("/slow/", b"nothing", "auth_timeout"), ("/a", b"large", "auth_bad_answer")]:
        answer = get(node, path, say(what))
        assert answer.status == 503 and answer.field(b"retry-after"), (path, what)
        assert b"x" * 100 not in answer.body
        assert node.log_line(reason=reason)["status"] == 503
    assert len(node.origin.requests) == before
    text = node.metrics()
    for result in ("passed", "refused", "unreachable", "timeout", "bad_answer"):
        assert re.search(rf'weir_forward_auth_total\{{result="{result}"\}} [1-9]', text), result
    assert re.search(r'weir_filter_denied_total\{reason="auth_timeout"\} 1\b', text)
    assert re.search(r'weir_forward_auth_under_way 0\b', text)


def test_waiting_for_one_answer_stops_nobody_else(node):
    slow = threading.Thread(target=lambda: get(node, "/a", say(b"nothing")))
    slow.start()
    node.wait(lambda: any(b"say=nothing" in head for head in node.auth.requests[-3:]), 5, "the slow question")
    began = time.monotonic()
    for _ in range(20):
        assert get(node, "/a", user(b"ann")).status == 200
    assert time.monotonic() - began < 1.5
    slow.join(10)


def test_a_client_that_leaves_is_forgotten(node):
    client = RawClient(node.port())
    client.send(b"GET /a HTTP/1.1\r\nHost: x\r\nCookie: say=nothing\r\n\r\n")
    count = len(node.auth.requests)
    node.wait(lambda: len(node.auth.requests) > count or b"say=nothing" in node.auth.requests[-1], 5, "the question")
    client.close()
    assert node.log_line(reason="client_gone")
    assert get(node, "/a", user(b"ann")).status == 200


def test_a_pipelined_request_waits_its_turn(node):
    with RawClient(node.port()) as client:
        client.send(b"POST /a HTTP/1.1\r\nHost: x\r\nCookie: user=ann\r\nContent-Length: 3\r\n\r\nabc"
                    b"GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /open/ HTTP/1.1\r\nHost: x\r\n\r\n")
        first = client.read()
        assert first.status == 200 and first.body.endswith(b"abc")
        assert client.read().status == 302
        assert client.read().status == 200


# -- beside other features -----------------------------------------------------------------------

def test_one_users_response_is_not_anothers(node):
    assert b"X-User: ann" in get(node, "/cached/x", user(b"ann")).body
    second = get(node, "/cached/x", user(b"bob"))
    assert b"X-User: bob" in second.body
    assert get(node, "/cached/x").status == 302
    for name in (b"ann", b"bob"):
        get(node, "/vary/x", user(name))
        again = get(node, "/vary/x", user(name))
        assert b"X-User: " + name in again.body and b"hit" in again.field(b"cache-status")
    get(node, "/public/x", user(b"ann"))
    shared = get(node, "/public/x", user(b"bob"))
    assert b"hit" in shared.field(b"cache-status"), "it says itself that it is for all"
    assert get(node, "/public/x").status == 302, "but whoever may not pass does not get it"


def test_limits_know_who_it_is_and_count_guessing(node):
    assert [get(node, "/limited/", user(b"ann")).status for _ in range(3)] == [200, 200, 429]
    assert get(node, "/limited/", user(b"bob")).status == 200
    assert [get(node, "/guessed/").status for _ in range(4)] == [302, 302, 302, 429]


def test_a_password_comes_first_and_stays_here(node):
    before = len(node.auth.requests)
    assert get(node, "/both/", user(b"x")).status == 401
    assert len(node.auth.requests) == before
    answer = get(node, "/both/", user(b"x") + ANN)
    assert answer.status == 200 and values(answer.body, b"x-remote-user") == [b"ann"]
    asked = node.auth.requests[-1]
    assert values(asked, b"x-remote-user") == [b"ann"] and values(asked, b"authorization") == []


def test_requests_over_a_reload_are_asked_about_again(node):
    answers = []
    asking = threading.Thread(target=lambda: answers.extend(get(node, "/a", user(b"ann")).status for _ in range(60)))
    asking.start()
    for _ in range(5):
        subprocess.run([BINARY, "reload", "-c", str(node.file)], check=True, capture_output=True, timeout=20)
    asking.join(30)
    assert answers == [200] * 60


def test_a_server_that_comes_back_is_asked_again(tmp_path):
    config = """version: 1
listen: {{ http: "127.0.0.1:0" }}
sites: [ {{ hosts: ["*"], forward_auth: {{ url: "http://unix:{0}/a.sock:/", copy: X-User }}, respond: {{ body: in }} }} ]
""".format(tmp_path)
    with WeirNode(tmp_path, config) as node:
        assert get(node, "/", user(b"ann")).status == 503
        with ScriptedOrigin(judge, path=f"{tmp_path}/a.sock"):
            node.wait(lambda: get(node, "/", user(b"ann")).status == 200, 20, "the server is asked again")


def test_http_1_0_without_a_host_is_asked_about_too(node):
    with RawClient(node.port()) as client:
        answer = client.send(b"GET /a HTTP/1.0\r\nCookie: user=ann\r\n\r\n").read()
    assert answer.status == 200 and values(answer.body, b"x-user") == [b"ann"]
