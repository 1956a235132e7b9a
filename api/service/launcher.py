"""Becomes one part of the service: `launcher.py RUN_FOLDER PART`.

Standard library only and free of the project's own modules, so that a part that was killed is back in milliseconds.
Before it becomes the part, it ends what an earlier life of the part has left: a Kamailio whose main process was killed
leaves workers that still hold the SIP port. A process is known as a part's by two variables of its environment.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SHORT_LIFE = 0.7
"""Seconds. A part that dies younger than this, twice in a row, is not restarted at once."""
LONGEST_PAUSE = 5
"""Seconds between the starts of a part that keeps dying."""


@dataclass(frozen=True)
class Process:
    """A process of one instance. `part` is what it was started as."""

    pid: int
    part: str


def of_instance(home: str) -> Iterator[Process]:
    """The living processes that were started as parts of the instance whose state folder is `home`."""
    for entry in os.listdir("/proc"):
        if entry.isdigit() and int(entry) != os.getpid():
            part = _part(int(entry), home)
            if part and _alive(int(entry)):
                yield Process(int(entry), part)


def _part(pid: int, home: str) -> str:
    try:
        variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return ""
    if f"TURNPIKE_VAR={home}".encode() not in variables:
        return ""
    return next((each[14:].decode() for each in variables if each.startswith(b"TURNPIKE_PART=")), "")


def _alive(pid: int) -> bool:
    """Whether `pid` is more than a zombie that waits for its parent."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def end(find: Callable[[], Iterable[Process]], grace: float) -> int:
    """Ends what `find` finds: SIGTERM, and after `grace` seconds SIGKILL. Returns how many there were."""
    found = list(find())
    deadline = time.monotonic() + grace
    left = found
    while left:
        late = time.monotonic() >= deadline
        for process in left if late or left is found else []:
            _signal(process.pid, signal.SIGKILL if late else signal.SIGTERM)
        time.sleep(0.02)
        left = list(find())
    return len(found)


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


@dataclass(frozen=True)
class Past:
    """How the part has fared: the moment of its last start (monotonic seconds), and short lives in a row."""

    started: float = 0.0
    short: int = 0

    def at(self, now: float) -> Past:
        """The same after the part's end at `now`."""
        died_young = 0 <= now - self.started < SHORT_LIFE
        return Past(now, self.short + 1 if died_young else 0)

    @property
    def pause(self) -> float:
        """Seconds to wait before the next start: none, unless the part keeps dying young."""
        return float(min(max(self.short - 1, 0), LONGEST_PAUSE))


def _past(file: Path) -> Past:
    try:
        noted = json.loads(file.read_text())
        return Past(float(noted["started"]), int(noted["short"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Past()


def _wait_if_it_keeps_dying(file: Path) -> None:
    """Notes this start, and the process group, in `file`."""
    past = _past(file).at(time.monotonic())
    time.sleep(past.pause)
    noted = {"group": os.getpgrp(), "started": time.monotonic(), "short": past.short}
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(noted))
    fresh.replace(file)


def main(run: Path, part: str) -> None:
    """Ends the predecessors, then becomes the part. Never returns."""
    plan = json.loads((run / "parts.json").read_text())[part]
    home = os.environ["TURNPIKE_VAR"]
    left = end(lambda: (each for each in of_instance(home) if each.part == part), plan["grace"])
    if left:
        print(f"{part}: ended {left} processes that an earlier {part} left", file=sys.stderr, flush=True)
    _wait_if_it_keeps_dying(run / f"{part}.json")
    command, environment = pinned(plan)
    os.execve(command[0], command, {**os.environ, **environment, "TURNPIKE_PART": part})  # noqa: S606


def pinned(plan: dict[str, Any]) -> tuple[list[str], dict[str, str]]:
    """Command and environment, in which the plan's link is what it names now: whoever renames it later changes nothing
    for what has been started.
    """
    link = plan["link"]
    command, environment = plan["command"], plan["environment"]
    if not link:
        return command, environment
    real = os.path.realpath(link)
    return [each.replace(link, real) for each in command], {
        name: value.replace(link, real) for name, value in environment.items()
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
