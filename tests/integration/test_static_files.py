"""Static files, error pages and files that an origin names, through the real binary (docs/static-files.md)."""
import email
import email.policy
import html
import json
import os
import re

import pytest

from support.raw_client import RawClient, ask
from support.scripted_origin import ScriptedOrigin
from support.weir_node import WeirNode

DATA = bytes(range(256)) * 40


@pytest.fixture
def site(tmp_path):
    """site(files={...}, ...) writes files below a root and starts a node that serves them."""
    running = []

    def start(files, how="", routes="", more="", upstreams=""):
        root = tmp_path / "root"
        for name, content in files.items():
            file = root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        text = f"""version: 1
shards: 1
listen: {{ http: "127.0.0.1:0" }}
{upstreams}
sites:
  - hosts: ["*"]
    files: {{ root: {root}{how} }}
{more}
    routes:
{routes or '      - { path: /never, respond: { status: 204 } }'}
"""
        node = WeirNode(tmp_path / "node", text)
        running.append(node.stop)
        return node

    yield start
    for end in reversed(running):
        end()


def get(path, more="", method="GET"):
    return f"{method} {path} HTTP/1.1\r\nHost: a.example\r\n{more}\r\n".encode()


def parts_of(answer):
    """The parts of a multipart body, by another parser."""
    head = b"Content-Type: " + answer.field(b"content-type") + b"\r\n\r\n"
    message = email.message_from_bytes(head + answer.body, policy=email.policy.HTTP)
    return [(part["Content-Range"], part.get_payload(decode=True)) for part in message.iter_parts()]


# -- ranges


def test_several_ranges_come_as_one_body_of_parts(site):
    node = site({"a.bin": DATA})
    with RawClient(node.port()) as client:
        got = client.send(get("/a.bin", "Range: bytes=0-9, 5000-5009,-5\r\n")).read()
        assert got.status == 206
        assert got.field(b"content-type").startswith(b"multipart/byteranges; boundary=")
        assert parts_of(got) == [("bytes 0-9/10240", DATA[:10]), ("bytes 5000-5009/10240", DATA[5000:5010]),
                                 ("bytes 10235-10239/10240", DATA[-5:])]
        # The length was right: the next answer begins where it should.
        assert client.send(get("/a.bin", "Range: bytes=1-1\r\n")).read().body == DATA[1:2]
        head = client.send(get("/a.bin", "Range: bytes=0-9,5000-5009\r\n", "HEAD")).read("HEAD")
        assert (head.status, head.field(b"content-length")) == (200, b"10240")


@pytest.mark.parametrize("ranges, status, content_range", [
    ("0-9,5-20", 206, b"bytes 0-20/10240"),              # they overlap
    ("0-9,20-30", 206, b"bytes 0-30/10240"),             # what lies between costs less than a delimiter
    ("0-9,99999-", 206, b"bytes 0-9/10240"),             # one is beyond the end
    ("99999-,88888-", 416, b"bytes */10240"),
    (",".join(f"{i * 500}-{i * 500}" for i in range(17)), 200, None),  # too many
    (",".join("0-" for _ in range(16)), 206, b"bytes 0-10239/10240"),
    ("0-9,x", 200, None),
])
def test_ranges_that_ask_too_much_or_too_little(site, ranges, status, content_range):
    got = ask(site({"a.bin": DATA}).port(), get("/a.bin", f"Range: bytes={ranges}\r\n"))
    assert (got.status, got.field(b"content-range")) == (status, content_range)


def test_if_range_takes_a_strong_tag_or_the_exact_date(site):
    node = site({"a.bin": DATA})
    whole = ask(node.port(), get("/a.bin"))
    tag, date = whole.field(b"etag").decode(), whole.field(b"last-modified").decode()
    os.utime(node.folder.parent / "root" / "a.bin", (1e9, 1e9))

    def status(condition):
        return ask(node.port(), get("/a.bin", f"Range: bytes=0-1\r\nIf-Range: {condition}\r\n")).status

    node.wait(lambda: ask(node.port(), get("/a.bin")).field(b"etag").decode() != tag, 5, "the change is seen")
    assert status(tag) == 200 and status(date) == 200
    whole = ask(node.port(), get("/a.bin"))
    tag, date = whole.field(b"etag").decode(), whole.field(b"last-modified").decode()
    assert status(tag) == 206 and status(date) == 206
    assert status(f"W/{tag}") == 200 and status("yesterday") == 200


