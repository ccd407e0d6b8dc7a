"""`make run` and `examples/run proxy` as a newcomer meets them: to the final screen, what it says to try, the end.

The examples have fixed addresses and ports; where these are taken, the tests are skipped."""
# ctest: TIMEOUT 400 PROCESSORS 2 RESOURCE_LOCK example_ports

import hashlib
import http.client
import http.cookies
import os
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import time

import pytest

from support.weir_cluster import Load, processes_of
from support.weir_process import Answer, binary, fetch, wait_for

ROOT = pathlib.Path(__file__).parents[2]
ADDRESSES = ["127.0.1.1", "127.0.1.2", "127.0.1.3"]
PORTS = {"proxy": [8080, 9900], "django": [8080, 8443, 9900]}
START_SECONDS = 90
SECOND_START_SECONDS = 30  # a few on a machine that has nothing else to do
UPLOAD_BYTES = 100 << 20


def taken_ports(name):
    for address in ADDRESSES:
        for port in PORTS[name]:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((address, port))
                except OSError:
                    yield f"{address}:{port}"


class Running:
    """`examples/run NAME` up to its last line; ends by Ctrl-C."""

    def __init__(self, name, folder):
        taken = list(taken_ports(name))
        if taken:
            pytest.skip(f"in use: {', '.join(taken)}")
        self.data = ROOT / "examples" / name / "run"
        self.output = folder / "screen.txt"
        begun = time.monotonic()
        with open(self.output, "w") as out:
            self.process = subprocess.Popen(["examples/run", name], cwd=ROOT, stdout=out, stderr=out,
                                            stdin=subprocess.DEVNULL, env=dict(os.environ, WEIR=binary(), NO_COLOR="1"))
        try:
            wait_for(lambda: "Ctrl-C stops" in self.screen() or self.process.poll() is not None, START_SECONDS, "the screen")
            assert self.process.poll() is None, self.screen()
        except BaseException:
            self.end()
            raise
        self.seconds = time.monotonic() - begun

    def screen(self):
        return self.output.read_text()

    def tries(self):
        """The commands that the screen says to type."""
        lines = self.screen().split("in another terminal:\n")[1].split("\n  logs:")[0].splitlines()
        return [re.split(r"\s{2,}", line.strip(), maxsplit=1)[1] for line in lines if line.strip()]

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode

    def type(self, command):
        return subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=60,
                              env=dict(os.environ, NO_COLOR="1"))

    def members(self):
        done = self.type(next(line for line in self.tries() if " members " in line))
        assert done.returncode == 0, done.stderr
        return [line.split()[2] for line in done.stdout.splitlines()[1:]]


@pytest.fixture
def example(tmp_path):
    running = []

    def start(name):
        running.append(Running(name, tmp_path))
        return running[-1]

    yield start
    for each in running:
        each.end()


def ends_without_a_trace(running):
    assert running.end() == 0, running.screen()
    assert processes_of(running.data.parent) == {}
    assert list(taken_ports(running.data.parent.name)) == []


def what_the_screen_says_works(running):
    commands = running.tries()
    assert len(commands) >= 3
    for command in commands:
        done = running.type(command)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    wait_for(lambda: running.members() == ["ready"] * 3, 60, "all are ready after it")


def test_the_proxy_example(example):
    running = example("proxy")
    for address in ADDRESSES:
        assert f"http://{address}:8080/" in running.screen()
        seen = [fetch(f"http://{address}:8080/").body for _ in range(6)]
        assert len(set(seen)) == 2, "both servers answer"
        assert fetch(f"http://{address}:9900/").status == 200, "the dashboard"
    assert running.members() == ["ready"] * 3
    what_the_screen_says_works(running)
    ends_without_a_trace(running)


