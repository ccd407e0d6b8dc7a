#!/usr/bin/python3
"""Checks what reviewers should not have to: floors, bans, lengths, first lines. Exit code 1 if anything is wrong."""

import argparse
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from cpp_text import functions, strip, without_raw_strings  # noqa: E402

# The floor plan: a folder includes itself and these, and nothing else of ours.
LOWER = ["base", "config"]
FLOORS = {
    "base": [],
    "config": ["base"],
    "net": LOWER,
    "storage": LOWER,
    "cluster": LOWER,
    "apps": LOWER,
    "actors": LOWER + ["net", "storage", "cluster", "apps"],
    "cli": LOWER + ["net"],
}
# main.cpp is the composition root: it alone also sees the commands.
ROOT_FILE, ROOT_SEES = "actors/main.cpp", ["cli"]

# Libraries with a home: who may include what begins like this.
HOMES = {
    "caf/": ["actors"],
    "rocksdb/": ["storage"],
    "google/protobuf": ["cluster"],
    "openssl/": ["net"],
    "pcre2": ["net"],
    "zlib.h": ["net"],
    "brotli/": ["net"],
    "zstd.h": ["net"],
    "crypt.h": ["net"],
    "ares.h": ["net"],
    "boost/asio": ["net", "actors"],
    "boost/beast": ["net"],
    "yaml-cpp/": ["config"],
    "CLI/": ["cli"],
}

# (pattern in code without comments and strings, the files it may stand in, why not elsewhere)
BANS = [
    (r"\bcaf::infinite\b", (), "a lost reply would hide for ever: give the request a deadline"),
    (r"\.\s*await\s*\(", (), "blocks exit messages: use .then"),
    (r"\bregistry\s*\(\s*\)\s*\.\s*(put|get|erase)", (), "hand actors over at spawn instead"),
    # The main thread paces the end of the node, when no loop is left to hold a timer.
    (r"\bsleep_for\b|\bsleep_until\b", ("actors/node.cpp",), "wait for a condition, or take a timer"),
    (r"\bstd::cout\b", ("cli/",), "stdout belongs to the commands: use base/log"),
    (r"\bsystem_clock::now\b", ("base/clock",), "take a clock_source: tests own the time"),
    (r"\brequest\s*<\s*caf::message_priority", (), "drops the priority with std::chrono timeouts"),
]
OPEN_ENDS = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
MACHINE_PATHS = re.compile(r"(?<![\w.])/(work|root)/\w|(?<![\w.])/home/(?!u[/\"])\w")

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70
LINE_COLUMNS_MAX = 100

CPP = (".cpp", ".hpp")
COMMENT_STARTS = {
    ".cpp": ("// ",),
    ".hpp": ("// ",),
    ".py": ('"""', 'r"""', "# "),
    ".cmake": ("# ",),
    ".proto": ("// ",),
    ".js": ("// ", "/* "),
    ".css": ("/* ",),
    "CMakeLists.txt": ("# ",),
    "Makefile": ("# ",),
}
SKIPPED = ("build/", ".git", ".cache/", "tests/fuzz/corpus/", "tests/fuzz/crashes/",
           "examples/django/run/", "examples/proxy/run/")
# Files that must spell what they forbid.
ABOUT_RULES = ("tests/tidy/check.py", "tests/tidy/check_test.py")


def in_folder(path, homes):
    """True if the path lies under one of the homes ("cli/") or begins like it ("base/clock")."""
    return any(path.startswith(home) for home in homes)


