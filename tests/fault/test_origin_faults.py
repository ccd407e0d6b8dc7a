"""Servers that die, restart, reset and go silent under load: what clients see of it.

Method: origins that are real sockets, ended or stopped in the middle; requests that are safe must all be answered."""
import os
import signal
import subprocess
import sys
import textwrap
import threading

import pytest

from support.raw_client import RawClient, ask
from support.scripted_origin import ScriptedOrigin, fixed
from support.weir_node import WeirNode

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def config(*servers, upstream=""):
    listed = ", ".join(f'"{server}"' for server in servers)
    return f"""version: 1
listen: {{ http: "127.0.0.1:0" }}
upstreams:
  u: {{ servers: [{listed}]{upstream} }}
sites:
  - hosts: ["*"]
    upstream: u
"""


class OriginProcess:
    """An origin in a process of its own, to be killed or stopped by its process id."""

    PROGRAM = textwrap.dedent("""
        import sys
        from support.scripted_origin import ScriptedOrigin, fixed
        origin = ScriptedOrigin(fixed())
        print(origin.address, flush=True)
        sys.stdin.read()
    """)

    def __init__(self):
        folder = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        self.process = subprocess.Popen([sys.executable, "-c", self.PROGRAM], cwd=folder, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.address = self.process.stdout.readline().strip()

    def signal(self, number):
        self.process.send_signal(number)

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


@pytest.fixture
def origins():
    running = []

    def start():
        running.append(OriginProcess())
        return running[-1]

    yield start
    for each in running:
        each.end()


@pytest.fixture
def node_before(tmp_path):
    running = []

    def start(*servers, **how):
        running.append(WeirNode(tmp_path / f"node{len(running)}", config(*servers, **how)))
        return running[-1]

    yield start
    for node in running:
        assert node.stop() == 0


def test_kill_9_of_one_of_two_servers_costs_no_get(origins, node_before):
    one, two = origins(), origins()
    node = node_before(one.address, two.address, upstream=", balance: round_robin, retries: { budget: 100% }")
    with RawClient(node.port()) as client:
        for i in range(300):
            if i == 100:
                one.signal(signal.SIGKILL)
            assert client.send(GET).read().status == 200


def test_a_stopped_server_times_out_and_the_other_serves(origins, node_before):
    """A server whose machine hangs: it neither answers nor refuses (SIGSTOP)."""
    one, two = origins(), origins()
    node = node_before(one.address, two.address,
                       upstream=", balance: round_robin, timeouts: { first_byte: 300ms }, outlier: { consecutive_failures: 2, eject: 60s }")
    assert ask(node.port(), GET).status == 200
    one.signal(signal.SIGSTOP)
    try:
        with RawClient(node.port()) as client:
            statuses = [client.send(GET).read().status for _ in range(50)]
    finally:
        one.signal(signal.SIGCONT)
    # A time-out is never repeated (the origin may be at work on it); two of them, and it is out.
    assert statuses.count(504) == 2 and statuses.count(200) == 48


def test_a_server_that_restarts_under_load_costs_no_get(node_before):
    with ScriptedOrigin(fixed()) as origin, ScriptedOrigin(fixed()) as other:
        node = node_before(origin.address, other.address, upstream=", retries: { budget: 100% }")
        stop = threading.Event()
        troubles, done = [], [0]

        def load():
            try:
                with RawClient(node.port()) as client:
                    while not stop.is_set():
                        status = client.send(GET).read().status
                        done[0] += 1
                        if status != 200:
                            troubles.append(status)
            except (OSError, EOFError) as trouble:
                troubles.append(trouble)

        threads = [threading.Thread(target=load, daemon=True) for _ in range(4)]
        for each in threads:
            each.start()
        for i in range(10):
            node.wait(lambda: done[0] > 20 * (i + 1) or troubles, 20, "load goes on")
            origin.close_connections()
        stop.set()
        for each in threads:
            each.join(10)
        assert troubles == []


@pytest.mark.parametrize("cut", [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
                                 b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhalf"])
def test_an_answer_that_is_cut_is_never_completed(node_before, cut):
    """The client must be able to tell: its connection ends inside the message, whichever framing it has."""

    def handle(exchange, _):
        exchange.read_head()
        exchange.send(cut)

    with ScriptedOrigin(handle) as origin:
        node = node_before(origin.address)
        with RawClient(node.port()) as client, pytest.raises(EOFError):
            client.send(GET).read()
