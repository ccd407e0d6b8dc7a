"""One real `weir run` process with a folder of its own, for integration tests."""
import json
import os
import pathlib
import re
import signal
import subprocess
import threading
import time

from support.weir_process import UnixConnection

BINARY = os.environ.get("WEIR", "build/dev/bin/weir")


class WeirNode:
    """Starts on free ports; `stop` drains and checks the exit code, `kill` does neither."""

    def __init__(self, folder, config, *, node=None, env=None, admin=True):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.file = self.folder / "weir.yaml"
        text = config
        if "cluster:" not in text:
            text += f'\ncluster: {{ store: {{ path: "{self.folder}/data" }} }}\n'
        self.file.write_text(text)
        argv = [BINARY, "run", "-c", str(self.file)] + (["--node", node] if node else [])
        self.process = subprocess.Popen(
            argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
            env={**os.environ, **(env or {})})
        self.lines, self.access = [], []
        self._changed = threading.Condition()
        self._readers = [threading.Thread(target=self._read, args=(pipe, into), daemon=True)
                         for pipe, into in ((self.process.stderr, self.lines), (self.process.stdout, self.access))]
        for reader in self._readers:
            reader.start()
        try:
            self.wait_for_line(r"\bready\b", 20)
            self.wait_for_line(r"\blistening\b", 5)
        except BaseException:
            self.kill()
            raise

    def _read(self, pipe, into):
        for line in pipe:
            with self._changed:
                into.append(line.decode(errors="replace").rstrip("\n"))
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    def wait(self, condition, seconds, what):
        """Waits until `condition()` holds; it is asked again with every line the node writes, and often enough besides."""
        end = time.monotonic() + seconds
        with self._changed:
            while not condition():
                left = end - time.monotonic()
                assert left > 0, f"not within {seconds} s: {what}\n" + "\n".join(self.lines[-30:])
                assert self.process.poll() is None or condition(), f"weir ended: {what}\n" + "\n".join(self.lines[-30:])
                self._changed.wait(min(left, 0.05))

    def wait_for_line(self, pattern, seconds=5):
        found = []

        def there():
            found[:] = [line for line in self.lines if re.search(pattern, line)]
            return bool(found)

        self.wait(there, seconds, f"a log line like {pattern!r}")
        return found[-1]

    def wait_for_access(self, seconds=5, count=1):
        self.wait(lambda: len(self.access) >= count, seconds, f"{count} access log lines")
        return self.access

    def log_line(self, **wanted):
        """The last line of the access log that says this; waits for it."""
        found = []

        def there():
            found[:] = [line for line in map(json.loads, self.access) if all(line.get(k) == v for k, v in wanted.items())]
            return bool(found)

        self.wait(there, 5, f"an access log line with {wanted}")
        return found[-1]

    def metrics(self):
        """The page of metrics, over the node's own socket."""
        connection = UnixConnection(str(next((self.folder / "data").rglob("weir.sock"))))
        try:
            connection.request("GET", "/metrics")
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def metric(self, name, **labels):
        """The sum of the series that have these labels."""
        rows = re.findall(rf"^{name}(?:{{([^}}]*)}})? (\S+)$", self.metrics(), re.MULTILINE)
        return sum(float(value) for found, value in rows
                   if all(f'{key}="{wanted}"' in found for key, wanted in labels.items()))

    def port(self, protocol="http"):
        line = self.wait_for_line(rf"listening protocol={protocol} ")
        return int(re.search(r"address=\S*:(\d+)", line)[1])

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self, seconds=20):
        if self.process.poll() is None:
            self.process.terminate()
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        finally:
            self._close()
        return code

    def kill(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self._close()

    def __enter__(self):
        return self

    def __exit__(self, failed, *_):
        if failed:
            self.kill()
        else:
            assert self.stop() == 0

    def _close(self):
        for reader in self._readers:
            reader.join(5)
        self.process.stdout.close()
        self.process.stderr.close()
