"""The example's Django site under gunicorn, through one node with TLS: what a person does with it in a browser.

Its own ports and folder, so it can run beside the example itself.
"""
# ctest: TIMEOUT 300

import hashlib
import http.client
import http.cookies
import os
import pathlib
import re
import secrets
import ssl
import subprocess
import time

import pytest

from support.weir_process import Answer, Node, UnixConnection, fetch, free_port, run, wait_for

EXAMPLE = pathlib.Path(__file__).parents[2] / "examples" / "django"
PYTHON = "/usr/bin/python3"
HOST = "127.0.1.1"  # one of those the site's ALLOWED_HOSTS name
UPLOAD_BYTES = 100 << 20


def manage(folder, *words):
    subprocess.run([PYTHON, EXAMPLE / "manage.py", *words], env=environment(folder), check=True, capture_output=True,
                   timeout=120)


def environment(folder):
    return dict(os.environ, DEMO_DATA=str(folder), DJANGO_SETTINGS_MODULE="demo.settings", PYTHONPATH=str(EXAMPLE),
                PYTHONDONTWRITEBYTECODE="1")


def answers(socket):
    connection = UnixConnection(socket)
    try:
        connection.request("GET", "/healthz", headers={"Host": HOST})
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


@pytest.fixture(scope="module")
def gunicorn(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    (folder / "secret-key").write_text("only for this test, and long enough for Django to be content with it")
    manage(folder, "migrate", "--no-input", "-v", "0")
    manage(folder, "collectstatic", "--no-input", "-v", "0")
    socket = folder / "app.sock"
    with open(folder / "gunicorn.log", "w") as log:
        process = subprocess.Popen(["/usr/bin/gunicorn", "demo.wsgi:application", "--bind", f"unix:{socket}",
                                    "--workers", "2", "--worker-class", "gthread", "--threads", "4", "--keep-alive", "75",
                                    "--forwarded-allow-ips", "*"], env=environment(folder), stdout=log, stderr=log)
    try:
        wait_for(lambda: answers(str(socket)), 60, "gunicorn answers")
        yield folder
    finally:
        process.terminate()
        process.wait(30)


class Site(Node):
    def __init__(self, folder, gunicorn):
        self.http, self.https = free_port(), free_port()
        done = run("cert", "self-signed", "--host", HOST, "--cert", folder / "site.pem", "--key", folder / "site.key")
        assert done.returncode == 0, done.stderr
        self.trust = ssl.create_default_context(cafile=folder / "site.pem")
        super().__init__(folder, f"""version: 1
cluster: {{ store: {{ path: data }} }}
listen: {{ http: "{HOST}:{self.http}", https: "{HOST}:{self.https}" }}
tls: {{ certificates: [ {{ cert: site.pem, key: site.key }} ] }}
log: {{ access: {{ path: access.log }} }}
upstreams:
  django:
    servers: [ "unix:{gunicorn}/app.sock" ]
    health: {{ path: /healthz, host: {HOST} }}
sites:
  - hosts: [ {HOST} ]
    https: redirect
    upstream: django
    routes:
      - {{ path: /static/, files: "{gunicorn}/static", cache_control: "public, max-age=3600" }}
      - {{ path: /upload/, limits: {{ body: 200MiB }}, upstream: django }}
""")
        self.cookies = http.cookies.SimpleCookie()

    def connection(self):
        return http.client.HTTPSConnection(HOST, self.https, context=self.trust, timeout=60)

    def browse(self, method, path, body=None, headers=None):
        sent = {"Referer": f"https://{HOST}:{self.https}/", **(headers or {})}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={one.value}" for name, one in self.cookies.items())
        connection = self.connection()
        connection.request(method, path, body, sent)
        answer = Answer(connection.getresponse())
        connection.close()
        for line in answer.headers.get_all("Set-Cookie", []):
            self.cookies.load(line)
        return answer

    def csrf(self, path):
        page = self.browse("GET", path)
        assert page.status == 200
        return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text).group(1)


@pytest.fixture
def site(tmp_path, gunicorn):
    with Site(tmp_path, gunicorn) as node:
        yield node


def test_plain_http_is_sent_to_https(site):
    answer = fetch(f"http://{HOST}:{site.http}/a?b=c")
    assert answer.status == 308
    assert answer.headers["Location"] == f"https://{HOST}:{site.https}/a?b=c"


def test_a_form_post_passes_djangos_csrf_check_and_shows_up(site):
    token = site.csrf("/")
    body = f"csrfmiddlewaretoken={token}&name=Ann&text=from+{site.https}"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert site.browse("POST", "/", body.replace(token, "x" * 64), form).status == 403
    assert site.browse("POST", "/", body, form).status == 302
    assert f"from {site.https}" in site.browse("GET", "/").text


def test_the_admins_css_comes_from_the_disk(site, gunicorn):
    login = site.browse("GET", "/admin/login/").text
    path = re.search(r'href="(/static/admin/css/base\.\w+\.css)"', login).group(1)
    answer = site.browse("GET", path)
    assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/css")
    assert answer.body == (gunicorn / path.lstrip("/")).read_bytes()
    again = site.browse("GET", path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
    assert site.browse("GET", "/static/../secret-key").status in (400, 404)


def test_an_upload_of_100_mib_arrives_whole(site):
    token = site.csrf("/upload/")
    block = os.urandom(1 << 20)
    boundary = secrets.token_hex(16)  # long: Django looks for it without the line break before it
    head = (f'--{boundary}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token}\r\n'
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="big"\r\n\r\n').encode()
    tail = f"\r\n--{boundary}--\r\n".encode()
    digest = hashlib.sha256()

    def parts():
        yield head
        for _ in range(UPLOAD_BYTES // len(block)):
            digest.update(block)
            yield block
        yield tail

    length = len(head) + UPLOAD_BYTES + len(tail)
    page = site.browse("POST", "/upload/", parts(), {"Content-Type": f"multipart/form-data; boundary={boundary}",
                                                     "Content-Length": str(length)})
    assert page.status == 200
    assert f'id="size">{UPLOAD_BYTES}<' in page.text
    assert digest.hexdigest() in page.text


def test_an_upload_over_the_limit_is_refused(site):
    connection = site.connection()
    connection.putrequest("POST", "/")
    connection.putheader("Content-Length", str(11 << 20))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_a_stream_arrives_line_by_line(site):
    connection = site.connection()
    connection.request("GET", "/stream/?lines=4&pause=0.3")
    response = connection.getresponse()
    times = []
    for line in response:
        times.append(time.monotonic())
    connection.close()
    assert len(times) == 4
    assert times[-1] - times[0] > 0.6


def test_a_slow_page_holds_nothing_up(site):
    slow = site.connection()
    slow.request("GET", "/slow/?seconds=2")
    begun = time.monotonic()
    for _ in range(5):
        assert site.browse("GET", "/healthz").status == 200
    assert time.monotonic() - begun < 1.8
    assert slow.getresponse().read() == b"answered after 2 s\n"
    slow.close()
