"""PJSIP through pjsua2, as a PBX and as a carrier's core, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, cast

from api.demo.process import Events, Process

if TYPE_CHECKING:
    from api.demo.pjsip.trunk import Facts

MODULE: Final = "api.demo.pjsip.agent"
PATIENCE: Final = 5
"""Seconds from `quit` to the end: accounts de-register within."""


class Pjsip:
    """The process of `agent`. It says what happens in `events`; its end ends its calls and its registrations."""

    def __init__(self, log: Path, facts: Facts, events: Events) -> None:
        self.events = events
        self.facts = facts
        self._log = log

    def start(self, apart: bool = False) -> None:
        """It says `ready` when it is. One that is `apart` does not get the terminal's Ctrl-C."""
        pipe = subprocess.PIPE
        self._process = Process(self._log, sys.executable, "-m", MODULE, stdin=pipe, stdout=pipe, apart=apart)
        threading.Thread(target=self._listen, daemon=True).start()
        self.say(json.dumps(self.facts))

    def _listen(self) -> None:
        for line in _pipe(self._process.popen.stdout):
            if line.startswith("{"):
                self.events.add(json.loads(line))

    def say(self, line: str) -> None:
        """A command: `agent` lists them. Errors: OSError when the process has died."""
        pipe = _pipe(self._process.popen.stdin)
        pipe.write(line + "\n")
        pipe.flush()

    def stop(self) -> None:
        """Returns when it has gone."""
        with suppress(OSError):  # it may have died
            self.say("quit")
        try:
            self._process.popen.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.popen.kill()
        for pipe in (self._process.popen.stdin, self._process.popen.stdout):
            with suppress(OSError):
                _pipe(pipe).close()
        self._process.end()


def _pipe(pipe: IO[str] | None) -> IO[str]:
    return cast(IO[str], pipe)  # the process was started with pipes
