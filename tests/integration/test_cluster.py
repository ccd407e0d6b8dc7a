"""Three nodes by `weir cluster up` before two origins: what an operator sees and does, and what a crash costs.

Own loopback addresses and ports, so that clusters of several tests may run at once."""
# ctest: TIMEOUT 300 PROCESSORS 2

import json
import os
import re
import signal
import time

import pytest

from support.scripted_origin import ScriptedOrigin, fixed
from support.weir_cluster import Cluster, Load, Watch, descendants, is_alive, processes_of
from support.weir_process import fetch, run, wait_for


@pytest.fixture
def origins():
    with ScriptedOrigin(fixed(b"A")) as one, ScriptedOrigin(fixed(b"B")) as other:
        yield one, other


@pytest.fixture
def made(tmp_path, origins):
    """A file that nothing has run yet."""
    servers = ", ".join(f'"{origin.address}"' for origin in origins)
    with Cluster(tmp_path, f"log: {{ access: off }}\nupstreams: {{ u: {{ servers: [{servers}], balance: round_robin }} }}\n"
                           "sites: [ { hosts: ['*'], upstream: u } ]\n") as cluster:
        yield cluster


@pytest.fixture
def cluster(made):
    made.up()
    made.wait_for_states()
    return made


def get(cluster, node, path="/"):
    return fetch(f"http://{cluster.address[node]}:{cluster.http[node]}{path}")


def test_every_node_serves_and_the_commands_show_them(cluster):
    done = cluster.command("wait", "--nodes", "3", "--ready", "--timeout", "30s")
    assert done.returncode == 0, done.stderr
    for node in cluster.names:
        assert {get(cluster, node).body for _ in range(6)} == {b"A", b"B"}
    lines = cluster.command("members").stdout.splitlines()
    assert lines[0].split() == ["NODE", "ADDRESS", "STATE", "VERSION", "CONFIG", "RPS", "UPTIME"]
    for name, line in zip(cluster.names, lines[1:], strict=True):
        where = re.escape(f"{cluster.address[name]}:{cluster.peer[name]}")
        assert re.fullmatch(rf"{name}\s+{where}\s+ready\s+\d+\.\d+\.\d+\s+v1 [0-9a-f]{{6}}\s+\d+\s+\S+", line), line
    for name in cluster.names:
        status = json.loads(cluster.command("status", "--node", name, "-o", "json").stdout)
        assert (status["node"], status["pid"], status["state"]) == (name, cluster.pids(name)[0], "ready")
        assert status["requests_total"] == 6
    assert cluster.command("wait", "--nodes", "4", "--ready", "--timeout", "300ms").returncode == 1


def test_a_killed_node_is_suspected_within_a_second_and_back_without_a_hand(cluster):
    with Load(cluster.urls("n1", "n2"), pause=0.002) as load, Watch(cluster) as watch:
        load.wait_for_more(50)
        killed = time.monotonic()
        os.kill(cluster.pids("n3")[0], signal.SIGKILL)
        wait_for(lambda: cluster.ready_count("n3") == 2, 30, "n3 is back")
        cluster.wait_for_states()
        load.wait_for_more(50)
    assert load.failures == []
    for observer in ("n1", "n2"):
        doubts = [at for at, who, member, state in watch.seen if who == observer and (member, state) == ("n3", "suspect")]
        assert doubts, f"{observer} never suspected n3: {watch.seen}"
        assert min(doubts) - killed < 1.0
    assert {member for _, who, member, _ in watch.seen if who != "n3"} == {"n3"}, "only n3 was ever doubted"
    assert len(cluster.pids("n1")) == len(cluster.pids("n2")) == 1
    assert get(cluster, "n3").status == 200


def test_a_drained_node_stays_drained_until_it_is_undrained(cluster):
    with Load(cluster.urls("n1", "n2"), pause=0.002) as load:
        load.wait_for_more(30)
        done = cluster.command("drain", "n2")
        assert done.returncode == 0, done.stderr
        cluster.wait_for_states(n2="draining")
        assert cluster.admin("n2", "/readyz").status == 503
        assert re.search(r"^n2 .* draining ", cluster.command("members").stdout, re.M)
        load.wait_for_more(30)
        os.kill(cluster.pids("n3")[0], signal.SIGKILL)  # another one's crash changes nothing of it
        wait_for(lambda: cluster.ready_count("n3") == 2, 30, "n3 is back")
        cluster.wait_for_states(n2="draining")
        assert cluster.command("undrain", "n2").returncode == 0
        cluster.wait_for_states()
        load.wait_for_more(30)
    assert load.failures == []
    assert cluster.admin("n2", "/readyz").status == 200


def test_a_drain_survives_the_death_of_its_node(cluster):
    assert cluster.command("drain", "n2").returncode == 0
    os.kill(cluster.pids("n2")[0], signal.SIGKILL)
    wait_for(lambda: len(cluster.pids("n2")) == 2, 30, "n2 is started again")
    cluster.wait_for_states(n2="draining")
    assert cluster.command("undrain", "n2").returncode == 0
    cluster.wait_for_states()


def test_ctrl_c_ends_all_and_nothing_is_left(cluster):
    started = descendants(cluster.launcher.pid)
    assert len(started) == 6, "three guards and three nodes"
    cluster.launcher.send_signal(signal.SIGINT)
    assert cluster.launcher.wait(60) == 0, cluster.output()
    assert processes_of(cluster.folder) == {} and not any(map(is_alive, started))


def test_a_node_without_an_identity_refuses_and_says_what_to_do(made):
    done = run("run", "-c", made.file, "--node", "n2")
    assert done.returncode == 1
    assert "3 nodes" in done.stderr and "n2 has no identity" in done.stderr
    assert f"weir cluster up {made.file}" in done.stderr
    assert done.stdout == ""


def test_a_node_of_another_machine_is_named_when_none_is_meant(made):
    done = run("run", "-c", made.file)
    assert done.returncode == 1
    assert all(name in done.stderr for name in made.names), "it lists whom it may be"