class Browser:
    """Keeps cookies, trusts the example's certificate."""

    def __init__(self, address, certificate):
        self.address = address
        self.trust = ssl.create_default_context(cafile=certificate)
        self.cookies = http.cookies.SimpleCookie()

    def ask(self, method, path, body=None, headers=None):
        sent = {"Referer": f"https://{self.address}:8443/", **(headers or {})}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={one.value}" for name, one in self.cookies.items())
        connection = http.client.HTTPSConnection(self.address, 8443, context=self.trust, timeout=60)
        connection.request(method, path, body, sent)
        answer = connection.getresponse()
        for line in answer.headers.get_all("Set-Cookie", []):
            self.cookies.load(line)
        return connection, answer

    def get(self, path):
        connection, answer = self.ask("GET", path)
        whole = Answer(answer)
        connection.close()
        return whole

    def csrf(self, path):
        return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.get(path).text)[1]

    def post(self, path, body, content_type):
        connection, answer = self.ask("POST", path, body, {"Content-Type": content_type})
        whole = Answer(answer)
        connection.close()
        return whole


def test_the_django_example(example):
    if not os.path.exists("/usr/bin/gunicorn"):
        pytest.skip("gunicorn is not installed")
    running = example("django")
    browsers = [Browser(address, running.data / "tls/site.pem") for address in ADDRESSES]
    mark = f"greetings {time.time()}"
    for browser in browsers:
        plain = fetch(f"http://{browser.address}:8080/a?b")
        assert (plain.status, plain.headers["Location"]) == (308, f"https://{browser.address}:8443/a?b")
        home = browser.get("/")
        assert home.status == 200
        assert f"Served by edge{browser.address[-1]}" in home.text
        for sheet in re.findall(r'<link[^>]+href="(/static/[^"]+\.css)"', home.text + browser.get("/admin/login/").text):
            style = browser.get(sheet)
            assert style.status == 200 and style.headers["Content-Type"].startswith("text/css")
            assert style.body == (running.data / sheet.lstrip("/")).read_bytes()
        assert fetch(f"http://{browser.address}:9900/").status == 200, "the dashboard"
    body = f"csrfmiddlewaretoken={browsers[0].csrf('/')}&name=Ann&text={mark.replace(' ', '+')}"
    assert browsers[0].post("/", body, "application/x-www-form-urlencoded").status == 302
    assert all(mark in browser.get("/").text for browser in browsers), "one database for the three"
    password = re.search(r"admin / (\S+)", running.screen())[1]
    login = f"csrfmiddlewaretoken={browsers[1].csrf('/admin/login/')}&username=admin&password={password}&next=/admin/"
    assert browsers[1].post("/admin/login/?next=/admin/", login, "application/x-www-form-urlencoded").status == 302
    assert "Site administration" in browsers[1].get("/admin/").text
    uploads(browsers[2])
    streams(browsers[1])
    assert running.members() == ["ready"] * 3
    with Load([(address, 9900, "/livez") for address in ADDRESSES[:2]], pause=0.02) as load:
        what_the_screen_says_works(running)
    assert load.failures == []
    ends_without_a_trace(running)
    again = example("django")
    assert again.seconds < SECOND_START_SECONDS
    assert mark in browsers[0].get("/").text
    ends_without_a_trace(again)


def uploads(browser):
    boundary, content = "b" * 32, os.urandom(1 << 20) * (UPLOAD_BYTES >> 20)
    head = (f'--{boundary}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{browser.csrf("/upload/")}\r\n'
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="big"\r\n\r\n').encode()
    page = browser.post("/upload/", head + content + f"\r\n--{boundary}--\r\n".encode(),
                        f"multipart/form-data; boundary={boundary}")
    assert page.status == 200
    assert hashlib.sha256(content).hexdigest() in page.text


def streams(browser):
    connection, answer = browser.ask("GET", "/stream/?lines=4&pause=0.3")
    times = [time.monotonic() for _ in answer]
    connection.close()
    assert len(times) == 4 and times[-1] - times[0] > 0.6, "piece by piece"
