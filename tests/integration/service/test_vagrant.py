"""The virtual machine's description."""

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_the_vagrantfile_is_valid(tmp_path: Path) -> None:
    """In a folder of its own, since Vagrant leaves notes beside the file."""
    shutil.copy(ROOT / "Vagrantfile", tmp_path)
    shutil.copytree(ROOT / "packaging", tmp_path / "packaging")
    home = {"VAGRANT_HOME": str(tmp_path / "home"), "HOME": str(tmp_path), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    command = ["vagrant", "validate", "--ignore-provider"]
    done = subprocess.run(command, cwd=tmp_path, env=home, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "validated successfully" in done.stdout


def test_the_shell_scripts_are_posix() -> None:
    for script in ("turnpike", "packaging/provision"):
        subprocess.run(["/bin/sh", "-n", str(ROOT / script)], check=True)
