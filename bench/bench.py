#!/usr/bin/python3
"""Measures Weir beside nginx, HAProxy and a bare relay. docs/benchmarks.md says what and how.

  bench.py run [-s SCENARIO,..] [-p SYSTEM,..] [-r ROUNDS] [-d SECONDS] [--strace] [--free]
  bench.py idle [-c CONNECTIONS] [-p SYSTEM,..]      memory per idle connection
  bench.py report [FILE..]      markdown from saved rows
  bench.py list                 scenarios, and who takes part
"""
import argparse
import sys
import time
from pathlib import Path

from lib import idle as memory
from lib import report, systems
from lib.measure import Bench, Setting

HERE = Path(__file__).resolve().parent


def names(text, known):
    chosen = text.split(",") if text else list(known)
    for name in chosen:
        if name not in known:
            sys.exit(f"bench: unknown {name!r}; there are {', '.join(known)}")
    return chosen


def run(options):
    scenarios = names(options.scenarios, systems.SCENARIOS)
    chosen = names(options.systems, systems.SYSTEMS)
    stamp = time.strftime("%Y%m%d-%H%M%S")
    rows = []
    setting = Setting(binaries=options.binaries, pinned=not options.free, port_base=options.port_base,
                      realtime=options.realtime)
    with Bench(setting) as bench:
        print(f"cpu time from {bench.accounting_name}; rounds of {options.seconds} s;"
              f" {'proxy on CPU 0, load and origin on CPU 1' if not options.free else 'not pinned'}")
        for scenario in scenarios:
            for round_ in range(options.rounds or report.rounds_of(scenario)):
                for system in systems.taking_part(scenario, chosen):
                    row = bench.measure(system, scenario, options.seconds, options.strace)
                    row.update(round=round_, system=system, scenario=scenario, run=stamp)
                    rows.append(row)
                    print(report.line(row), flush=True)
    if not options.discard:
        print(f"rows saved in {report.save(options.results, stamp, rows)}")
    print("\n" + report.markdown(rows))
    sys.exit(report.verdict(rows))


def idle(options):
    with Bench(Setting(binaries=options.binaries)) as bench:
        for row in memory.rows(bench, names(options.systems, systems.SYSTEMS), options.connections):
            print(f"{row['scenario']:12} {row['system']:12} {row['bytes']:7d} bytes per idle connection", flush=True)


def show(options):
    files = options.files or sorted(options.results.glob("*.jsonl"))
    print(report.markdown(report.load(files)))


def list_all(_):
    for scenario in systems.SCENARIOS:
        print(f"{scenario:12}", *systems.taking_part(scenario, systems.SYSTEMS))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    measured = argparse.ArgumentParser(add_help=False)
    measured.add_argument("--binaries", type=Path, default=HERE.parent / "build" / "release" / "bin")
    parser.add_argument("--results", type=Path, default=HERE.parent / "build" / "bench", help="where rows are kept")
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("run", parents=[measured])
    command.set_defaults(call=run)
    command.add_argument("-s", "--scenarios", help="comma-separated; default all")
    command.add_argument("-p", "--systems", help="comma-separated; default all that are there")
    command.add_argument("-r", "--rounds", type=int, help="default 3; 9 where a promise hangs on it")
    command.add_argument("-d", "--seconds", type=int, default=2, help="of load per row, after a second of warm-up")
    command.add_argument("-n", "--discard", action="store_true", help="do not save the rows")
    command.add_argument("--strace", action="store_true", help="also count system calls per request")
    command.add_argument("--free", action="store_true", help="pin nothing")
    command.add_argument("--port-base", type=int, help="use these three ports; default: free ones")
    command.add_argument("--realtime", action="store_true", help="as root: keep others off while measuring (SCHED_RR)")
    command = commands.add_parser("idle", parents=[measured])
    command.set_defaults(call=idle)
    command.add_argument("-c", "--connections", type=int, default=4000)
    command.add_argument("-p", "--systems", default="nginx,haproxy,weir", help="comma-separated")
    command = commands.add_parser("report")
    command.set_defaults(call=show)
    command.add_argument("files", nargs="*", type=Path)
    commands.add_parser("list").set_defaults(call=list_all)
    options = parser.parse_args()
    options.call(options)


if __name__ == "__main__":
    main()
