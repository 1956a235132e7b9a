"""How far an import is: a bar on a terminal, a line for each of its phases elsewhere."""

from __future__ import annotations

from typing import Final, Protocol, Self

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

PHASES: Final = {"uploading": "bytes", "checking": "rows", "writing": "rows", "receiving": "bytes"}
"""In their order, with what is counted."""


class Showing(Protocol):
    """Is told, by several threads, how much of a phase is done."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *_: object) -> None: ...
    def at(self, phase: str, done: int, total: int) -> None:
        """A phase that is not one of `PHASES`, or is over, is not shown."""


class Bars:
    """A bar for each phase that has begun."""

    def __init__(self, console: Console) -> None:
        count = TextColumn("{task.completed:,.0f} of {task.total:,.0f} {task.fields[unit]}")
        columns = (TextColumn("{task.description:<9}"), BarColumn(), count, TimeElapsedColumn())
        self._progress = Progress(*columns, console=console)
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def at(self, phase: str, done: int, total: int) -> None:
        """The bars before it are full."""
        if phase not in PHASES:
            return
        if phase not in self._tasks:
            for task in self._progress.tasks:
                self._progress.update(task.id, completed=task.total)
            self._tasks[phase] = self._progress.add_task(phase, total=total, unit=PHASES[phase])
        self._progress.update(self._tasks[phase], completed=done, total=total)


class Lines:
    """A line when a phase begins."""

    def __init__(self) -> None:
        self._begun: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def at(self, phase: str, _done: int, total: int) -> None:
        """Said once."""
        if phase in PHASES and phase not in self._begun:
            self._begun.add(phase)
            click.echo(f"{phase} {total:,} {PHASES[phase]}", err=True)


def showing() -> Showing:
    """What suits where stderr goes."""
    console = Console(stderr=True)
    return Bars(console) if console.is_terminal else Lines()
