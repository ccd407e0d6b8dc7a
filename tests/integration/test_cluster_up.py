"""Goal: `weir cluster up` keeps the nodes of a file running and never leaves one behind.
Method: the real binary, two nodes on loopback addresses and free ports, signals to launcher and nodes by pid."""
# ctest: TIMEOUT 300 PROCESSORS 2

import os
import pathlib
import re
import signal
import socket
import subprocess
import time

import pytest

WEIR = os.environ["WEIR"]
LIMIT = 60


def wait_for(condition, what, limit=LIMIT):
    """The first true result of `condition`, asked until the limit is over."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.05)
    raise AssertionError(f"not within {limit} s: {what}")


def free_port(address):
    with socket.socket() as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]


def is_alive(pid):
    """False for a zombie too: in a container nobody may reap it."""
    try:
        status = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rsplit(")", 1)[1].split()[0] not in "ZX"


class Cluster:
    """A file with two nodes, and what is launched from it."""

    def __init__(self, folder):
        self.folder = folder
        self.file = folder / "weir.yaml"
        self.log = folder / "output.txt"
        self.launcher = None
        nodes = "\n".join(
            f"    n{i}: {{address: 127.0.3.{i}, http: {free_port(f'127.0.3.{i}')}, "
            f"peer: {free_port(f'127.0.3.{i}')}}}"
            for i in (1, 2)
        )
        self.file.write_text(
            f"version: 1\ncluster:\n  name: t\n  nodes:\n{nodes}\n"
            f"  store: {{path: {folder}/d}}\n"
            "listen: {http: 8080}\nlog: {access: off}\n"
            "sites:\n  - hosts: ['*']\n    respond: {status: 200, body: pong}\n"
        )

    def up(self):
        self.launcher = subprocess.Popen(
            [WEIR, "cluster", "up", str(self.file)], stdout=self.log.open("w"), stderr=subprocess.STDOUT
        )
        for node in ("n1", "n2"):
            wait_for(lambda: self.ready_count(node) == 1, f"{node} is ready:\n{self.output()}")

    def output(self):
        return self.log.read_text() if self.log.exists() else ""

    def pids(self, node):
        """Every pid this node had, oldest first, as the launcher told them."""
        return [int(p) for p in re.findall(rf"^{node} +\| node started: pid (\d+)$", self.output(), re.M)]

    def ready_count(self, node):
        return len(re.findall(rf"^{node} +\| node ready:", self.output(), re.M))

    def all_pids(self):
        return self.pids("n1") + self.pids("n2")

    def end(self):
        if self.launcher and self.launcher.poll() is None:
            self.launcher.send_signal(signal.SIGKILL)
            self.launcher.wait()


@pytest.fixture
def cluster(tmp_path):
    made = Cluster(tmp_path)
    yield made
    made.end()


def test_interrupt_drains_all_nodes_and_nothing_is_left(cluster):
    cluster.up()
    pids = cluster.all_pids()
    assert len(pids) == 2
    cluster.launcher.send_signal(signal.SIGINT)
    assert cluster.launcher.wait(LIMIT) == 0
    assert not any(is_alive(pid) for pid in pids), cluster.output()


def test_a_killed_node_is_started_again_and_the_other_is_left_alone(cluster):
    cluster.up()
    os.kill(cluster.pids("n1")[0], signal.SIGKILL)
    wait_for(lambda: cluster.ready_count("n1") == 2, "n1 is back")
    assert len(cluster.pids("n1")) == 2
    assert len(cluster.pids("n2")) == 1 and is_alive(cluster.pids("n2")[0])


def test_no_node_survives_the_launcher(cluster):
    cluster.up()
    pids = cluster.all_pids()
    cluster.launcher.send_signal(signal.SIGKILL)
    cluster.launcher.wait()
    wait_for(lambda: not any(is_alive(pid) for pid in pids), "the nodes are gone")


def test_a_second_launcher_is_refused(cluster):
    cluster.up()
    second = subprocess.run(
        [WEIR, "cluster", "up", str(cluster.file)], capture_output=True, text=True, timeout=LIMIT
    )
    assert second.returncode == 1
    assert f"process {cluster.launcher.pid} launched them" in second.stderr
    assert all(is_alive(pid) for pid in cluster.all_pids())


def test_detached_until_down(cluster):
    up = subprocess.run(
        [WEIR, "cluster", "up", "--detach", str(cluster.file)], capture_output=True, text=True, timeout=LIMIT
    )
    try:
        assert up.returncode == 0, up.stderr
        assert "2 nodes are ready" in up.stdout
        cluster.log = cluster.folder / "d/n1/launcher.log"
        pids = cluster.all_pids()
        assert len(pids) == 2 and all(is_alive(pid) for pid in pids)
    finally:
        down = subprocess.run(
            [WEIR, "cluster", "down", str(cluster.file)], capture_output=True, text=True, timeout=LIMIT + 30
        )
    assert down.returncode == 0, down.stderr
    assert not any(is_alive(pid) for pid in pids)
    again = subprocess.run([WEIR, "cluster", "down", str(cluster.file)], capture_output=True, text=True, timeout=LIMIT)
    assert again.returncode == 0 and "no launcher" in again.stderr


def test_a_wrong_file_starts_nothing(tmp_path):
    file = tmp_path / "weir.yaml"
    file.write_text("version: 1\nclustre: {}\n")
    done = subprocess.run([WEIR, "cluster", "up", str(file)], capture_output=True, text=True, timeout=LIMIT)
    assert done.returncode == 1
    assert 'did you mean "cluster"' in done.stderr
