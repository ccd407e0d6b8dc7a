"""Supervised apps when things break: nodes, masters, workers and apps killed, stale sockets, apps that will not start.

Method: one real node, a scripted app or gunicorn under it, kill by pid, load from outside."""
# ctest: TIMEOUT 300 PROCESSORS 2

import os
import pathlib
import re
import signal
import socket
import threading
import time

import pytest

from support.weir_cluster import Load, descendants, is_alive, processes_of
from support.weir_process import Node, fetch, free_port, wait_for

PYTHON = "/usr/bin/python3"
GUNICORN = "/usr/bin/gunicorn"
SCRIPTED = pathlib.Path(__file__).parents[1] / "support" / "scripted_app.py"
WORKERS = 2
THREADS = 4

WSGI = """import os, time
def app(environ, start):
    if environ["PATH_INFO"].startswith("/slow/"):
        time.sleep(float(environ["PATH_INFO"][6:]))
    if environ["PATH_INFO"] == "/empty":
        start("204 No Content", [])
        return []
    body = b"%d" % os.getpid()
    start("200 OK", [("Content-Length", str(len(body)))])
    return [body]
"""


class Shop(Node):
    def __init__(self, folder, command, wait=True):
        self.port = free_port()
        words = ", ".join(f'"{word}"' for word in command)
        super().__init__(folder, f"""version: 1
cluster: {{ store: {{ path: data }} }}
listen: {{ http: "127.0.0.1:{self.port}" }}
log: {{ access: off }}
apps: {{ shop: {{ command: [{words}], dir: . }} }}
sites: [ {{ hosts: ["*"], app: shop }} ]
""", wait=wait)
        try:
            wait_for(self.lives, 30, "the node runs")
        except BaseException:
            self.end()
            raise

    def lives(self):
        try:
            return self.admin("GET", "/livez").status == 200
        except OSError:
            return False

    def get(self, path="/", method="GET", timeout=30):
        return fetch(f"http://127.0.0.1:{self.port}{path}", method, timeout=timeout)

    def guards(self):
        return [pid for pid in descendants(self.process.pid)
                if b"app-guard" in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()]

    def app_pids(self):
        """Main process first, then what it started."""
        return [pid for guard in self.guards() for pid in descendants(guard) if is_alive(pid)]

    def url(self, path="/"):
        return "127.0.0.1", self.port, path

    def said(self):
        return self.stderr.read_text()


def scripted(door="{socket}"):
    return [PYTHON, str(SCRIPTED), door]


@pytest.fixture
def gunicorn(tmp_path):
    if not os.path.exists(GUNICORN):
        pytest.skip("gunicorn is not installed")
    (tmp_path / "shop.py").write_text(WSGI)
    with Shop(tmp_path, [GUNICORN, "shop:app", "--bind", "unix:{socket}", "--workers", str(WORKERS),
                         "--graceful-timeout", "2"]) as node:
        wait_for(lambda: node.get().status == 200, 30, "gunicorn answers")
        wait_for(lambda: len(node.app_pids()) == 1 + WORKERS, 30, "its workers run")
        yield node


def test_a_killed_node_leaves_no_child(gunicorn):
    started = descendants(gunicorn.process.pid)
    assert len(started) == 2 + WORKERS, "a guard, a master, its workers"
    gunicorn.signal(signal.SIGKILL)
    gunicorn.process.wait()
    wait_for(lambda: not any(map(is_alive, started)), 10, "guard and app are gone")
    assert processes_of(gunicorn.folder) == {}


def test_a_killed_guard_takes_the_app_along_and_the_node_starts_another(gunicorn):
    started = descendants(gunicorn.process.pid)
    os.kill(gunicorn.guards()[0], signal.SIGKILL)
    wait_for(lambda: not any(map(is_alive, started)), 10, "master and workers are gone")
    assert gunicorn.get().status == 200
    wait_for(lambda: len(gunicorn.app_pids()) == 1 + WORKERS, 30, "others run")
    metrics = gunicorn.admin("GET", "/metrics").text
    assert 'weir_app_worker_restarts_total{app="shop",reason="exit"} 1' in metrics
    assert 'weir_app_workers{app="shop",state="ready"} 1' in metrics
    assert 'weir_app_workers{app="shop",state="backing_off"} 0' in metrics


