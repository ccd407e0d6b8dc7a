"""What an idle connection costs: memory of a proxy that many keep-alive clients are connected to and ask nothing."""
import contextlib
import resource
import socket
import ssl
import time

from lib import systems

WARM_UP = 200
SETTLE = 8.0  # seconds: servers keep what a busy client needs for a while


def rows(bench, chosen, count):
    """One row for each system, without and with TLS."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    for scenario in ("proxy-small", "proxy-tls"):
        for system in systems.taking_part(scenario, chosen):
            yield dict(scenario=scenario, system=system, **_measure(bench, system, scenario, count))


def _measure(bench, system, scenario, count):
    tls = systems.SCENARIOS[scenario].tls
    with bench.started(system, scenario) as proxy:
        with _connected(bench.port, tls, WARM_UP):
            pass
        before = proxy.pss_kib()
        with _connected(bench.port, tls, count):
            time.sleep(SETTLE)
            return dict(bytes=(proxy.pss_kib() - before) * 1024 // count)


@contextlib.contextmanager
def _connected(port, tls, count):
    """So many clients that have had one answer each."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with contextlib.ExitStack() as clients:
        for _ in range(count):
            sock = clients.enter_context(socket.create_connection(("127.0.0.1", port), 5))
            if tls:
                sock = clients.enter_context(context.wrap_socket(sock, server_hostname="localhost"))
            sock.sendall(b"GET /1k HTTP/1.1\r\nHost: localhost\r\n\r\n")
            _read_answer(sock)
        yield


def _read_answer(sock):
    got = b""
    while b"\r\n\r\n" not in got or len(got.partition(b"\r\n\r\n")[2]) < 1024:
        part = sock.recv(65536)
        if not part:
            raise RuntimeError("a connection was closed")
        got += part