def check_includes(path, text, exists):
    """Floors: which of our folders, and which libraries, a file may include; its own header first."""
    folder = path.split("/")[0]
    includes = re.findall(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', text, re.MULTILINE)
    if folder in FLOORS:
        seen = {folder, *FLOORS[folder], *(ROOT_SEES if path == ROOT_FILE else [])}
        for _, name in includes:
            target = name.split("/")[0]
            if target in FLOORS and "/" in name and target not in seen:
                yield 1, f"{folder} must not include {name}: {target} is not on a floor below it"
            for prefix, homes in HOMES.items():
                if name.startswith(prefix) and folder not in homes:
                    yield 1, f"{folder} must not include <{name}>: it belongs to {', '.join(homes)}"
    own = path.removesuffix(".cpp") + ".hpp"
    if path.endswith(".cpp") and exists(own) and (not includes or includes[0] != ('"', own)):
        yield 1, f'must include "{own}" first: that proves the header complete'


def check_bans(path, code):
    """Calls and names that have one home, or none."""
    tests = path.startswith("tests/") and not path.startswith(("tests/unit/", "tests/property/", "tests/sim/"))
    for pattern, homes, why in BANS:
        if in_folder(path, homes) or tests:
            continue
        for match in re.finditer(pattern, code):
            yield code.count("\n", 0, match.start()) + 1, f"{match.group().strip()}: {why}"


def check_words(path, text):
    """Loose ends and paths of one machine, in every kind of file."""
    if path in ABOUT_RULES:
        return
    for number, line in enumerate(text.splitlines(), 1):
        if match := OPEN_ENDS.search(line):
            yield number, f"{match.group()}: finish it, or open an issue"
        if match := MACHINE_PATHS.search(line):
            yield number, f"path of one machine: {match.group()}…"


def check_first_line(path, text):
    """The first line says what the file is for."""
    name = path.rsplit("/", 1)[-1]
    starts = COMMENT_STARTS.get(name) or COMMENT_STARTS.get(pathlib.PurePath(name).suffix)
    lines = text.splitlines() or [""]
    if lines[0].startswith("#!"):
        starts, lines = starts or ("# ", '"""'), lines[1:] or [""]
    if starts and text.strip() and not lines[0].startswith(starts):
        yield 1, f"the first line must be a comment that says what the file is for ({' or '.join(starts)})"


def check_shape(path, text, code):
    """Lengths, line widths, #pragma once."""
    lines = without_raw_strings(text).splitlines()
    if len(lines) > FILE_LINES_MAX:
        yield 1, f"{len(lines)} lines: split it, {FILE_LINES_MAX} at most"
    if path.endswith(".hpp") and "\n#pragma once\n" not in text:
        yield 1, "a header begins with #pragma once"
    for number, line in enumerate(lines, 1):
        if len(line) > LINE_COLUMNS_MAX and "http" not in line:
            yield number, f"{len(line)} columns: {LINE_COLUMNS_MAX} at most"
    for name, first, last in functions(code):
        if last - first + 1 > FUNCTION_LINES_MAX:
            yield first, f"{name} has {last - first + 1} lines: {FUNCTION_LINES_MAX} at most"


def check_file(path, text, exists=lambda path: False):
    """All (line, sentence) complaints about one file; `exists` tells whether another path of the tree does."""
    yield from check_words(path, text)
    yield from check_first_line(path, text)
    if path.endswith(CPP):
        code = strip(text)
        yield from check_includes(path, text, exists)
        yield from check_bans(path, code)
        yield from check_shape(path, text, code)
    elif path.endswith(".py") and len(text.splitlines()) > FILE_LINES_MAX:
        yield 1, f"more than {FILE_LINES_MAX} lines: split it"


def text_files(root):
    """(path, text) of every text file of the tree that we wrote."""
    for file in sorted(root.rglob("*")):
        path = file.relative_to(root).as_posix()
        if path.startswith(SKIPPED) or "/__pycache__/" in path or not file.is_file():
            continue
        try:
            yield path, file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", nargs="?", type=pathlib.Path, default=pathlib.Path(__file__).parents[2])
    root = parser.parse_args().root.resolve()
    count = 0
    for path, text in text_files(root):
        for line, sentence in check_file(path, text, lambda other: (root / other).exists()):
            print(f"{path}:{line}: {sentence}")
            count += 1
    if count:
        print(f"{count} complaints")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
