"""The configurations in a region's home: a folder for each, and `current`, the link to the one in force.

Going back needs no room on the disk: the link for it is made before the switch.
"""

import os
import re
import shutil
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from kemi import durable
from kemi.configuration import digest

KEPT: Final = 5
NAME_LENGTH: Final = 16
"""Characters of the digest that name a folder."""
MOST_FILES: Final = 50
MOST_BYTES: Final = 1 << 20
NEEDED: Final = ("kamailio.cfg", "region.json")
DRAFT: Final = "draft-"
MET: Final = "rendered.sha256"
"""Digests, a line each: what the host rendered when it brought that into force, and what was asked for since."""
MOST_MET: Final = 100

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*")
_LONGEST_NAME: Final = 64


class UnfitError(Exception):
    """A set of files that cannot be a configuration. The text says why."""


def fit(files: object) -> dict[str, str]:
    """The same. Errors: UnfitError unless these are texts by file name, with all that are needed, and not too much."""
    if not isinstance(files, dict) or not all(isinstance(text, str) for text in files.values()):
        raise UnfitError("it is no set of texts by file name")
    wrong = [str(name) for name in files if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name)]
    if wrong:
        raise UnfitError(f"{wrong[0][:_LONGEST_NAME]!r} is no name for a file of a configuration")
    for name in NEEDED:
        if name not in files:
            raise UnfitError(f"{name} is missing")
    size = sum(len(text.encode("utf-8", "surrogatepass")) for text in files.values())
    if len(files) > MOST_FILES or size > MOST_BYTES:
        raise UnfitError(f"it has {len(files)} files of {size} bytes: {MOST_FILES} files of {MOST_BYTES} bytes may be")
    return files


class Configurations:
    """Those of one region. Errors of all methods that write: OSError; then what is in force is as before."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self.folder = home / "configurations"
        self.current = home / "current"
        self._next = home / ".current.next"
        self._back = home / ".current.back"

    def path(self, name: str) -> Path:
        return self.folder / name

    def in_force(self) -> str | None:
        """The name of the one in force; None before the first start."""
        return _target(self.current)

    def files(self, name: str) -> dict[str, str]:
        """Without what an editor leaves beside them. Errors: OSError, ValueError when they cannot be read."""
        return {file.name: _read(file) for file in self.path(name).iterdir() if _NAME.fullmatch(file.name)}

    def add(self, files: Mapping[str, str]) -> str:
        """Makes a folder of them, unless there is one; its name. Errors: OSError, ValueError."""
        full = digest(files)
        name = full[:NAME_LENGTH]
        if self.is_whole(name, full):
            return name
        draft = self.path(f"{DRAFT}{name}")
        try:
            self._write(draft, files)
            if self.path(name).exists():  # damaged
                self.path(name).rename(self.path(f"{DRAFT}damaged-{time.time_ns()}"))
            draft.rename(self.path(name))
        except (OSError, ValueError):
            shutil.rmtree(draft, ignore_errors=True)
            raise
        durable.sync_folder(self.folder)
        return name

    def is_whole(self, name: str, full: str) -> bool:
        """Whether its folder holds exactly what has this digest."""
        try:
            return digest(self.files(name)) == full
        except (OSError, ValueError):
            return False

    def is_sound(self, name: str) -> bool:
        """Whether its folder holds what it is named after."""
        try:
            return digest(self.files(name))[:NAME_LENGTH] == name
        except (OSError, ValueError):
            return False

    def has_met(self, full: str) -> bool:
        """Whether a start has nothing to do for what has this digest: it was asked for here, whatever became of it, or
        a start has brought it.
        """
        return full in self._met()

    def meet(self, full: str, *, alone: bool = False) -> None:
        """From now on `has_met`; `alone`: and nothing else."""
        before = [] if alone else [each for each in self._met() if each != full]
        met = [*before, full][-MOST_MET:]
        durable.replace(self._home / MET, "".join(f"{each}\n" for each in met))

    def _met(self) -> list[str]:
        try:
            return _read(self._home / MET).split()
        except (OSError, ValueError):
            return []

    def discard(self, name: str) -> None:
        """One that was refused does not stay, unless it is in force."""
        if name != self.in_force():
            shutil.rmtree(self.path(name), ignore_errors=True)

    def _write(self, draft: Path, files: Mapping[str, str]) -> None:
        self.folder.mkdir(mode=0o700, exist_ok=True)
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        for name, text in files.items():
            durable.write(draft / name, text)
        durable.sync_folder(draft)

    def prepare(self, name: str) -> None:
        """Makes both links, so that neither `switch` nor `go_back` needs room."""
        self._link(self._next, name)
        if (old := self.in_force()) is not None:
            self._link(self._back, old)
        durable.sync_folder(self._home)

    def switch(self) -> None:
        """To the one that was prepared."""
        self._next.rename(self.current)
        durable.sync_folder(self._home)

    def go_back(self, name: str) -> bool:
        """To `name`, which was in force before the switch; whether another one was in force. Can be done again."""
        changed = self.in_force() != name
        if changed:
            if _target(self._back) != name:
                self._link(self._back, name)
            self._back.rename(self.current)
        self.forget()
        return changed

    def forget(self) -> None:
        """What was prepared is not needed any more."""
        for link in (self._next, self._back):
            with suppress(OSError):
                link.unlink(missing_ok=True)
        durable.sync_folder(self._home)

    def _link(self, link: Path, name: str) -> None:
        link.unlink(missing_ok=True)
        link.symlink_to(Path(self.folder.name) / name)

    def prune(self, *needed: str | None) -> None:
        """The latest stay, and those that are needed; drafts go."""
        with suppress(OSError):
            folders = sorted(self.folder.iterdir(), key=lambda each: each.stat().st_mtime_ns, reverse=True)
            drafts = [each for each in folders if each.name.startswith(DRAFT)]
            spare = [each for each in folders if each not in drafts and each.name not in (*needed, self.in_force())]
            for each in (*drafts, *spare[KEPT:]):
                shutil.rmtree(each, ignore_errors=True)

    def touch(self, name: str) -> None:
        """It was in force last. A disk that is full does not matter: it only decides what `prune` keeps."""
        with suppress(OSError):
            os.utime(self.path(name))


def _target(link: Path) -> str | None:
    try:
        return link.readlink().name
    except OSError:
        return None


def _read(file: Path) -> str:
    with file.open(encoding="utf-8", newline="") as stream:
        return stream.read()
