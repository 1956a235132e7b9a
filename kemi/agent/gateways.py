"""The region's gateway as a process: found, ended (its supervisor starts it again), and awaited.

SIGKILL to the main process, not SIGTERM (docs/decisions/0014): its workers serve on until their successor is about to
start, and what calls and registrations need is in the journals anyway.
"""

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kemi.region import CHOSEN, HOME

LOOK_SECONDS: Final = 0.03
PROGRAM: Final = "kamailio"


class NotServingError(Exception):
    """The gateway does not serve. The text says what was expected and what came."""


@dataclass(frozen=True)
class Gateway:
    """A main process, and the name of the configuration that it was started with."""

    pid: int
    configuration: str


class Gateways:
    """Those of one region: one, or none while it is being started."""

    def __init__(self, home: Path, pulse: Path, log: str, starts: str) -> None:
        """`log` is what Kamailio writes, `starts` a file that its supervisor replaces before each start."""
        self._home = home
        self._pulse = pulse
        self._log = Path(log)
        self._starts = Path(starts)

    def running(self) -> Gateway | None:
        """The living one."""
        return next(self._all(), None)

    def _all(self) -> Iterator[Gateway]:
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and _leads(int(entry.name)):
                chosen = _environment(entry)
                if chosen.get(HOME) == str(self._home) and CHOSEN in chosen:
                    yield Gateway(int(entry.name), Path(chosen[CHOSEN]).name)

    def boot(self) -> int:
        """When the gateway that wrote the last pulse started, in milliseconds since the epoch; 0 when there is none."""
        boot = self._facts().get("boot")
        return boot if isinstance(boot, int) else 0

    def end(self) -> None:
        """The one that runs, if any."""
        found = self.running()
        if found is not None:
            _kill(found)

    def mark(self) -> int:
        """Where the log ends now, for `complaint`."""
        try:
            return self._log.stat().st_size
        except OSError:
            return 0

    def bring_up(self, configuration: str, since: int, mark: int, seconds: float, *, patient: bool = False) -> None:
        """Ends whichever runs another configuration, and waits for the pulse of one that runs this and has started
        after `since` (epoch milliseconds). The log is looked at from `mark` on.

        Errors: NotServingError after so many seconds, or, unless `patient`, as soon as one that ran it has died.
        """
        deadline, starts = time.monotonic() + seconds, {self._started()}
        while not self._serves(configuration, since):
            found = self.running()
            if found is not None and found.configuration != configuration:
                _kill(found)
                starts = {self._started()}
            starts.add(self._started())
            if len(starts) > 2 and not patient:
                raise NotServingError(f"Kamailio ended as soon as it had started{self.complaint(mark)}")
            if time.monotonic() > deadline:
                raise NotServingError(f"Kamailio did not serve within {seconds:.0f} seconds{self.complaint(mark)}")
            time.sleep(LOOK_SECONDS)

    def _started(self) -> int:
        """What tells one start from another."""
        try:
            return self._starts.stat().st_mtime_ns
        except OSError:
            return 0

    def _serves(self, configuration: str, since: int) -> bool:
        facts = self._facts()
        return self.boot() > since and facts.get("configuration") == configuration and facts.get("snapshot") is True

    def _facts(self) -> dict[str, Any]:
        try:
            facts = json.loads(self._pulse.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return facts if isinstance(facts, dict) else {}

    def complaint(self, mark: int) -> str:
        """What Kamailio's log says first of what went wrong behind `mark`, to be appended to a sentence."""
        try:
            with self._log.open("rb") as log:
                log.seek(mark if mark <= self.mark() else 0)
                return first_complaint(log.read(1 << 20).decode("utf-8", "replace"))
        except OSError:
            return ""


def _kill(gateway: Gateway) -> None:
    with suppress(ProcessLookupError):
        os.kill(gateway.pid, signal.SIGKILL)


def first_complaint(said: str) -> str:
    """The first error among Kamailio's lines, as `: …`; nothing when there is none."""
    wrong = (line for line in said.splitlines() if "ERROR" in line or "CRITICAL" in line or "Error" in line)
    found = next(wrong, "")
    place = max(found.find(": "), 0)
    return f": {found[place + 2 :].strip()}" if found else ""


def _leads(pid: int) -> bool:
    """Whether it is a Kamailio that leads its process group, as a supervisor's child does and its own do not."""
    try:
        return os.getpgid(pid) == pid and Path(f"/proc/{pid}/comm").read_text(encoding="ascii").strip() == PROGRAM
    except (OSError, UnicodeDecodeError):
        return False


def _environment(entry: Path) -> dict[str, str]:
    try:
        variables = (entry / "environ").read_bytes().decode("utf-8", "replace").split("\0")
    except OSError:
        return {}
    return {name: value for name, _, value in (each.partition("=") for each in variables) if name in (HOME, CHOSEN)}