# -- which file


def test_try_files_looks_in_order(site):
    node = site({"a.html": b"A", "b/index.html": b"B", "c": b"C", "index.html": b"home"},
                how=', try_files: [$path, $path.html, $path/, "=404"]')
    assert ask(node.port(), get("/a")).body == b"A"
    assert ask(node.port(), get("/c")).body == b"C"
    slash = ask(node.port(), get("/b?x=1"))
    assert (slash.status, slash.field(b"location")) == (308, b"/b/?x=1")
    assert ask(node.port(), get("/b/")).body == b"B"
    assert ask(node.port(), get("/")).body == b"home"
    assert ask(node.port(), get("/none")).status == 404
    assert ask(node.port(), get("/.hidden")).status == 404


def test_try_files_may_end_in_one_file_or_another_status(site):
    node = site({"front.html": b"front"}, how=", try_files: [$path, /front.html]")
    assert ask(node.port(), get("/any/where")).body == b"front"


def test_try_files_may_end_in_gone(site):
    assert ask(site({"a": b"A"}, how=', try_files: [$path, "=410"]').port(), get("/b")).status == 410


def test_a_page_that_routes_by_itself_answers_where_browsers_navigate(site):
    node = site({"index.html": b"shell", "app.js": b"js"}, how=", spa: true", more="    cache_control: 1h")
    for path, more in (("/user/1", ""), ("/user/j.doe", "Accept: text/html,*/*\r\n")):
        got = ask(node.port(), get(path, more))
        assert (got.status, got.body, got.field(b"cache-control")) == (200, b"shell", b"no-cache")
    assert ask(node.port(), get("/app.js")).field(b"cache-control") == b"max-age=3600"
    assert ask(node.port(), get("/missing.js", "Accept: */*\r\n")).status == 404
    assert ask(node.port(), get("/user/1", method="POST")).status == 405


def test_folders_are_listed_only_when_asked_for_and_every_name_is_escaped(site):
    files = {"d/<b>&'\".txt": b"x", "d/z.txt": b"12345", "d/.secret": b"s", "d/sub/x": b"", "e/index.html": b"E",
             "d/javascript:alert(1)": b"x"}
    node = site(files, how=", autoindex: true")
    os.symlink("/etc", node.folder.parent / "root" / "d" / "out")
    got = ask(node.port(), get("/d/"))
    page = got.body.decode()
    assert got.field(b"content-type") == b"text/html; charset=utf-8"
    assert "<b>" not in page and "&lt;b&gt;&amp;&#39;&quot;.txt" in page and ".secret" not in page
    links = [html.unescape(link) for link in re.findall(r'href="([^"]*)"', page)]
    assert links[:2] == ["../", "./sub/"] and links[2:] == sorted(links[2:])
    assert all(link.startswith(("./", "../")) for link in links)
    for link in links[1:]:
        assert ask(node.port(), get("/d/" + link[2:])).status == (404 if link == "./out" else 200), link
    assert ask(node.port(), get("/e/")).body == b"E"
    assert ask(node.port(), get("/d", "")).status == 308
    assert ask(node.port(), get("/d/", method="HEAD"), "HEAD").status == 200


def test_folders_are_not_listed_by_default(site):
    assert ask(site({"d/a": b"x"}).port(), get("/d/")).status == 404


# -- what goes with it


