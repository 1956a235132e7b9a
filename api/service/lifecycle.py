"""Start and stop of the whole instance."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from api.service import checks, compiling, mariadb, regions, setup, status
from api.service.checks import CannotStartError
from api.service.files import private_folder
from api.service.parts import parts, program
from api.service.status import Status
from api.service.supervisor import Supervisor
from api.settings import Settings

PATIENCE: Final = 60.0
"""Seconds until a start has failed."""
PATIENCE_WITH_MARIADB: Final = 20.0
"""Seconds until a start is content with regions that serve from their own store (rule F1)."""

LOOK: Final = 0.2
"""Seconds between two looks at what goes on."""

Say = Callable[[str], None]


class StopAskedError(Exception):
    """Somebody asked to stop before the start was complete; nothing is left running."""


class Instance:
    """The service of one state folder."""

    def __init__(self, settings: Settings, say: Say) -> None:
        self.settings = settings
        self.say = say
        self.supervisor = Supervisor(settings.home)
        self._process: subprocess.Popen[bytes] | None = None
        self._asked = False

    def ask_to_stop(self, *_: object) -> None:
        """What a signal calls. It only takes a note: an exception out of a signal handler can get lost."""
        self._asked = True

    def start(self) -> Status:
        """Returns when all is ready, or when the regions serve but MariaDB stays away.

        Errors: StopAskedError, CannotStartError, InstallError, MissingProgramError, CompilationError,
        ConfigurationError; then nothing is left running.
        """
        checks.check_folder(self.settings.home)
        with checks.alone(self.settings.home):
            self._clear()
            self._prepare()
            try:
                self._process = self.supervisor.start(parts(self.settings))
                return self._ready()
            except BaseException:
                self.supervisor.stop()
                raise

    def wait(self) -> int | None:
        """Until the supervisor ends (its exit status, negative for a signal), or somebody asks to stop (None)."""
        while self._process and self._process.poll() is None and not self._asked:
            time.sleep(LOOK)
        return self._process.returncode if self._process else None

    def stop(self) -> bool:
        """Stops everything; False when there was nothing."""
        if not self.settings.home.is_dir() or not self.supervisor.processes():
            return False
        with checks.alone(self.settings.home):
            self.supervisor.stop()
        return True

    def _clear(self) -> None:
        pid = self.supervisor.pid()
        if pid is not None:
            raise CannotStartError(f"{self.settings.home} is already running (process {pid}): ./turnpike down stops it")
        left = self.supervisor.stop()
        if left:
            self.say(f"ended {left} processes that an earlier run had left")

    def _prepare(self) -> None:
        checks.check(self.settings)
        if self.settings.mariadb.private:
            server = program("mariadbd", "mariadb-server")
            installer = program("mariadb-install-db", "mariadb-server")
            if mariadb.install(self.settings, server, installer):
                self.say("made a private MariaDB")
        compiling.install(compiling.build(self.say), private_folder(self.settings.home / "builds"), self.settings.code)
        for region in self.settings.regions:
            regions.refuse_other_realm(self.settings, region)
        for region in self.settings.regions:
            regions.write(self.settings, region, self.say)

    def _ready(self) -> Status:
        began = time.monotonic()
        while not self._asked:
            now = status.gather(self.settings)
            waited = time.monotonic() - began
            self._refuse_hopeless(now)
            if now.ready or (waited > PATIENCE_WITH_MARIADB and _regions_serve(now)):
                return now
            if waited > PATIENCE:
                raise CannotStartError("not ready within a minute: " + now.problems[0])
            time.sleep(LOOK)
        raise StopAskedError

    def _refuse_hopeless(self, now: Status) -> None:
        if self._process and self._process.poll() is not None:
            raise CannotStartError(
                "the supervisor ended at once: " + _last_line(self.supervisor.log / "supervisor.log")
            )
        if any(part.name == "setup" and part.ended_with(setup.REFUSED) for part in now.parts):
            said = _last_line(self.supervisor.log / "setup.log")
            raise CannotStartError(said.partition(" setup: ")[2] or said)


def _regions_serve(now: Status) -> bool:
    return bool(now.regions) and all(region.serves for region in now.regions)


def _last_line(log: Path) -> str:
    return next((line for line in reversed(log.read_text(errors="replace").splitlines()) if line.strip()), f"see {log}")


def tell_systemd(state: str) -> None:
    """Says `state` (such as READY=1) to systemd when it is listening (sd_notify(3))."""
    path = os.environ.get("NOTIFY_SOCKET")
    if path:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as wire:
            wire.connect("\0" + path[1:] if path.startswith("@") else path)
            wire.send(state.encode())
