"""`./turnpike` on a terminal of its own, with somebody who types."""

from __future__ import annotations

import os
import pty
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from api.settings import ROOT, Settings
from tests.integration.api.shell import environment

PATIENCE: Final = 60.0  # seconds


class Terminal:
    """A running command, and what it has shown so far."""

    def __init__(self, process: subprocess.Popen[bytes], end: int) -> None:
        self.process = process
        self._end = end
        self.shown = ""

    def until(self, text: str) -> str:
        """All that it has shown, once `text` is in it."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.shown:
            assert time.monotonic() < deadline, f"{text!r} is not in {self.shown!r}"
            if self._speaks(0.1):
                self._read()
        return self.shown

    def types(self, text: str) -> None:
        os.write(self._end, text.encode())

    def interrupts(self) -> None:
        """As Ctrl-C does."""
        self.process.send_signal(signal.SIGINT)

    def ended(self) -> int:
        """The exit status; all that it has shown is read."""
        deadline = time.monotonic() + PATIENCE
        while self.process.poll() is None or self._speaks(0):
            assert time.monotonic() < deadline, self.shown
            if self._speaks(0.1) and not self._read():
                break
        return self.process.wait(PATIENCE)

    def _speaks(self, seconds: float) -> bool:
        with selectors.DefaultSelector() as selector:
            selector.register(self._end, selectors.EVENT_READ)
            return bool(selector.select(seconds))

    def _read(self) -> bool:
        try:
            new = os.read(self._end, 65536)
        except OSError:  # its other end is closed
            return False
        self.shown += new.decode().replace("\r\n", "\n")
        return bool(new)


@contextmanager
def terminal(settings: Settings, port: int, *arguments: str) -> Iterator[Terminal]:
    """The command with `arguments` against the API at `port`."""
    end, inner = pty.openpty()
    variables = environment(settings, TURNPIKE_API_URL=f"http://127.0.11.1:{port}", TERM="xterm-256color")
    process = subprocess.Popen(
        [sys.executable, "-m", "api.cli", *arguments],
        cwd=ROOT,
        env=variables,
        stdin=inner,
        stdout=inner,
        stderr=inner,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 -- a run in the background ignores it
    )
    os.close(inner)
    try:
        yield Terminal(process, end)
    finally:
        process.kill()
        process.wait()
        os.close(end)