def test_a_killed_master_costs_no_get(gunicorn):
    master = gunicorn.app_pids()[0]
    with Load([gunicorn.url()], threads=THREADS) as load:
        load.wait_for_more(100)
        os.kill(master, signal.SIGKILL)
        wait_for(lambda: not is_alive(master), 10, "the master is gone")
        wait_for(lambda: gunicorn.app_pids() and gunicorn.app_pids()[0] != master, 20, "another is started")
        load.wait_for_more(100)
    # gunicorn sends head and body apart: an answer that had begun cannot be taken back, all others are repeated.
    begun = [failure for failure in load.failures if "IncompleteRead" in failure]
    assert load.failures == begun and len(begun) <= WORKERS
    assert re.search(r"app_(exited|failed|crashed|ended)\b.*signal 9", gunicorn.said())


def test_a_killed_worker_costs_no_get(gunicorn):
    # gunicorn sends a head and a body apart: an answer cut between them cannot be taken back. This one is a head alone.
    with Load([gunicorn.url("/empty")], threads=THREADS) as load:
        for _ in range(3):
            load.wait_for_more(50)
            master, *workers = wait_for(lambda: len(pids := gunicorn.app_pids()) == 1 + WORKERS and pids, 20, "all run")
            os.kill(workers[0], signal.SIGKILL)
            wait_for(lambda: not is_alive(workers[0]), 10, "the worker is gone")
        load.wait_for_more(50)
    assert load.failures == []
    assert gunicorn.app_pids()[0] == master


def test_a_killed_worker_costs_at_most_the_posts_in_flight(gunicorn):
    with Load([gunicorn.url("/slow/0.02")], threads=THREADS, method="POST") as load:
        load.wait_for_more(20)
        os.kill(gunicorn.app_pids()[1], signal.SIGKILL)
        load.wait_for_more(50)
    assert set(load.failures) <= {502}, "a POST that may have run is not sent again, but answered"
    assert len(load.failures) <= THREADS


@pytest.mark.parametrize("door", ["{socket}", "{port}"])
def test_an_app_that_dies_of_a_request_is_started_again(tmp_path, door):
    with Shop(tmp_path, scripted(door)) as node:
        first = node.get("/pid").body
        node.get("/exit/3", "POST")
        second = node.get("/pid")
        assert second.status == 200 and second.body != first


def test_stale_sockets_are_removed_at_start(tmp_path):
    with Shop(tmp_path, scripted()) as node:
        assert node.get().status == 200
        node.signal(signal.SIGKILL)
        node.process.wait()
    left = [path for path in tmp_path.glob("data/**/*") if path.is_socket() and path.parent.name == "shop"]
    assert left, "a killed node cannot tidy up"
    stale = left[0].with_name("77")
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(stale))
    with Shop(tmp_path, scripted()) as node:
        assert node.get().status == 200
        assert not stale.exists()


def test_an_app_that_will_not_start_is_refused_then_found_again(tmp_path):
    allowed = tmp_path / "allowed"
    start = f"echo will it start; test -e {allowed} || exit 7; exec {PYTHON} {SCRIPTED} $0"
    with Shop(tmp_path, ["sh", "-c", start, "{socket}"], wait=False) as node:
        wait_for(lambda: node.get().status == 503, 30, "requests are refused")
        begun = time.monotonic()
        assert node.get().status == 503 and time.monotonic() - begun < 1.0, "at once"
        assert re.search(r'app_output.*line="?will it start', node.said())
        assert "exit code 7" in node.said()
        assert 5 <= node.said().count("will it start") <= 7, "it backs off"
        allowed.touch()
        wait_for(lambda: node.get().status == 200, 30, "it is found again")


def test_a_request_waits_for_a_slow_start(tmp_path):
    start = f"sleep 1.5; exec {PYTHON} {SCRIPTED} $0"
    with Shop(tmp_path, ["sh", "-c", start, "{socket}"], wait=False) as node:
        assert node.get().status == 200


def test_sigterm_lets_a_request_of_two_seconds_finish(tmp_path):
    answers = []
    with Shop(tmp_path, scripted()) as node:
        started = descendants(node.process.pid)
        asker = threading.Thread(target=lambda: answers.append(node.get("/slow/2")))
        asker.start()
        wait_for(lambda: node.admin("GET", "/api/v1/status").json["requests_in_flight"] == 1, 10, "it is under way")
        node.signal(signal.SIGTERM)
        assert node.process.wait(30) == 0
        asker.join()
        assert [answer.status for answer in answers] == [200]
        assert not any(map(is_alive, started))