def test_what_strangers_put_there_cannot_act_as_a_page(site):
    node = site({"a.html": b"<script>", "b.svg": b"<svg/>", "c.png": b"png", "d.txt": b"t", "e.pdf": b"p",
                 "f": b"?", "c.png.gz": b"other", "staticfiles.json": b'{"paths": {"x": "c.png"}}'},
                how=", untrusted: true")
    for name, shown in {"a.html": False, "b.svg": False, "c.png": True, "d.txt": True, "e.pdf": False,
                        "f": False}.items():
        got = ask(node.port(), get(f"/{name}", "Accept-Encoding: gzip\r\n"))
        assert got.field(b"x-content-type-options") == b"nosniff"
        assert b"sandbox" in got.field(b"content-security-policy")
        assert got.field(b"content-disposition") == (None if shown else b"attachment"), name
        assert got.field(b"content-encoding") is None and got.field(b"cache-control") is None


def test_names_that_djangos_manifest_lists_are_immutable(site):
    manifest = {"paths": {"css/a.css": "css/a.0123456789ab.css", "plain.css": "plain.css"}, "version": "1.1"}
    node = site({"css/a.0123456789ab.css": b"x", "css/a.css": b"x", "plain.css": b"x", "b.deadbeef01.js": b"x",
                 "staticfiles.json": json.dumps(manifest).encode()}, more="    cache_control: 1h")

    def control(path):
        return ask(node.port(), get(path)).field(b"cache-control")

    forever = b"public, max-age=31536000, immutable"
    assert control("/css/a.0123456789ab.css") == forever
    assert control("/css/a.css") == control("/plain.css") == control("/b.deadbeef01.js") == b"max-age=3600"
    manifest["paths"]["b.js"] = "b.deadbeef01.js"
    new = node.folder.parent / "root" / "new"
    new.write_text(json.dumps(manifest))
    new.rename(new.parent / "staticfiles.json")
    node.wait(lambda: control("/b.deadbeef01.js") == forever, 8, "the manifest is read again")


def test_hashed_names_are_immutable_when_the_operator_says_so(site):
    node = site({"b.deadbeef01.js": b"x", "b.20240101.js": b"x"}, how=", immutable: hashed")
    assert b"immutable" in ask(node.port(), get("/b.deadbeef01.js")).field(b"cache-control")
    assert ask(node.port(), get("/b.20240101.js")).field(b"cache-control") is None


