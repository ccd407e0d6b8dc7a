"""Processes that are started, counted and stopped together."""
import os
import re
import signal
import subprocess
import time

STOP_LIMIT = 5.0


class Group:
    def __init__(self, account, cpus, realtime):
        self.account, self.cpus, self.realtime = account, cpus, realtime
        self.processes = []

    def spawn(self, argv, **options):
        def prepare():
            self.account.enter()
            if self.cpus:
                os.sched_setaffinity(0, self.cpus)
            if self.realtime:
                os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
        process = subprocess.Popen(argv, preexec_fn=prepare, stdin=subprocess.DEVNULL, **options)
        self.processes.append(process)
        return process

    def roots(self):
        return [process.pid for process in self.processes if process.poll() is None]

    def pids(self):
        return self.account.pids(self.roots())

    def seconds(self):
        return self.account.seconds(self.roots())

    def pss_kib(self):
        total = 0
        for pid in self.pids():
            try:
                with open(f"/proc/{pid}/smaps_rollup") as file:
                    total += int(re.search(r"^Pss:\s+(\d+)", file.read(), re.M)[1])
            except (OSError, TypeError):
                continue
        return total

    def stop(self):
        """SIGTERM, then after a while SIGKILL to whatever of ours is left."""
        everyone = self.pids()
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
        end = time.monotonic() + STOP_LIMIT
        while self.pids() and time.monotonic() < end:
            time.sleep(0.02)
        for pid in {*everyone, *self.pids()} & set(self.pids()):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        for process in self.processes:
            process.wait()
        while self.pids() and time.monotonic() < end + STOP_LIMIT:
            time.sleep(0.02)
        self.account.close()
