"""What the documents say is done: commands run, files validate, links and names exist."""

import functools
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile

import pytest

from support.pki import Authority
from support.weir_process import binary, free_port, run

# ctest: TIMEOUT 120
ROOT = pathlib.Path(__file__).parents[2]
PAGES = sorted(page.relative_to(ROOT).as_posix()
               for pattern in ("*.md", "docs/**/*.md", "examples/*.md") for page in ROOT.glob(pattern))
TOUR_SECONDS = 60


def text_of(page):
    return (ROOT / page).read_text()


def blocks(page, language):
    """The fenced blocks of a page with exactly this word, or these words, behind the fence."""
    return re.findall(rf"^```{re.escape(language)}\n(.*?)^```$", text_of(page), re.MULTILINE | re.DOTALL)


def prose(page):
    """The page without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", text_of(page), flags=re.MULTILINE | re.DOTALL)


def every(language):
    return [pytest.param(page, block, id=f"{page}:{number}")
            for page in PAGES for number, block in enumerate(blocks(page, language), 1)]


def anchor(heading):
    """The fragment that a heading is reached by, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES)
def test_every_relative_link_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, fragment = target.partition("#")
        file = (ROOT / page).parent / path if path else ROOT / page
        assert file.exists(), f"{page}: {target}"
        if fragment:
            headings = re.findall(r"^#+ (.*)$", file.read_text(), re.MULTILINE)
            assert fragment in map(anchor, headings), f"{page}: {target}"


def test_the_readme_leads_to_every_page():
    linked = set(re.findall(r"\]\((docs/[\w-]+\.md)\)", text_of("README.md")))
    assert linked == {page for page in PAGES if page.startswith("docs/") and page.count("/") == 1}


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/http.md"])
def test_every_named_file_of_ours_exists(page):
    folders = "base|config|net|storage|cluster|apps|actors|cli|dashboard|tests|bench|docs|packaging|cmake"
    named = re.findall(rf"`((?:{folders})/[\w./*-]*)`", prose(page))
    missing = [name for name in named if not any(ROOT.glob(name.rstrip("/"))) and not any(ROOT.glob(name + ".hpp"))
               and "_x." not in name and not re.search(r"/x[_/]", name)]
    assert not missing


def files_that(block):
    """The files that must exist for a configuration to be valid, each with the key that names it."""
    return re.findall(r"\b(cert|key|ca|client_ca|client_crl|env_file|token_file|[45]\d\d): ([\w./-]+)", block)


@functools.cache
def certificate():
    """A certificate and its key, as PEM: certificates are loaded when a configuration is validated."""
    with tempfile.TemporaryDirectory() as folder:
        made = [f"{folder}/cert.pem", f"{folder}/key.pem"]
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-subj", "/CN=example.com", "-addext", "subjectAltName=DNS:example.com", "-days", "30",
                        "-out", made[0], "-keyout", made[1]], check=True, capture_output=True)
        return tuple(pathlib.Path(name).read_text() for name in made)


@functools.cache
def authority():
    """An authority of clients and its revocation list, as PEM."""
    with tempfile.TemporaryDirectory() as folder:
        made = Authority(pathlib.Path(folder))
        return made.ca.read_text(), made.list().read_text()


def whole(block):
    """A fragment of a configuration, with what makes it a file."""
    if not re.search(r"^version:", block, re.MULTILINE):
        block = f"version: 1\n{block}"
    if not re.search(r"^sites:", block, re.MULTILINE):
        name = re.search(r"^(upstream|app)s:\s*(?:#.*)?\n?\s*\{?\s*([\w-]+):", block, re.MULTILINE)
        action = f"{name[1]}: {name[2]}" if name else "respond: { body: ok }"
        block += f'\nsites: [{{ hosts: ["*"], {action} }}]\n'
    return block


