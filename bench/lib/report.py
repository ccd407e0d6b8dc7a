"""Rows on disk, on the terminal and as markdown."""
import json
from collections import defaultdict
from statistics import median

BASE = "nginx"
MUST = ("proxy-small", "weir", 1.0)  # scenario, system, at most this times nginx's CPU per request


def rounds_of(scenario):
    """What the promise is about is measured until a noisy machine's median stands still."""
    return 9 if scenario == MUST[0] else 3


def save(folder, stamp, rows):
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{stamp}.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def load(files):
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def line(row):
    head = f"{row['scenario']:12} {row['system']:12} round {row['round']}"
    if "failed" in row:
        return f"{head}  FAILED {row['failed']}"
    wrong = row["errors"] + row["non2xx"]
    return (f"{head}  {row['cpu_us']:7.2f} us/request  {row['rps']:8.0f}/s  busy {row['busy']:4.0%}"
            f"  p99 {row['p99']:6d} us" + (f"  WRONG {wrong}" if wrong else "") + calls(row))


def calls(row):
    found = sorted(row.get("syscalls", {}).items(), key=lambda item: -item[1])
    return "".join(f"  {name} {count}" for name, count in found)


def ratio_to_base(rows, scenario, system):
    """Median over rounds of this system's CPU per request to the base's in the same round."""
    by_round = defaultdict(dict)
    for row in rows:
        if row["scenario"] == scenario and "failed" not in row:
            by_round[row["run"], row["round"]][row["system"]] = row["cpu_us"]
    ratios = [each[system] / each[BASE] for each in by_round.values() if system in each and BASE in each]
    return median(ratios) if ratios else None


def markdown(rows):
    lines = []
    for scenario in dict.fromkeys(row["scenario"] for row in rows):
        lines += [f"**{scenario}**", "", "| system | CPU us/request | to nginx | requests/s | busy | p50 us | p99 us | PSS MiB | rounds |",
                  "|---|---:|---:|---:|---:|---:|---:|---:|---:|"]
        for system in dict.fromkeys(row["system"] for row in rows if row["scenario"] == scenario):
            lines.append(table_row(rows, scenario, system))
        lines.append("")
    return "\n".join(lines)


def table_row(rows, scenario, system):
    mine = [row for row in rows if (row["scenario"], row["system"]) == (scenario, system) and "failed" not in row]
    if not mine:
        return f"| {system} | failed | | | | | | | 0 |"
    middle = {key: median(row[key] for row in mine) for key in ("cpu_us", "rps", "busy", "p50", "p99", "pss_kib")}
    ratio = ratio_to_base(rows, scenario, system)
    return (f"| {system} | {middle['cpu_us']:.1f} | {f'{ratio:.2f}' if ratio else ''} | {middle['rps']:.0f} | {middle['busy']:.0%}"
            f" | {middle['p50']:.0f} | {middle['p99']:.0f} | {middle['pss_kib'] / 1024:.1f} | {len(mine)} |")


def verdict(rows):
    """Exit code: 1 when the one promise about speed is measured and broken, or answers were wrong."""
    wrong = [row for row in rows if row.get("errors", 0) + row.get("non2xx", 0)]
    for row in wrong:
        print(f"wrong answers: {line(row)}")
    scenario, system, most = MUST
    ratio = ratio_to_base(rows, scenario, system)
    if ratio:
        print(f"{system} needs {ratio:.2f} times the CPU of {BASE} per request in {scenario} (must: at most {most})")
    return 1 if wrong or (ratio and ratio > most) else 0
