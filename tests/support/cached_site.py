"""A node with a cache in front of an origin whose answers a test decides, path by path."""
import http.client
import json
import re
import socket
import subprocess

from support.raw_client import ask
from support.scripted_origin import ScriptedOrigin
from support.weir_node import BINARY, WeirNode

FRESH = b"Cache-Control: max-age=600"
STALE = b"Cache-Control: max-age=1%s\r\nAge: 5"


def answer(body=b"hello", *lines, status=b"200 OK"):
    head = b"".join(line + b"\r\n" for line in lines)
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n%s\r\n%s" % (status, len(body), head, body)


def not_modified(*lines):
    return b"HTTP/1.1 304 Not Modified\r\n" + b"".join(line + b"\r\n" for line in lines) + b"\r\n"


def fields_of(head):
    return {name.strip().lower(): value.strip() for name, _, value in
            (line.partition(b":") for line in head.split(b"\r\n")[1:] if b":" in line)}


class CachedSite:
    """A node with a cache in front of an origin; `script(path, fields, method)` makes the origin's answers."""

    def __init__(self, folder, script, cache="{}", routes="", shards=2):
        self.asked = []
        self.script = script
        self.origin = ScriptedOrigin(self._serve)
        self.config = f"""version: 1
shards: {shards}
listen: {{ http: "127.0.0.1:0" }}
upstreams:
  u: {{ servers: ["{self.origin.address}"], retries: {{ attempts: 1 }} }}
sites:
  - hosts: ["*"]
    upstream: u
    cache: {cache}
{routes}"""
        self.folder = folder
        self.node = WeirNode(folder, self.config)
        self.port = self.node.port()

    def _serve(self, exchange, _origin):
        while True:
            head, _ = exchange.read_request()
            method, path, _ = head.split(b"\r\n")[0].split(b" ")
            fields = fields_of(head)
            self.asked.append((method, path, fields))
            made = self.script(path, fields, method)
            if callable(made):
                made(exchange)
            else:
                exchange.send(made)

    def get(self, path=b"/", *lines, method=b"GET", body=b""):
        head = b"".join(line + b"\r\n" for line in lines)
        if body:
            head += b"Content-Length: %d\r\n" % len(body)
        return ask(self.port, b"%s %s HTTP/1.1\r\nHost: a.example\r\n%s\r\n%s" % (method, path, head, body),
                   method=method.decode())

    def count(self, path):
        return sum(1 for _, each, _ in self.asked if each == path)

    def wait_asked(self, path, count, seconds=10):
        self.node.wait(lambda: self.count(path) >= count, seconds, f"{count} requests for {path} at the origin")

    def metric(self, status):
        return self.sample("weir_cache_requests_total", "status", status)

    def sample(self, name, label, value):
        class Admin(http.client.HTTPConnection):
            def __init__(self, path):
                super().__init__("weir")
                self.path = path

            def connect(self):
                self.sock = socket.socket(socket.AF_UNIX)
                self.sock.connect(self.path)

        admin = Admin(str(next(self.folder.glob("data/*/weir.sock"))))
        admin.request("GET", "/metrics")
        text = admin.getresponse().read().decode()
        admin.close()
        found = re.search(r'^%s\{[^}]*%s="%s"[^}]*\} (\d+)' % (name, label, value), text, re.MULTILINE)
        return int(found[1]) if found else 0

    def wait_metric(self, status, count, seconds=10):
        """A request is counted when it has ended, which is after its answer was read."""
        self.node.wait(lambda: self.metric(status) == count, seconds, f"{count} requests of status {status}")

    def restart(self):
        assert self.node.stop() == 0
        self.node = WeirNode(self.folder, self.config)
        self.port = self.node.port()

    def stats(self):
        out = subprocess.run([BINARY, "-c", str(self.node.file), "-o", "json", "cache", "stats"], capture_output=True, check=True)
        return json.loads(out.stdout)

    def stop_origin(self):
        if self.origin:
            self.origin.close()
        self.origin = None

    def close(self):
        self.node.stop()
        self.stop_origin()


def status_of(response):
    return response.field(b"cache-status")
