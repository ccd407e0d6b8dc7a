"""A node that goes out of service tells its clients, and loses none of the requests that are on their way to it."""

import signal

import pytest

from support.raw_client import RawClient
from support.weir_process import Node, free_port

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
REQUESTS_MAX = 10_000


class Site(Node):
    def __init__(self, folder):
        self.port = free_port()
        super().__init__(folder, f"""version: 1
cluster: {{ store: {{ path: data }} }}
listen: {{ http: "127.0.0.1:{self.port}" }}
log: {{ access: off }}
sites: [ {{ hosts: ["*"], respond: {{ status: 200, body: pong }} }} ]
""")


@pytest.fixture
def node(tmp_path):
    with Site(tmp_path) as made:
        yield made


def is_last(answer):
    assert answer.status == 200
    return answer.field(b"connection") == b"close"


def ask_until_told(client):
    """Every request is answered until an answer says that it is the last."""
    for _ in range(REQUESTS_MAX):
        if is_last(client.send(GET).read()):
            return
    raise AssertionError("never told")


def test_a_kept_connection_is_told_of_a_drain_with_its_next_answer(node):
    with RawClient(node.port) as kept:
        assert not is_last(kept.send(GET).read())
        name = node.admin("GET", "/api/v1/status").json["node"]
        assert node.command("drain", name).returncode == 0
        assert is_last(kept.send(GET).read())
        assert kept.closed()
        assert node.command("undrain", name).returncode == 0
    with RawClient(node.port) as fresh:
        assert not is_last(fresh.send(GET).read())


def test_a_busy_connection_loses_no_request_to_sigterm(node):
    with RawClient(node.port) as kept:
        assert not is_last(kept.send(GET).read())
        node.signal(signal.SIGTERM)
        ask_until_told(kept)
        assert kept.closed()
    assert node.process.wait(20) == 0


def test_an_idle_connection_does_not_hold_up_the_end(node):
    with RawClient(node.port) as kept:
        assert not is_last(kept.send(GET).read())
        node.signal(signal.SIGTERM)
        assert node.process.wait(5) == 0
        assert kept.closed()