def validate(folder, block):
    for key, name in files_that(block):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        content = {"cert": certificate()[0], "ca": certificate()[0], "key": certificate()[1]}
        content |= dict(zip(("client_ca", "client_crl"), authority())) if key.startswith("client_") else {}
        (folder / name).write_text(content.get(key, ""))
    for name in re.findall(r"\busers: ([\w./-]+)", block):
        (folder / name).write_text("ann:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n")
    (folder / "weir.yaml").write_text(whole(block))
    return run("validate", folder / "weir.yaml")


@pytest.mark.parametrize("page, block", every("yaml"))
def test_every_configuration_is_valid(page, block, tmp_path):
    done = validate(tmp_path, block)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_wrong_configuration_in_a_page_would_be_seen(tmp_path):
    block = blocks("README.md", "yaml")[0]
    assert validate(tmp_path, block.replace("upstream: web", "upsteam: web")).returncode == 1


@pytest.mark.parametrize("page, block", every("json"))
def test_every_json_block_is_json(page, block):
    json.loads(block)


def test_the_commands_are_those_of_the_reference():
    offered = set(re.findall(r"^  (\w+) +[A-Z]", run("--help").stdout.split("Subcommands:")[1], re.MULTILINE))
    table = "\n".join(re.findall(r"^\| (`.*?) \|", text_of("docs/cli.md"), re.MULTILINE))
    named = set(re.findall(r"`(\w+)", table))
    assert offered == named


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "examples/README.md"])
def test_every_make_target_exists(page):
    targets = set(re.findall(r"^([a-z]+):", text_of("Makefile"), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", text_of(page), re.MULTILINE))
    assert named and named <= targets


class Tour:
    """The README's own example, on free ports, in one shell as a reader would type it."""

    WAITS = [
        "",
        "until [ \"$(weir upstream ls | grep -c ' up ')\" = 2 ]; do sleep 0.1; done\n",
        "until grep -q encoded_separator access.log; do sleep 0.1; done\n",
    ]

    def __init__(self, folder):
        self.folder = folder
        self.ports = {port: str(free_port()) for port in ("8080", "9900", "8001", "8002")}
        (folder / "bin").mkdir()
        (folder / "bin/weir").symlink_to(pathlib.Path(binary()).resolve())
        (folder / "weir.yaml").write_text(self.on_free_ports(blocks("README.md", "yaml")[0]))

    def on_free_ports(self, text):
        return re.sub(r"\b(8080|9900|8001|8002)\b", lambda match: self.ports[match[0]], text)

    def script(self):
        typed = blocks("README.md", "sh run")
        assert len(typed) == len(self.WAITS)
        steps = "".join(wait + block for wait, block in zip(self.WAITS, typed))
        return f"set -eu -o pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n{self.on_free_ports(steps)}"

    def take(self):
        """Runs the script; its own process group is all that is ended if it hangs."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("WEIR")}
        environment["PATH"] = f"{self.folder / 'bin'}:{environment['PATH']}"
        shell = subprocess.Popen(["/bin/bash", "-c", self.script()], cwd=self.folder, env=environment, text=True,
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                 start_new_session=True)
        try:
            output, _ = shell.communicate(timeout=TOUR_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(shell.pid, signal.SIGKILL)
            output, _ = shell.communicate()
            raise AssertionError(f"not within {TOUR_SECONDS} s:\n{output}") from None
        assert shell.returncode == 0, output
        return output


def test_a_reader_can_follow_the_readme(tmp_path):
    output = Tour(tmp_path).take()
    assert re.search(r"HTTP/1.1 200 OK.*X-Frame-Options: DENY.*\n(one|two)\n", output, re.DOTALL)
    assert "Cache-Control: max-age=3600" in output
    assert "HTTP/1.1 400 Bad Request" in output
    assert "nothing changed" in output
    assert 'weir_http_exchanges_ended_total{reason="bad_path"} 1' in output

    documented = set(re.findall(r"`(\w+)`", prose("docs/logging.md")))
    for line in (tmp_path / "access.log").read_text().splitlines():
        assert set(json.loads(line)) <= documented, line
