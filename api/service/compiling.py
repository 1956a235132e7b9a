"""The region's Python as machine code (docs/decisions/0006): mypyc compiles what every request runs through.

A build holds all of `kemi/`, with an extension module beside each of those. It is made once for each state of the
sources, and lies in the virtual environment.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Final

from api.settings import ROOT

SOURCES: Final = ROOT / "kemi"
BUILDS: Final = Path(sys.prefix) / "compiled"
MODULES: Final = (
    "admission",
    "agenda",
    "apply",
    "authentication",
    "blocks",
    "callbook",
    "calls",
    "callwatch",
    "canary",
    "channels",
    "clockwork",
    "cold_start",
    "contact",
    "credentials",
    "dialogs",
    "digest",
    "follower",
    "graces",
    "handler",
    "holder",
    "inbound",
    "journal",
    "keepalive",
    "leg",
    "lists",
    "message",
    "numbers",
    "outbound",
    "pace",
    "recorder",
    "registrar",
    "registration",
    "relay",
    "replies",
    "responses",
    "speech",
    "state",
    "tables",
    "watched",
)
UNFINISHED: Final = "unfinished-"
KEPT: Final = 5
"""Builds of earlier sources that stay."""
ABANDONED: Final = 3600
"""Seconds after which an unfinished build is one that was killed."""

Say = Callable[[str], None]


class CompilationError(Exception):
    """The sources could not be compiled. The text is the compiler's last line."""


def build(say: Say) -> Path:
    """The folder that holds the package `kemi` as of the present sources, compiled if that was not done before.

    Errors: CompilationError.
    """
    place = BUILDS / _digest()
    if place.is_dir():
        return place
    say("compiling kemi/ for this machine: once for each version, a quarter of a minute")
    try:
        BUILDS.mkdir(exist_ok=True)
        _make(place)
    except OSError as error:
        raise CompilationError(f"{BUILDS}: {error.strerror}: let its owner run ./turnpike install") from error
    _forget_old(place)
    return place


def install(build_folder: Path, builds: Path, name: Path) -> None:
    """Copies a build into `builds`, makes `name` stand for it, and takes away what stood there before.

    An instance has its own copy, so that a gateway that dies finds what it ran whatever became of the sources.
    Only while nothing of the instance runs. Errors: OSError.
    """
    own = builds / build_folder.name
    if not own.is_dir():
        draft = own.with_suffix(".new")
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(build_folder, draft)
        draft.rename(own)
    link = name.with_suffix(".new")
    link.unlink(missing_ok=True)
    link.symlink_to(own.relative_to(name.parent))
    link.rename(name)
    for other in builds.iterdir():
        if other != own:
            shutil.rmtree(other, ignore_errors=True)


def _digest() -> str:
    """Names the sources and what they are compiled with."""
    digest = hashlib.sha256(f"{version('mypy')} {sysconfig.get_config_var('SOABI')} {MODULES}".encode())
    for file in sorted(SOURCES.rglob("*.py")):
        digest.update(f"{file.relative_to(SOURCES)}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _make(place: Path) -> None:
    """In a folder of its own, then renamed: whoever finds the place finds it complete."""
    with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=BUILDS) as folder:
        draft = Path(folder) / "build"
        shutil.copytree(SOURCES, draft / "kemi", ignore=shutil.ignore_patterns("__pycache__"))
        _compile(draft)
        shutil.rmtree(draft / "build")
        shutil.rmtree(draft / ".mypy_cache", ignore_errors=True)
        try:
            draft.rename(place)
        except OSError:
            if not place.is_dir():  # somebody else was faster
                raise


def _compile(folder: Path) -> None:
    files = [f"kemi/{name}.py" for name in MODULES]
    command = [sys.executable, str(Path(__file__).with_name("extensions.py")), *files]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()] or ["no reason given"]
        raise CompilationError(f"kemi/ could not be compiled: {said[-1]} (run ./turnpike install as root)")


def _forget_old(present: Path) -> None:
    with suppress(OSError):  # another process may be doing the same
        ages = sorted((folder.stat().st_mtime, folder) for folder in BUILDS.iterdir() if folder != present)
        drafts = [(made, folder) for made, folder in ages if folder.name.startswith(UNFINISHED)]
        finished = [folder for made, folder in ages if not folder.name.startswith(UNFINISHED)]
        abandoned = [folder for made, folder in drafts if time.time() - made > ABANDONED]
        for folder in (*finished[:-KEPT], *abandoned):
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    try:
        build(lambda text: print(f"turnpike: {text}", file=sys.stderr))  # noqa: T201
    except CompilationError as problem:
        sys.exit(f"turnpike: {problem}")