def test_error_pages_stand_in_for_our_own_and_not_for_the_origins(site, tmp_path):
    (tmp_path / "404.html").write_text("<h1>nothing</h1>")
    (tmp_path / "502.txt").write_text("down")

    def refuse(exchange, _origin):
        exchange.read_request()
        exchange.send(b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nmine")

    with ScriptedOrigin(refuse) as origin:
        node = site({"a": b"A"}, more=f"    error_pages: {{ 404: {tmp_path}/404.html }}",
                    upstreams=f'upstreams: {{ u: {{ servers: ["{origin.address}"] }}, gone: {{ servers: '
                              f'["unix:{tmp_path}/nobody"] }} }}',
                    routes=f"      - {{ path: /app, upstream: u }}\n"
                           f"      - {{ path: /gone, upstream: gone, error_pages: {{ 502: {tmp_path}/502.txt }} }}")
        ours = ask(node.port(), get("/none"))
        assert (ours.status, ours.body) == (404, b"<h1>nothing</h1>")
        assert ours.field(b"content-type").startswith(b"text/html") and ours.field(b"cache-control") == b"no-store"
        assert ask(node.port(), get("/none", method="HEAD"), "HEAD").field(b"content-length") == b"16"
        assert ask(node.port(), get("/app")).body == b"mine"
        down = ask(node.port(), get("/gone"))
        assert (down.status, down.body) == (502, b"down")


# -- files that an origin names


@pytest.fixture
def named(tmp_path):
    """named(answer) starts a node whose origin answers every request with these fields."""
    running = []
    private = tmp_path / "private"
    (private / "sub").mkdir(parents=True)
    (private / "a b.bin").write_bytes(DATA)
    (private / "sub" / "x.html").write_bytes(b"<p>x")
    (tmp_path / "outside").write_bytes(b"outside")
    os.symlink(tmp_path / "outside", private / "link")

    def start(fields, rule="send_files: { root: private, prefix: /protected/ }", body=b""):
        def handle(exchange, origin):
            while True:
                origin.requests.append(exchange.read_request())
                exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%s\r\n%s" % (len(body), fields, body))

        origin = ScriptedOrigin(handle)
        running.append(origin.close)
        folder = tmp_path / f"node{len(running)}"
        node = WeirNode(folder, f"""version: 1
shards: 1
listen: {{ http: "127.0.0.1:0" }}
upstreams: {{ u: {{ servers: ["{origin.address}"] }} }}
sites: [ {{ hosts: ["*"], upstream: u, {rule.replace("root: private", f"root: {private}")} }} ]
""")
        running.append(node.stop)
        return node, origin

    yield start
    for end in reversed(running):
        end()


def test_the_named_file_is_sent_with_what_the_origin_said_about_it(named):
    node, origin = named(b"X-Accel-Redirect: /protected/a%20b.bin\r\nContent-Type: application/x-test\r\n"
                         b"Set-Cookie: a=b\r\nContent-Disposition: attachment\r\nETag: \"app\"\r\n"
                         b"Cache-Control: private\r\nX-Frame-Options: DENY\r\n")
    with RawClient(node.port()) as client:
        got = client.send(get("/download/7")).read()
        assert (got.status, got.body) == (200, DATA)
        for name, value in {b"content-type": b"application/x-test", b"set-cookie": b"a=b",
                            b"content-disposition": b"attachment", b"cache-control": b"private",
                            b"x-frame-options": b"DENY", b"x-accel-redirect": None}.items():
            assert got.all(name) == ([] if value is None else [value]), name
        assert got.field(b"etag") != b'"app"' and got.field(b"accept-ranges") == b"bytes"
        part = client.send(get("/download/7", "Range: bytes=5-8\r\n")).read()
        assert (part.status, part.body) == (206, DATA[5:9])
    assert origin.connections == 1, "the connection to the origin is kept"


def test_x_sendfile_names_a_path_of_the_file_system(named, tmp_path):
    node, _ = named(b"X-Sendfile: %s/private/sub/x.html\r\nContent-Type: text/html\r\n" % bytes(tmp_path),
                    body=b"unread")
    assert ask(node.port(), get("/")).body == b"<p>x"
    posted = ask(node.port(), b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc")
    assert (posted.status, posted.body) == (200, b"<p>x")


@pytest.mark.parametrize("path", ["/etc/passwd", "/protected/../outside", "/protected/%2e%2e/outside", "/protected",
                                  "/protected/", "/protectedx/a", "/protected/..%2foutside", "protected/a", ""])
def test_what_is_outside_is_refused(named, path):
    node, _ = named(f"X-Accel-Redirect: {path}\r\n".encode())
    assert ask(node.port(), get("/")).status == 502


@pytest.mark.parametrize("path", ["/protected/none", "/protected/link", "/protected/sub"])
def test_what_is_not_there_is_not_found(named, path):
    node, _ = named(f"X-Accel-Redirect: {path}\r\n".encode())
    assert ask(node.port(), get("/")).status == 404


def test_x_sendfile_does_not_leave_the_root(named, tmp_path):
    for path in ("/etc/passwd", f"{tmp_path}/private/../outside", f"{tmp_path}/privateer", f"{tmp_path}/private"):
        node, _ = named(f"X-Sendfile: {path}\r\n".encode())
        assert ask(node.port(), get("/")).status in (404, 502), path


def test_without_the_rule_the_fields_mean_nothing_and_clients_reach_no_file(named):
    node, _ = named(b"X-Accel-Redirect: /protected/a%20b.bin\r\n", rule="compress: off", body=b"mine")
    assert ask(node.port(), get("/")).body == b"mine"
    node, _ = named(b"", body=b"mine")
    assert ask(node.port(), get("/protected/a%20b.bin")).body == b"mine"
