"""The real binary in tests: commands, and nodes that end with their test."""

import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import time
from urllib.parse import urlsplit

READY_SECONDS = 30
STOP_SECONDS = 30


def binary():
    return os.environ.get("WEIR") or str(pathlib.Path(__file__).parents[2] / "build/dev/bin/weir")


def run(*arguments, env=None, **options):
    """Runs a command to its end; the result has returncode, stdout and stderr."""
    settings = {name: value for name, value in os.environ.items() if not name.startswith("WEIR_")}
    settings.update(env or {}, NO_COLOR="1")
    return subprocess.run([binary(), *map(str, arguments)], env=settings, text=True, capture_output=True,
                          timeout=60, **options)


def free_port():
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(condition, seconds, what):
    """The first true value of `condition()`; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.02)


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout=10):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def text(self):
        return self.body.decode()

    @property
    def json(self):
        return json.loads(self.body)


class Node:
    """One `weir run` of a file. Made running and ready; ends with the `with` block, by its own process id."""

    def __init__(self, folder, config, node="node1", wait=True):
        self.folder = pathlib.Path(folder)
        self.file = self.folder / "weir.yaml"
        self.file.write_text(config)
        self.socket = str(self.folder / "data" / node / "weir.sock")
        self.stderr = self.folder / "stderr.log"
        self.stdout = self.folder / "stdout.log"
        with open(self.stdout, "w") as out, open(self.stderr, "w") as err:
            self.process = subprocess.Popen([binary(), "run", "-c", self.file, "--node", node], stdout=out, stderr=err,
                                            stdin=subprocess.DEVNULL)
        if wait:
            try:
                wait_for(self.is_ready, READY_SECONDS, "the node is ready")
            except BaseException:
                self.end()
                raise

    def is_ready(self):
        assert self.process.poll() is None, f"the node ended:\n{self.stderr.read_text()}"
        try:
            return self.admin("GET", "/readyz").status == 200
        except OSError:
            return False

    def admin(self, method, path, **headers):
        connection = UnixConnection(self.socket)
        try:
            connection.request(method, path, headers=headers)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def command(self, *arguments):
        return run(*arguments, "-c", self.file)

    def signal(self, number):
        self.process.send_signal(number)

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()


def fetch(url, method="GET", headers=None, timeout=10):
    """One request over TCP, without following redirects."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, headers=headers or {})
        return Answer(connection.getresponse())
    finally:
        connection.close()
