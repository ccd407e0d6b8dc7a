"""The cache's disk under a node that is killed, and a disk that does not work.

Method: the origin counts what reaches it; what a restarted node answers without asking must have been on disk. Whether it
was written is asked of the node's metrics."""
# ctest: TIMEOUT 300
import re
import shutil
import threading

import pytest

from support.raw_client import ask
from support.scripted_origin import ScriptedOrigin
from support.weir_node import WeirNode
from support.weir_process import UnixConnection


class Site:
    """A node with a cache on disk in front of an origin that numbers its answers."""

    def __init__(self, folder):
        self.folder = folder
        self.asked = []
        self.lock = threading.Lock()
        self.origin = ScriptedOrigin(self._serve)
        self.node = None

    def _serve(self, exchange, _origin):
        while True:
            head, _ = exchange.read_request()
            method, path, _ = head.split(b"\r\n")[0].split(b" ")
            with self.lock:
                self.asked.append((method, path))
                number = len(self.asked)
            body = b"%s %d " % (path, number) + b"." * 2000
            exchange.send(b"HTTP/1.1 200 OK\r\nCache-Control: max-age=6000\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    def start(self, disk="64MiB"):
        self.node = WeirNode(self.folder, f"""version: 1
cluster: {{ store: {{ path: "{self.folder}/data", cache_memory: 4MiB, cache_disk: {disk} }} }}
listen: {{ http: "127.0.0.1:0" }}
upstreams:
  u: {{ servers: ["{self.origin.address}"] }}
sites:
  - {{ hosts: ["*"], upstream: u, cache: {{}} }}
""")

    def get(self, path, method=b"GET"):
        response = ask(self.node.port(), b"%s %s HTTP/1.1\r\nHost: a.example\r\n\r\n" % (method, path), method=method.decode())
        assert response.status == 200
        return response.body

    def metric(self, name):
        admin = UnixConnection(str(next(self.folder.glob("data/*/weir.sock"))))
        admin.request("GET", "/metrics")
        text = admin.getresponse().read().decode()
        admin.close()
        found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
        return float(found[1]) if found else None

    def wait_metric(self, name, holds, what):
        self.node.wait(lambda: holds(self.metric(name)), 30, what)

    def wait_up(self):
        self.wait_metric("weir_cache_disk_up", lambda value: value == 1, "the disk tier is up")

    def wait_on_disk(self, objects):
        self.wait_metric('weir_cache_objects{tier="disk"}', lambda value: value == objects, f"{objects} objects on disk")

    def cache_folder(self):
        return next(self.folder.glob("data/*")) / "cache"


@pytest.fixture
def site(tmp_path):
    made = Site(tmp_path / "node")
    yield made
    if made.node:
        made.node.kill()
    made.origin.close()


def test_a_killed_node_comes_back_with_what_it_had(site):
    site.start()
    site.wait_up()
    bodies = {path: site.get(path) for path in (b"/%d" % i for i in range(50))}
    site.wait_on_disk(50)
    for _ in range(3):
        site.node.kill()
        site.start()
        site.wait_on_disk(50)
        assert {path: site.get(path) for path in bodies} == bodies
    assert len(site.asked) == 50, "the origin was asked once for each"


def test_what_was_invalidated_stays_so_after_a_kill(site):
    site.start()
    site.wait_up()
    old = site.get(b"/a")
    site.get(b"/b")
    site.wait_on_disk(2)
    site.get(b"/a", b"DELETE")
    site.wait_on_disk(1)
    site.node.kill()
    site.start()
    site.wait_on_disk(1)
    assert site.get(b"/a") != old


def test_without_a_disk_requests_are_served_from_memory(site):
    site.start()
    site.wait_up()
    site.get(b"/a")
    assert site.node.stop() == 0
    folder = site.cache_folder()
    shutil.rmtree(folder)
    folder.write_text("not a folder")
    site.start()
    site.node.wait_for_line(r"cache_disk_down reason=")
    again = site.get(b"/a")
    assert site.get(b"/a") == again, "a hit in memory"
    assert len(site.asked) == 2
    assert site.metric("weir_cache_disk_up") == 0
    folder.unlink()
    site.node.wait_for_line(r"cache_disk_up", 70)
    site.get(b"/b")
    site.wait_on_disk(1)
    assert site.node.stop() == 0


def test_a_cache_of_garbage_is_begun_anew(site):
    site.start()
    site.wait_up()
    site.get(b"/a")
    site.wait_on_disk(1)
    assert site.node.stop() == 0
    for manifest in site.cache_folder().glob("MANIFEST-*"):
        manifest.write_bytes(b"garbage" * 100)
    site.start()
    site.node.wait_for_line(r"cache_disk_discarded reason=")
    site.get(b"/a")
    site.wait_on_disk(1)
    assert site.node.stop() == 0


def test_memory_only_leaves_no_folder(site):
    site.start(disk="0")
    body = site.get(b"/a")
    assert site.get(b"/a") == body
    assert site.metric("weir_cache_disk_up") is None
    assert site.node.stop() == 0
    assert not site.cache_folder().exists()
