"""A program with a log, and what it says of itself."""

import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.sip.instance import ROOT
from tests.sip.waiting import until

Event = dict[str, Any]


class Process:
    """Ended by SIGTERM and, after five seconds, by SIGKILL."""

    def __init__(self, log: Path, *command: str, stdin: int = subprocess.DEVNULL, stdout: int | None = None) -> None:
        self._log = log.open("ab")
        out: Any = self._log if stdout is None else stdout
        self.popen = subprocess.Popen(command, stdin=stdin, stdout=out, stderr=self._log, cwd=ROOT, text=True)

    def end(self, number: int = signal.SIGTERM) -> None:
        if self.popen.poll() is None:
            self.popen.send_signal(number)
        try:
            self.popen.wait(5)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait(5)
        self._log.close()


class Events:
    """What a program said, in order. One thread adds, others look."""

    def __init__(self) -> None:
        self._all: list[Event] = []
        self._lock = threading.Lock()

    def add(self, event: Event) -> None:
        with self._lock:
            self._all.append(event)

    def of(self, kind: str) -> list[Event]:
        with self._lock:
            return [event for event in self._all if event["event"] == kind]

    def wait(self, kind: str, seconds: float, such: Callable[[Event], bool] = lambda _: True) -> Event:
        """The first of this kind that is `such`. AssertionError with all that was said when none comes in time."""

        def found() -> Event | None:
            return next((event for event in self.of(kind) if such(event)), None)

        try:
            return until(found, seconds, kind) or {}
        except AssertionError as nothing:
            raise AssertionError(f"{nothing}; it said {self._all[-20:]}") from nothing
