"""Who is measured, and in what."""
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

CONF = Path(__file__).resolve().parent.parent / "conf"


@dataclass(frozen=True)
class System:
    """`conf`: file in the run folder -> template in conf/; `start`: foreground commands; `can`: what a scenario may need."""
    start: tuple
    can: frozenset
    conf: dict = field(default_factory=dict)

    def missing(self, binaries):
        """The program that is not there, or None."""
        for command in self.start:
            program = command.split()[0].replace("@BIN@", str(binaries))
            if not shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin"):
                return program
        return None


@dataclass(frozen=True)
class Scenario:
    needs: frozenset
    path: str
    size: int
    tls: bool = False
    connections: int = 64


def words(text):
    return frozenset(text.split())


SYSTEMS = {
    "nginx": System(("nginx -p @RUN@ -c @RUN@/nginx.conf -e @RUN@/nginx.err",),
                    words("proxy static tls limit cache"), {"nginx.conf": "nginx.conf"}),
    "haproxy": System(("haproxy -W -q -f @RUN@/haproxy.cfg",), words("proxy tls limit cache"),
                      {"haproxy.cfg": "haproxy.cfg"}),
    "varnish": System(("varnishd -F -n @RUN@/varnish -a 127.0.0.1:@PORT@ -b 127.0.0.1:@ORIGIN1@ -s malloc,256m"
                       " -p timeout_idle=3600",), words("cache")),
    "floor": System(("@BIN@/relay_floor @PORT@ @ORIGIN1@ @ORIGIN2@",), words("proxy small")),
    "relay-epoll": System(("@BIN@/relay_epoll @PORT@ @ORIGIN1@ @ORIGIN2@",), words("proxy")),
    "relay-asio": System(("@BIN@/relay_asio @PORT@ @ORIGIN1@ @ORIGIN2@",), words("proxy")),
    "weir": System(("@BIN@/weir run -c @RUN@/weir.yaml",), words("proxy static tls limit cache"),
                   {"weir.yaml": "weir.yaml"}),
}

SCENARIOS = {
    "proxy-small": Scenario(words("proxy"), "/1k", 1024),
    "proxy-64k": Scenario(words("proxy"), "/64k", 65536),
    "proxy-tls": Scenario(words("proxy tls"), "/1k", 1024, tls=True),
    "proxy-limited": Scenario(words("proxy limit"), "/1k", 1024),
    "cached-1k": Scenario(words("cache"), "/1k", 1024),
    "cached-64k": Scenario(words("cache"), "/64k", 65536),
    "static-1k": Scenario(words("static"), "/1k.txt", 1024),
    "static-1m": Scenario(words("static"), "/1m.txt", 1 << 20, connections=16),
}


def taking_part(scenario, chosen):
    """The floor takes whole messages only: small ones."""
    found = [name for name in chosen if SCENARIOS[scenario].needs <= SYSTEMS[name].can]
    return [name for name in found if name != "floor" or SCENARIOS[scenario].size <= 1024]
