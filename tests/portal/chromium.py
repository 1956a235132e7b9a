"""Debian's Chromium. One that does not answer any more is ended, and another takes its place."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Timer
from typing import Any

from playwright.sync_api import Browser, BrowserContext, BrowserType, Error, sync_playwright

CHROMIUM = "/usr/bin/chromium"
PATIENCE = 30.0
"""Seconds that Chromium has to close a context. It has happened that it never said that it had."""


class Chromium:
    """Browsers without memory, all of them in one process."""

    def __init__(self, kind: BrowserType, patience: float = PATIENCE) -> None:
        self.kind = kind
        self._patience = patience
        self._start()

    def _start(self) -> None:
        self._browser: Browser = self.kind.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        processes = self._browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
        (self.pid,) = (each["id"] for each in processes if each["type"] == "browser")

    @contextmanager
    def context(self, **options: Any) -> Iterator[BrowserContext]:
        """One that is thrown away in the end."""
        if not self._browser.is_connected():
            self._start()
        pid, context = self.pid, self._browser.new_context(**options)
        try:
            yield context
        finally:
            self._closed(context, pid)

    @contextmanager
    def with_files(self, folder: Path) -> Iterator[BrowserContext]:
        """A browser that keeps what it keeps in `folder`."""
        context = self.kind.launch_persistent_context(
            str(folder), executable_path=CHROMIUM, args=["--no-sandbox"], viewport={"width": 1280, "height": 900}
        )
        try:
            yield context
        finally:
            self._closed(context, _pid_of(folder))

    def close(self) -> None:
        self._closed(self._browser, self.pid)

    def _closed(self, closing: Browser | BrowserContext, pid: int) -> None:
        killed: list[int] = []

        def kill() -> None:
            killed.append(pid)
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

        deadline = Timer(self._patience, kill)
        deadline.start()
        try:
            closing.close()
        except Error:
            if not killed:
                raise
        finally:
            deadline.cancel()


def _pid_of(folder: Path) -> int:
    """The browser's first process."""
    wanted = f"--user-data-dir={folder}".encode()
    for known in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            words = known.read_bytes().split(b"\0")
            if wanted in words and not any(word.startswith(b"--type=") for word in words):
                return int(known.parent.name)
    raise AssertionError(f"no browser keeps its files in {folder}")


@contextmanager
def chromium() -> Iterator[Chromium]:
    """While it lives, its thread has an event loop: asyncio.run() fails there."""
    with sync_playwright() as playwright:
        browser = Chromium(playwright.chromium)
        yield browser
        browser.close()
