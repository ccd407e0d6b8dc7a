"""Goal: `weir cluster up` keeps the nodes of a file running and never leaves one behind.
Method: the real binary, two nodes on loopback addresses and free ports, signals to launcher and nodes by pid."""
# ctest: TIMEOUT 300 PROCESSORS 2

import os
import signal
import subprocess

import pytest

from support.weir_cluster import Cluster, is_alive
from support.weir_process import binary, wait_for

LIMIT = 60


def weir_cluster(*arguments):
    return subprocess.run([binary(), "cluster", *map(str, arguments)], capture_output=True, text=True, timeout=LIMIT + 30)


@pytest.fixture
def made(tmp_path):
    """A file that nothing has run yet."""
    with Cluster(tmp_path, "log: {access: off}\nsites:\n  - hosts: ['*']\n    respond: {status: 200, body: pong}\n",
                 count=2) as cluster:
        yield cluster


@pytest.fixture
def cluster(made):
    return made.up()


def test_interrupt_drains_all_nodes_and_nothing_is_left(cluster):
    pids = cluster.all_pids()
    assert len(pids) == 2
    cluster.launcher.send_signal(signal.SIGINT)
    assert cluster.launcher.wait(LIMIT) == 0
    assert not any(is_alive(pid) for pid in pids), cluster.output()


def test_a_killed_node_is_started_again_and_the_other_is_left_alone(cluster):
    os.kill(cluster.pids("n1")[0], signal.SIGKILL)
    wait_for(lambda: cluster.ready_count("n1") == 2, LIMIT, "n1 is back")
    assert len(cluster.pids("n1")) == 2
    assert len(cluster.pids("n2")) == 1 and is_alive(cluster.pids("n2")[0])


def test_no_node_survives_the_launcher(cluster):
    pids = cluster.all_pids()
    cluster.launcher.send_signal(signal.SIGKILL)
    cluster.launcher.wait()
    wait_for(lambda: not any(map(is_alive, pids)), LIMIT, "the nodes are gone")


def test_a_second_launcher_is_refused(cluster):
    second = weir_cluster("up", cluster.file)
    assert second.returncode == 1
    assert f"process {cluster.launcher.pid} launched them" in second.stderr
    assert all(map(is_alive, cluster.all_pids()))


def test_detached_until_down(made):
    up = weir_cluster("up", "--detach", made.file)
    try:
        assert up.returncode == 0, up.stderr
        assert "2 nodes are ready" in up.stdout
        made.log = made.folder / "d/n1/launcher.log"
        pids = made.all_pids()
        assert len(pids) == 2 and all(map(is_alive, pids))
    finally:
        down = weir_cluster("down", made.file)
    assert down.returncode == 0, down.stderr
    assert not any(map(is_alive, pids))
    again = weir_cluster("down", made.file)
    assert again.returncode == 0 and "no launcher" in again.stderr


def test_a_wrong_file_starts_nothing(tmp_path):
    file = tmp_path / "weir.yaml"
    file.write_text("version: 1\nclustre: {}\n")
    done = weir_cluster("up", file)
    assert done.returncode == 1
    assert 'did you mean "cluster"' in done.stderr
