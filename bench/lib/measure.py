"""One row: start a system, load it, count its CPU time, stop it."""
import contextlib
import json
import math
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from lib import accounting, probe, systems
from lib.group import Group
from lib.template import render, substitute

HERE = Path(__file__).resolve().parent.parent
BODY = "0123456789abcde\n"
PROXY_CPUS, LOAD_CPUS = {0}, {1}


@dataclass
class Setting:
    binaries: Path
    pinned: bool = True
    port_base: Optional[int] = None
    realtime: bool = False


class Bench:
    """Owns the temporary folder and the origin for as long as measuring goes on."""

    def __init__(self, setting):
        self.setting = setting
        pinned = setting.pinned and len(os.sched_getaffinity(0)) > 1
        self.proxy_cpus, self.load_cpus = (PROXY_CPUS, LOAD_CPUS) if pinned else (None, None)
        self.workers = 1 if pinned else 2
        self.accounting_name, self.account = accounting.choose()
        base = setting.port_base
        self.port, self.origin1, self.origin2 = (base, base + 1, base + 2) if base else probe.free_ports(3)

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="weir-bench."))
        self.folder.chmod(0o755)  # nginx's worker may run as another user
        self.documents = self.folder / "documents"
        self.documents.mkdir()
        for name, size in (("64k", 65536), ("1k.txt", 1024), ("1m.txt", 1 << 20)):
            (self.documents / name).write_text(BODY * (size // len(BODY)))
        self._make_certificate()
        self.origin = None
        try:
            self._start_origin()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.origin:
            self.origin.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _make_certificate(self):
        self.cert, self.key, self.pem = (self.folder / name for name in ("cert.pem", "key.pem", "both.pem"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "30", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                        "-keyout", self.key, "-out", self.cert], check=True, stderr=subprocess.DEVNULL)
        self.pem.write_text(self.cert.read_text() + self.key.read_text())

    def _group(self, name, cpus):
        return Group(self.account(name), cpus, self.setting.realtime)

    def _values(self, run, scenario=None):
        return dict(RUN=run, PORT=self.port, ORIGIN1=self.origin1, ORIGIN2=self.origin2, WORKERS=self.workers,
                    DOCUMENTS=self.documents, CERT=self.cert, KEY=self.key, PEM=self.pem, BIN=self.setting.binaries,
                    BODY1K=(BODY * 64).replace("\n", "f"), ROOT=os.geteuid() == 0,
                    TLS=bool(scenario and scenario.tls), PROXY=bool(scenario and scenario.needs & {"proxy", "cache"}),
                    LIMIT=bool(scenario and "limit" in scenario.needs),
                    CACHE=bool(scenario and "cache" in scenario.needs),
                    BIG=bool(scenario and scenario.size > 16384))

    def _start_origin(self):
        run = self.folder / "origin"
        run.mkdir()
        (run / "origin.conf").write_text(render((systems.CONF / "origin.conf").read_text(), self._values(run)))
        self.origin = self._group("origin", self.load_cpus)
        process = self.origin.spawn(["nginx", "-p", run, "-c", run / "origin.conf", "-e", run / "error.log"])
        probe.wait_until_ready(self.origin1, systems.SCENARIOS["proxy-small"], process)

    def measure(self, system, scenario, seconds, strace):
        try:
            with self.started(system, scenario) as proxy:
                return self._load_and_count(proxy, systems.SCENARIOS[scenario], seconds, strace)
        except (RuntimeError, subprocess.SubprocessError) as error:
            return dict(failed=str(error))

    @contextlib.contextmanager
    def started(self, system, scenario):
        """The system's processes, ready for the scenario's requests."""
        system, scenario = systems.SYSTEMS[system], systems.SCENARIOS[scenario]
        missing = system.missing(self.setting.binaries)
        if missing:
            raise RuntimeError(f"no {missing}")
        run = Path(tempfile.mkdtemp(prefix="run.", dir=self.folder))
        run.chmod(0o755)
        values = self._values(run, scenario)
        for name, template in system.conf.items():
            (run / name).write_text(render((systems.CONF / template).read_text(), values))
        proxy = self._group("proxy", self.proxy_cpus)
        try:
            with open(run / "output", "w") as output:
                for command in system.start:
                    process = proxy.spawn(substitute(command, values).split(), stdout=output, stderr=output, cwd=run)
            try:
                probe.wait_until_ready(self.port, scenario, process)
            except RuntimeError as error:
                raise RuntimeError(f"{error}; {(run / 'output').read_text()[-300:]}") from error
            yield proxy
        finally:
            proxy.stop()
            shutil.rmtree(run, ignore_errors=True)

    def _load_and_count(self, proxy, scenario, seconds, strace):
        self._load(scenario, 1)
        cpu = proxy.seconds()
        row = self._load(scenario, seconds)
        cpu = proxy.seconds() - cpu
        if row["requests"] == 0:
            raise RuntimeError("no request was answered")
        row.update(rps=row["requests"] / row["secs"], cpu_us=cpu * 1e6 / row["requests"], busy=cpu / row["secs"],
                   pss_kib=proxy.pss_kib())
        if strace:
            row["syscalls"] = self._count_calls(proxy, scenario)
        return row

    def _load(self, scenario, seconds):
        url = f"{'https' if scenario.tls else 'http'}://127.0.0.1:{self.port}{scenario.path}"
        group = self._group("load", self.load_cpus)
        try:
            process = group.spawn(["timeout", str(seconds + 20), "wrk", f"-t{self.workers}", f"-c{scenario.connections}",
                                   f"-d{math.ceil(seconds)}s", "--timeout", "5s", "-s", HERE / "load" / "done.lua", url],
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            said = process.communicate()[0].decode()
        finally:
            group.stop()
        if "@@{" not in said:
            raise RuntimeError(said[-300:])
        return json.loads(said.split("@@")[1])

    def _count_calls(self, proxy, scenario):
        """System calls per request, from a run of their own: strace makes everything slow."""
        file = self.folder / "strace"
        pids = [word for pid in proxy.pids() for word in ("-p", str(pid))]
        tracer = subprocess.Popen(["strace", "-c", "-f", "-q", "-o", file, *pids], stderr=subprocess.DEVNULL)
        time.sleep(0.5)
        requests = self._load(scenario, 2)["requests"]
        tracer.send_signal(signal.SIGINT)
        tracer.wait(10)
        counts = {line.split()[-1]: int(line.split()[3]) / requests for line in file.read_text().splitlines()
                  if re.match(r"\s*\d+\.\d+\s", line) and line.split()[-1] != "total"}
        return {name: round(count, 2) for name, count in counts.items() if count >= 0.02}
