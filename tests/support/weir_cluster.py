"""Real clusters in tests: `weir cluster up` of a file with its own loopback addresses, and the processes it makes."""

import http.client
import itertools
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import threading
import time

from support.weir_process import Answer, UnixConnection, binary, run, wait_for

READY_SECONDS = 60
STOP_SECONDS = 90
BLOCK = itertools.count(os.getpid() % 2**19)  # tests of other processes count from elsewhere


def loopback_addresses(count):
    """Addresses of 127.128.0.0/9 that no other test uses now."""
    first = 1 << 23 | (next(BLOCK) % 2**19) << 4
    numbers = range(first + 1, first + 1 + count)
    return [f"127.{number >> 16}.{number >> 8 & 255}.{number & 255}" for number in numbers]


def free_port_of(address):
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


def processes_of(folder):
    """{pid: command line} of every process that has the folder in its arguments, environment or working folder."""
    mark, found = os.fsencode(str(folder)), {}
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            words = (entry / "cmdline").read_bytes()
            tokens = words + (entry / "environ").read_bytes() + os.fsencode(os.readlink(entry / "cwd"))
        except OSError:
            continue
        if mark in tokens and is_alive(int(entry.name)):
            found[int(entry.name)] = words.replace(b"\0", b" ").decode(errors="replace")
    return found


def descendants(pid):
    """The pids of all that the process and its children started and that still hang on it."""
    found = []
    for entry in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(child) for child in entry.read_text().split()]
        except OSError:
            continue
        found += children + [below for child in children for below in descendants(child)]
    return found


def resident_bytes(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) << 10


class Load:
    """GETs over kept connections from several threads, until the block ends. `failures` says what went wrong."""

    def __init__(self, urls, threads=2, method="GET", pause=0.0):
        self.count, self.failures = 0, []
        self._ask = method, pause
        self._lock, self._end = threading.Lock(), threading.Event()
        self._threads = [threading.Thread(target=self._run, args=url) for url in urls for _ in range(threads)]

    def _run(self, address, port, path):
        method, pause = self._ask
        connection = http.client.HTTPConnection(address, port, timeout=30)
        while not self._end.wait(pause):
            try:
                connection.request(method, path, headers={"Content-Length": "0"} if method == "POST" else {})
                response = connection.getresponse()
                response.read()
                wrong = None if 200 <= response.status < 300 else response.status
            except (OSError, http.client.HTTPException) as error:
                wrong = repr(error)
                connection.close()
            with self._lock:
                self.count += 1
                if wrong:
                    self.failures.append(wrong)
        connection.close()

    def wait_for_more(self, requests, seconds=30):
        """Until so many more were answered."""
        goal = self.count + requests
        wait_for(lambda: self.count >= goal, seconds, f"{requests} more requests")

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        for thread in self._threads:
            thread.join()


class Cluster:
    """A file with `count` nodes n1, n2 … and what `weir cluster up` makes of it. Ends with the `with` block, by pid."""

    def __init__(self, folder, rest, count=3):
        self.folder = pathlib.Path(folder)
        self.file = self.folder / "weir.yaml"
        self.log = self.folder / "output.txt"
        self.launcher = None
        self.names = [f"n{number}" for number in range(1, count + 1)]
        self.address = dict(zip(self.names, loopback_addresses(count)))
        self.http = {name: free_port_of(address) for name, address in self.address.items()}
        self.peer = {name: free_port_of(address) for name, address in self.address.items()}
        nodes = "".join(f"    {name}: {{address: {self.address[name]}, http: {self.http[name]}, "
                        f"peer: {self.peer[name]}}}\n" for name in self.names)
        self.file.write_text(f"version: 1\ncluster:\n  name: t\n  nodes:\n{nodes}  store: {{path: d}}\n"
                             f"listen: {{http: 8080}}\n{rest}")

    def launch(self):
        with open(self.log, "w") as log:
            self.launcher = subprocess.Popen([binary(), "cluster", "up", self.file], stdout=log,
                                             stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)

    def up(self):
        self.launch()
        for name in self.names:
            wait_for(lambda: self.ready_count(name) == 1, READY_SECONDS, f"{name} is ready:\n{self.output()}")
        return self

    def output(self):
        return self.log.read_text() if self.log.exists() else ""

    def pids(self, node):
        """Every pid this node had, oldest first, as the launcher told them."""
        return [int(pid) for pid in re.findall(rf"^{node} +\| node started: pid (\d+)$", self.output(), re.M)]

    def all_pids(self):
        return [pid for name in self.names for pid in self.pids(name)]

    def ready_count(self, node):
        return len(re.findall(rf"^{node} +\| node ready:", self.output(), re.M))

    def command(self, *arguments):
        return run(*arguments, "-c", self.file)

    def admin(self, node, path, method="GET"):
        connection = UnixConnection(str(self.folder / "d" / node / "weir.sock"))
        try:
            connection.request(method, path)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def states(self, node):
        """{name: state} as this node sees them; nothing while it does not answer."""
        try:
            members = self.admin(node, "/api/v1/cluster").json["nodes"]
        except (OSError, http.client.HTTPException, json.JSONDecodeError):
            return {}
        return {member["name"]: member["state"] for member in members}

    def wait_for_states(self, seconds=READY_SECONDS, **states):
        """Until every node that answers and is itself ready or drained sees these states; the rest is ready."""
        wanted = {name: states.get(name, "ready") for name in self.names}
        for name in self.names:
            if wanted[name] in ("ready", "draining"):
                wait_for(lambda: self.states(name) == wanted, seconds, f"{name} sees {wanted}, not {self.states(name)}")

    def urls(self, *nodes, path="/"):
        return [(self.address[node], self.http[node], path) for node in nodes]

    def end(self):
        """SIGTERM, at last SIGKILL; the launcher's exit code."""
        if self.launcher is None:
            return None
        if self.launcher.poll() is None:
            self.launcher.send_signal(signal.SIGTERM)
            try:
                self.launcher.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.launcher.kill()
                self.launcher.wait()
        return self.launcher.returncode

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()


class Watch:
    """Asks every node again and again, until the block ends, what it thinks of all; keeps what is not `ready`."""

    def __init__(self, cluster, pause=0.02):
        self.cluster, self.pause = cluster, pause
        self.seen, self.rounds = [], 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self):
        while not self._end.wait(self.pause):
            now = time.monotonic()
            for observer in self.cluster.names:
                for member, state in (self.cluster.states(observer) or {observer: "no answer"}).items():
                    if state != "ready":
                        self.seen.append((now, observer, member, state))
            self.rounds += 1

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        self._thread.join()
