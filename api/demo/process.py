"""A program with a log, and what it says of itself."""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from api.settings import ROOT

Event = dict[str, Any]
PATIENCE: Final = 5
"""Seconds that a program has for its end."""


class Process:
    """Ended by SIGTERM and, after five seconds, by SIGKILL.

    One that is `apart` does not get the Ctrl-C of the terminal: whoever started it ends it, in the right order.
    """

    def __init__(
        self,
        log: Path,
        *command: str,
        stdin: int = subprocess.DEVNULL,
        stdout: int | None = None,
        apart: bool = False,
    ) -> None:
        self._log = log.open("ab")
        out: Any = self._log if stdout is None else stdout
        self.popen = subprocess.Popen(  # noqa: S603
            command, stdin=stdin, stdout=out, stderr=self._log, cwd=ROOT, text=True, start_new_session=apart
        )

    def end(self, number: int = signal.SIGTERM) -> None:
        """Returns when it has gone."""
        if self.popen.poll() is None:
            self.popen.send_signal(number)
        try:
            self.popen.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait(PATIENCE)
        self._log.close()


class Events:
    """What a program said, in order. One thread adds, others look."""

    def __init__(self) -> None:
        self._all: list[Event] = []
        self._lock = threading.Lock()

    def add(self, event: Event) -> None:
        """`event` has its kind under "event"."""
        with self._lock:
            self._all.append(event)

    def of(self, kind: str, such: Callable[[Event], bool] = lambda _: True) -> list[Event]:
        """All of this kind that are `such`."""
        with self._lock:
            kin = [event for event in self._all if event["event"] == kind]
        return [event for event in kin if such(event)]

    def last(self, number: int) -> list[Event]:
        """The newest, of every kind."""
        with self._lock:
            return self._all[-number:]
