"""The verbs about configuration files: schema, fmt, plan; and formats of the access log, end to end.

Method: the documents' own examples, and one real node."""

import json
import pathlib
import re

import jsonschema
import pytest
import yaml

from support.weir_process import Node, fetch, free_port, run, wait_for

ROOT = pathlib.Path(__file__).parents[2]
EXAMPLES = [pytest.param(block, id=f"{page.name}:{number}")
            for page in sorted(ROOT.glob("docs/*.md")) for number, block in
            enumerate(re.findall(r"^```yaml\n(.*?)^```$", page.read_text(), re.M | re.S), 1) if "version: 1" in block]


class Loader(yaml.SafeLoader):
    """YAML 1.2: `off` is a word."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, expression) for tag, expression in rules if tag != "tag:yaml.org,2002:bool"]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|false)$"), list("tf"))


@pytest.fixture(scope="module")
def schema():
    done = run("schema")
    assert done.returncode == 0
    made = json.loads(done.stdout)
    jsonschema.Draft202012Validator.check_schema(made)
    return jsonschema.Draft202012Validator(made)


# -- schema ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("text", EXAMPLES)
def test_the_schema_takes_what_the_documents_show(schema, text):
    assert [error.message for error in schema.iter_errors(yaml.load(text, Loader))] == []


@pytest.mark.parametrize("text, key", [
    ("version: 1\nsitess: []", "sitess"),
    ("version: 1\nsites: [ { hosts: [a], upstrem: x } ]", "upstrem"),
    ("version: 1\nupstreams: { a: { servers: [b], balance: { hsh: x } } }", "hsh"),
])
def test_the_schema_knows_the_keys(schema, text, key):
    assert any(key in error.message or any(key in inner.message for inner in error.context)
               for error in schema.iter_errors(yaml.load(text, Loader)))


def test_the_schema_knows_what_is_required_and_what_words_there_are(schema):
    wrong = yaml.load("version: 1\nlog: { level: loud }\nupstreams: { a: {} }", Loader)
    messages = " ".join(error.message for error in schema.iter_errors(wrong))
    assert "'loud' is not one of" in messages and "'servers' is a required property" in messages


# -- fmt ------------------------------------------------------------------------------------------

@pytest.mark.parametrize("text", EXAMPLES)
def test_the_documents_have_the_one_layout(tmp_path, text):
    file = tmp_path / "weir.yaml"
    file.write_text(text)
    assert run("fmt", "--check", file).returncode == 0, run("fmt", file).stdout


def test_a_file_gets_the_layout_and_keeps_comments_mode_and_link(tmp_path):
    file, link = tmp_path / "real.yaml", tmp_path / "weir.yaml"
    file.write_text("# site\nversion: 1\n\n\nsites:\n-   hosts: [a]   # all of it\n    respond: {status: 204}\n")
    file.chmod(0o640)
    link.symlink_to(file)
    wanted = "# site\nversion: 1\n\nsites:\n  - hosts: [a]   # all of it\n    respond: {status: 204}\n"
    assert run("fmt", link).stdout == wanted
    assert run("fmt", "--check", link).returncode == 1
    assert run("fmt", "--write", link).returncode == 0
    assert file.read_text() == wanted and link.is_symlink() and file.stat().st_mode & 0o777 == 0o640
    assert run("fmt", "--check", link).returncode == 0


def test_standard_input_is_a_file_too():
    assert run("fmt", "-", input="a:\n    b: 1").stdout == "a:\n  b: 1\n"


def test_what_is_no_yaml_is_left_alone(tmp_path):
    file = tmp_path / "weir.yaml"
    file.write_text("a: [1\n")
    done = run("fmt", "--write", file)
    assert done.returncode == 1 and f"{file}:" in done.stdout
    assert file.read_text() == "a: [1\n"


# -- plan and the access log ----------------------------------------------------------------------

CONFIG = """version: 1
cluster: {{ store: {{ path: data }} }}
listen: {{ http: "127.0.0.1:{port}" }}
log: {{ access: {{ path: access.log, format: '{format}' }} }}
sites: [ {{ hosts: ["*"], respond: {{ status: 200, body: tea }} }} ]
"""


def node_with(folder, format="common"):
    port = free_port()
    node = Node(folder, CONFIG.format(port=port, format=format))
    node.url = f"http://127.0.0.1:{port}/"
    return node


def test_a_plan_says_what_would_change_and_changes_nothing(tmp_path):
    with node_with(tmp_path) as node:
        assert node.command("plan").stdout == "nothing would change\n"
        other = tmp_path / "next.yaml"
        other.write_text(node.file.read_text().replace("status: 200", "status: 418").replace('["*"]', '["*", b.example]')
                         + "upstreams: { api: { servers: [127.0.0.1:9] } }\nlimits: { body: 1MiB }\nshards: 1\n")
        done = node.command("plan", other)
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines() == ["upstreams: +api", "sites: ~*", "limits", "shards (after a restart)"]
        assert fetch(node.url).status == 200
        assert node.admin("GET", "/api/v1/status").json["config"]["version"] == 1
        other.write_text("version: 1\nsitess: []\n")
        done = node.command("plan", other)
        assert done.returncode == 1 and 'did you mean "sites"?' in done.stderr


def test_a_plan_reads_no_files_but_those_beside_the_nodes_own(tmp_path):
    (tmp_path / "node").mkdir()
    elsewhere = tmp_path / "other.yaml"
    elsewhere.write_text("version: 1\n")
    with node_with(tmp_path / "node") as node:
        done = node.command("plan", elsewhere)
        assert done.returncode == 1 and "must lie in the folder" in done.stderr


@pytest.mark.parametrize("format, wanted", [
    ("common", r'127\.0\.0\.1 - - \[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d \+0000\] "GET /%22x HTTP/1\.1" 200 \d+'),
    ("combined", r'127\.0\.0\.1 - - \[[^]]+\] "GET /%22x HTTP/1\.1" 200 \d+ "-" "a\\x22b"'),
    ("$method ${host} $status $duration_ms $$1 $upstream $reason", r"GET 127\.0\.0\.1:\d+ 200 \d+\.\d{3} \$1 - completed"),
])
def test_the_access_log_has_the_format_that_was_asked_for(tmp_path, format, wanted):
    with node_with(tmp_path, format) as node:
        fetch(node.url + "%22x", headers={"User-Agent": 'a"b'})
        log = tmp_path / "access.log"
        wait_for(lambda: log.exists() and log.read_text().endswith("\n"), 5, "the line")
        assert re.fullmatch(wanted + "\n", log.read_text()), log.read_text()


def test_a_format_that_is_none_is_an_error_with_its_place(tmp_path):
    file = tmp_path / "weir.yaml"
    file.write_text(CONFIG.format(port=8080, format="$statuss"))
    done = run("validate", file)
    assert done.returncode == 1 and "weir.yaml:4:" in done.stdout and "has no variable $statuss" in done.stdout
