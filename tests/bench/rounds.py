"""What benchmarks share: candidates by turns, the CPU that each used, how their medians compare."""

import json
import shutil
import statistics
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.bench.kamailio import cpu

KAMAILIO = "kamailio"
"""The group of processes that is compared; the others are shown besides."""

Done = Callable[[int], None]
"""Hears how many have finished."""


class Candidate(Protocol):
    """What is measured. `settle` returns when the work that follows this many registrations or calls is done."""

    @property
    def address(self) -> tuple[str, int]: ...

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def processes(self) -> dict[str, frozenset[int]]: ...

    def settle(self, count: int) -> None: ...


@dataclass(frozen=True)
class Round:
    """One candidate's turn. `cpu` is microseconds of each group of processes: for one registration or call."""

    name: str
    failed: int
    seconds: float
    cpu: dict[str, float]


@contextmanager
def running(candidate: Candidate) -> Iterator[Candidate]:
    try:
        candidate.start()
        yield candidate
    finally:
        candidate.stop()


class Meter:
    """The CPU that groups of processes use from now on."""

    def __init__(self, groups: Mapping[str, frozenset[int]]) -> None:
        self._before = {group: cpu(pids) for group, pids in groups.items()}

    def used(self, count: int) -> dict[str, float]:
        """Microseconds, for one of `count`. Errors: RuntimeError when a process ended meanwhile: its share is lost."""
        return {group: _used(before, cpu(before)) * 1e6 / count for group, before in self._before.items()}


def _used(before: Mapping[int, float], after: Mapping[int, float]) -> float:
    gone = [pid for pid, seconds in after.items() if seconds < before[pid]]
    if gone:
        raise RuntimeError(f"processes ended during the measurement: {gone}")
    return sum(after.values()) - sum(before.values())


def by_turns(names: Sequence[str], turns: int, total: int, measure: Callable[[str, Done], Round]) -> list[Round]:
    """Each candidate once, then all of them again. `measure` does `total` registrations or calls."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    rounds = []
    with Progress(*columns, console=Console(stderr=True)) as progress:
        for turn in range(1, turns + 1):
            for name in names:
                task = progress.add_task(f"round {turn}, {name}", total=total)
                rounds.append(measure(name, partial(_show, progress, task)))
    return rounds


def _show(progress: Progress, task: TaskID, finished: int) -> None:
    progress.update(task, completed=finished)


def median(rounds: Sequence[Round], name: str, group: str = KAMAILIO) -> float | None:
    values = [each.cpu[group] for each in rounds if each.name == name and group in each.cpu]
    return statistics.median(values) if values else None


def ratios(rounds: Sequence[Round], pairs: Sequence[tuple[str, str]]) -> dict[str, float]:
    """Of the medians of Kamailio's CPU, as far as both were measured."""
    found = {}
    for one, other in pairs:
        above, below = median(rounds, one), median(rounds, other)
        if above is not None and below is not None:
            found[f"{one}/{other}"] = above / below
    return found


def report(rounds: Sequence[Round], names: Sequence[str], unit: str, console: Console) -> None:
    """A table for each group of processes."""
    groups = sorted({group for each in rounds for group in each.cpu}, key=lambda group: group != KAMAILIO)
    for group in groups:
        console.print(_table(rounds, names, group, f"CPU of {group}, microseconds a {unit}"))


def _table(rounds: Sequence[Round], names: Sequence[str], group: str, title: str) -> Table:
    turns = max(sum(each.name == name for each in rounds) for name in names)
    table = Table(title=title)
    for heading in ("", "failed", *(f"round {number}" for number in range(1, turns + 1)), "median"):
        table.add_column(heading, justify="right")
    for name in names:
        own = [each for each in rounds if each.name == name and group in each.cpu]
        if own:
            values = [f"{each.cpu[group]:.1f}" for each in own]
            middle = f"{statistics.median(each.cpu[group] for each in own):.1f}"
            table.add_row(name, str(sum(each.failed for each in own)), *values, middle)
    return table


@dataclass(frozen=True)
class Conduct:
    """How a benchmark is run, whatever it measures. `target` is a file for the figures."""

    turns: int
    only: tuple[str, ...]
    profile: bool
    target: Path | None
    folder: Path | None

    def names(self, known: Sequence[str]) -> list[str]:
        return [name for name in known if not self.only or name in self.only]

    @contextmanager
    def workplace(self) -> Iterator[Path]:
        """A folder for the candidates' state: kept when the user named it, or when profiles lie in it."""
        place = self.folder or Path(tempfile.mkdtemp(prefix="bench-", dir="/tmp"))
        try:
            yield place
        finally:
            if self.folder is None and not self.profile:
                shutil.rmtree(place, ignore_errors=True)
        if self.profile:
            click.echo(f"profiles: {place}")

    def write(self, **document: object) -> None:
        if self.target is not None:
            self.target.write_text(json.dumps(document, indent=2) + "\n", encoding="ascii")


def conducted(names: Sequence[str]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The options that every benchmark has; the command gets them as `conduct`."""
    options = (
        click.option("--rounds", "turns", default=3, show_default=True),
        click.option("--only", multiple=True, type=click.Choice(sorted(names)), help="leave the others out"),
        click.option("--profile", is_flag=True, help="record where Kamailio spends its CPU (perf; costs some itself)"),
        click.option("--json", "target", type=click.Path(path_type=Path), help="also write the figures here"),
        click.option("--folder", type=click.Path(path_type=Path), help="keep the state here (a short path)"),
    )

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        def run(
            turns: int, only: tuple[str, ...], profile: bool, target: Path | None, folder: Path | None, **own: object
        ) -> None:
            command(conduct=Conduct(turns, only, profile, target, folder), **own)

        run.__doc__ = command.__doc__
        run.__name__ = command.__name__
        for option in reversed(options):
            run = option(run)
        return run

    return decorate
