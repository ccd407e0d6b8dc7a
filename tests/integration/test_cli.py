"""The command line without a node: what it prints, where, and how it ends."""

import json
import shutil
import ssl
import stat
import subprocess

from support.weir_process import run

MISTAKES = """version: 1
upstreams: { api: { servers: ["127.0.0.1:1"], queue: { size: 5, timeout: 5mn } } }
sites: [ { hosts: ["*"], upstreem: api } ]
"""


def test_version_goes_to_stdout():
    done = run("version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("weir ")
    assert json.loads(run("version", "-o", "json").stdout)["version"] == done.stdout.split()[1]


def test_validate_prints_every_mistake_with_its_place(tmp_path):
    (tmp_path / "bad.yaml").write_text(MISTAKES)
    done = run("validate", "bad.yaml", cwd=tmp_path)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert any(line.startswith("bad.yaml:2:") and "5mn" in line for line in lines)
    assert any(line.startswith("bad.yaml:3:") and 'did you mean "upstream"?' in line for line in lines)
    assert "errors" in lines[-1]
    findings = json.loads(run("validate", "bad.yaml", "-o", "json", cwd=tmp_path).stdout)
    assert not findings["valid"] and all(one["line"] for one in findings["findings"])


def test_validate_of_a_good_file_says_so_on_stderr(tmp_path):
    (tmp_path / "weir.yaml").write_text('version: 1\nsites: [ { hosts: ["*"], respond: { status: 204 } } ]\n')
    done = run("validate", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert "valid" in done.stderr


def test_validate_compiles_what_the_file_says_and_loads_what_it_names(tmp_path):
    for name in ("one", "two"):
        words = ["cert", "self-signed", "--host", "a.test", "--cert", f"{name}.pem", "--key", f"{name}.key"]
        assert run(*words, cwd=tmp_path).returncode == 0
    (tmp_path / "weir.yaml").write_text("""version: 1
listen: { https: 8443 }
tls: { certificates: [ { cert: one.pem, key: two.key } ] }
upstreams: { api: { servers: [a.test:1], tls: { ca: one.key } } }
sites: [ { hosts: ["*"], upstream: api, routes: [ { regex: "^/(a", respond: { status: 204 } } ] } ]
""")
    done = run("validate", cwd=tmp_path)
    assert done.returncode == 1 and "is valid" not in done.stderr
    lines = done.stdout.splitlines()
    assert lines[-1] == "3 errors"
    assert any("^/(a" in line for line in lines)
    assert any("one.pem" in line and "key does not belong" in line for line in lines)
    assert any("upstream api" in line and "one.key" in line for line in lines)
    assert json.loads(run("validate", "-o", "json", cwd=tmp_path).stdout)["valid"] is False


def test_a_missing_file_is_an_error_not_a_crash(tmp_path):
    done = run("validate", "nothing.yaml", cwd=tmp_path)
    assert done.returncode == 1
    assert "nothing.yaml" in done.stdout + done.stderr


def test_a_self_signed_certificate_loads_and_its_key_is_private(tmp_path):
    cert, key = tmp_path / "tls/site.pem", tmp_path / "tls/site.key"
    words = ["cert", "self-signed", "--host", "127.0.1.1", "--host", "example.com", "--cert", cert, "--key", key]
    assert run(*words).returncode == 0
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key)
    text = subprocess.run(["openssl", "x509", "-in", cert, "-noout", "-ext", "subjectAltName"], text=True,
                          capture_output=True, check=True).stdout
    assert "DNS:example.com" in text and "IP Address:127.0.1.1" in text
    before = cert.read_bytes()
    refused = run(*words)
    assert refused.returncode == 1 and "--force" in refused.stderr
    assert cert.read_bytes() == before
    assert run(*words, "--force").returncode == 0
    assert cert.read_bytes() != before


def test_mistakes_in_arguments_are_exit_code_2():
    for words in ([], ["fly"], ["drain"], ["wait", "--timeout", "soon"], ["members", "-o", "xml"],
                  ["members", "--addr", "nowhere"]):
        done = run(*words)
        assert done.returncode == 2, words
        assert done.stdout == "" and done.stderr != "", words


def test_a_node_that_is_not_there_is_exit_code_5(tmp_path):
    done = run("members", "--addr", f"unix:{tmp_path}/no.sock")
    assert done.returncode == 5
    assert "no.sock" in done.stderr and done.stdout == ""


def test_completion_scripts_are_programs_of_their_shells():
    for shell in ("bash", "zsh", "fish"):
        script = run("completion", shell)
        assert script.returncode == 0 and "members" in script.stdout
        if shutil.which(shell):
            subprocess.run([shell, "-n"], input=script.stdout, text=True, check=True)


def test_bash_completes_verbs_of_verbs():
    script = run("completion", "bash").stdout
    probe = script + '\nCOMP_WORDS=(weir upstream "") COMP_CWORD=2; _weir; echo "${COMPREPLY[@]}"'
    assert subprocess.run(["bash", "-c", probe], text=True, capture_output=True, check=True).stdout.strip() == "ls"
