"""The executable on a machine that it finds wanting. Fakes stand in for the tools that would change the machine."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
USER = "echo 1000"
NOTHING_INSTALLED = "true"
NO_PASSWORD = "echo 'sudo: a password is required' >&2; exit 1"


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A checkout without a virtual environment, and a folder of fakes that comes first in the search path."""
    shutil.copy(ROOT / "turnpike", tmp_path)
    (tmp_path / "fakes").mkdir()
    return tmp_path


def command(machine: Path, **fakes: str) -> subprocess.CompletedProcess[str]:
    for name, script in fakes.items():
        fake = machine / "fakes" / name.replace("_", "-")
        fake.write_text(f"#!/bin/sh\n{script}\n")
        fake.chmod(0o755)
    environment = {"PATH": f"{machine / 'fakes'}:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(machine)}
    return subprocess.run(
        [str(machine / "turnpike"), "up"], env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_a_package_that_cannot_be_installed_is_named_with_the_reason(machine: Path) -> None:
    done = command(machine, id=USER, dpkg_query=NOTHING_INSTALLED, sudo=NO_PASSWORD)
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert "kamailio" in last
    assert "a password is required" in last


def test_it_says_what_it_installs_and_why_it_needs_root(machine: Path) -> None:
    only_kamailio_missing = (
        'for each in "$@"; do case $each in -*|*status*|kamailio) ;; *) echo "installed $each" ;; esac; done'
    )
    done = command(machine, id=USER, dpkg_query=only_kamailio_missing, sudo=NO_PASSWORD)
    first = done.stderr.splitlines()[0]
    assert first.endswith("they belong to the whole machine): kamailio")
    assert "as root" in first


def test_a_machine_that_is_no_debian_is_told_what_to_install(machine: Path) -> None:
    script = (machine / "turnpike").read_text().replace("/etc/debian_version", str(machine / "missing"))
    (machine / "turnpike").write_text(script)
    done = command(machine, id=USER, dpkg_query=NOTHING_INSTALLED, sudo=NO_PASSWORD)
    assert done.returncode == 1
    assert "this is not Debian" in done.stderr
    assert "mariadb-server" in done.stderr


def test_nothing_is_left_of_a_failed_installation(machine: Path) -> None:
    command(machine, id=USER, dpkg_query=NOTHING_INSTALLED, sudo=NO_PASSWORD)
    assert {each.name for each in machine.iterdir()} == {"turnpike", "fakes"}
