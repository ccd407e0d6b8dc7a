"""packaging/install-packages against a pretended Debian: what it leaves alone matters most."""

import os
import pathlib
import signal
import subprocess

import pytest

SCRIPT = pathlib.Path(__file__).parents[2] / "packaging" / "install-packages"

# Stands in for every program that would change the machine; says what it was asked, and what policy held meanwhile.
PRETENDER = """#!/bin/bash
name=${0##*/}
[ "$name" = id ] && { echo "${UID_SHOWN:-0}"; exit; }
[ "$name" = dpkg-query ] && { for p in "${@:4}"; do [[ " $MISSING " == *" $p "* ]] || echo "installed $p"; done; exit; }
echo "$name $*" >>"$DIARY"
if [ "$name" = apt-get ] && [[ " $* " == *" -s install "* ]]; then printf '%s\\n' "$SIMULATION"; exit; fi
if [ "$name" = apt-get ] && [[ " $* " == *" install "* ]]; then
  "$WEIR_POLICY_RC_D"; echo "policy said $?" >>"$DIARY"
  [ -z "$HANG" ] || { touch "$HANG"; sleep 20; }
  exit "${APT_EXIT:-0}"
fi
"""


class Machine:
    """A machine on which packages are missing; run() installs, diary() tells what was called."""

    def __init__(self, folder):
        self.folder = folder
        self.policy = folder / "policy-rc.d"
        for name in ["id", "dpkg-query", "apt-get", "deb-systemd-helper", "update-rc.d", "sudo"]:
            tool = folder / name
            tool.write_text(PRETENDER)
            tool.chmod(0o755)

    def command(self, *groups, **settings):
        """Arguments for subprocess: the script on this machine."""
        env = {
            "PATH": f"{self.folder}:/usr/bin:/bin",
            "DIARY": str(self.folder / "diary"),
            "WEIR_POLICY_RC_D": str(self.policy),
            **settings,
        }
        return dict(args=[SCRIPT, *groups], env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def run(self, *groups, **settings):
        return subprocess.run(**self.command(*groups, **settings), timeout=30)

    def diary(self):
        file = self.folder / "diary"
        return file.read_text() if file.exists() else ""


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_nothing_happens_when_all_is_there(machine):
    done = machine.run(MISSING="")
    assert (done.returncode, done.stdout, machine.diary()) == (0, "", "")


def test_only_what_is_missing_in_the_groups_is_installed(machine):
    done = machine.run("build", "libraries", MISSING="cmake ninja-build haproxy")
    assert done.returncode == 0, done.stdout
    installs = [line for line in machine.diary().splitlines() if "--no-remove" in line]
    assert len(installs) == 1 and installs[0].endswith("install cmake ninja-build")
    assert "--no-install-recommends" in installs[0]


def test_no_service_may_start_meanwhile_or_at_boot(machine):
    done = machine.run("bench", MISSING="haproxy")
    assert done.returncode == 0, done.stdout
    assert "policy said 101" in machine.diary()
    assert "deb-systemd-helper disable haproxy.service" in machine.diary()
    assert "nginx" not in machine.diary(), "a service that the user had is left alone"


def test_all_services_of_a_package_are_kept_from_the_boot(machine):
    assert machine.run("bench", MISSING="varnish").returncode == 0
    for service in ["varnish", "varnishncsa"]:
        assert f"deb-systemd-helper disable {service}.service" in machine.diary()
    assert not machine.policy.exists()


@pytest.mark.parametrize("apt_exit", ["0", "100"])
def test_the_policy_that_was_there_comes_back(machine, apt_exit):
    machine.policy.write_text("#!/bin/sh\nexit 0\n")
    machine.policy.chmod(0o755)
    done = machine.run("build", MISSING="cmake", APT_EXIT=apt_exit)
    assert (done.returncode == 0) == (apt_exit == "0")
    assert "policy said 101" in machine.diary()
    assert machine.policy.read_text() == "#!/bin/sh\nexit 0\n"


def test_a_policy_that_is_a_link_stays_a_link(machine):
    machine.policy.symlink_to("/bin/true")
    assert machine.run("build", MISSING="cmake").returncode == 0
    assert os.readlink(machine.policy) == "/bin/true"


def test_an_interrupted_run_restores_the_policy(machine):
    machine.policy.symlink_to("/bin/true")
    hangs = machine.folder / "hangs"
    process = subprocess.Popen(**machine.command("build", MISSING="cmake", HANG=str(hangs)), start_new_session=True)
    try:
        while not hangs.exists():
            assert process.poll() is None
        os.killpg(process.pid, signal.SIGTERM)
        process.communicate(timeout=10)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode != 0
    assert os.readlink(machine.policy) == "/bin/true"


def test_a_policy_left_by_a_killed_run_is_cleared_away(machine):
    machine.policy.with_name("policy-rc.d.before-weir").symlink_to("/bin/true")
    machine.policy.write_text("#!/bin/sh\n# written by weir/packaging/install-packages\nexit 101\n")
    assert machine.run("build", MISSING="cmake").returncode == 0
    assert os.readlink(machine.policy) == "/bin/true"


def test_a_package_in_the_way_is_named_and_stays(machine):
    done = machine.run("libraries", MISSING="libboost1.81-dev", SIMULATION="Remv libboost1.74-dev [1.74.0-18]")
    assert done.returncode == 1
    assert "libboost1.74-dev" in done.stdout and "removes nothing of yours" in done.stdout
    assert "--no-remove" not in machine.diary()


def test_without_root_sudo_is_asked_only_when_something_is_missing(machine):
    assert machine.run("build", MISSING="", UID_SHOWN="1000").returncode == 0
    assert machine.diary() == ""
    machine.run("build", MISSING="cmake", UID_SHOWN="1000")
    assert machine.diary().startswith("sudo -- ") and machine.diary().rstrip().endswith("install-packages build")


def test_an_unknown_group_is_an_error(machine):
    done = machine.run("biuld", MISSING="")
    assert done.returncode == 1 and "no such group: biuld" in done.stdout
