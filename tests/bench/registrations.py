"""CPU per registration: the product, its policy in Kamailio's own language, Debian's stock configuration, by turns."""

import json
import shutil
import statistics
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.bench.kamailio import cpu
from tests.bench.load import Account, Load, accounts
from tests.bench.native import Native
from tests.bench.product import Product
from tests.bench.profiling import Profile
from tests.bench.stock import Stock

VOID = 0.6
"""More than this share of the stock configuration's CPU, and the native rival is no good yardstick."""


class Candidate(Protocol):
    """What is measured. `settle` returns when the work that follows this many registrations is done."""

    @property
    def address(self) -> tuple[str, int]: ...

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def processes(self) -> dict[str, frozenset[int]]: ...

    def settle(self, count: int) -> None: ...


Maker = Callable[[Path, Sequence[Account]], Candidate]

MAKERS: dict[str, Maker] = {
    "product": lambda home, users: Product(home, ("127.0.15.11", "127.0.15.12"), users),
    "native": lambda home, users: Native(home, "127.0.15.13", [(user.username, user.ha1) for user in users]),
    "stock": lambda home, users: Stock(home, "127.0.15.14", users),
}


@dataclass(frozen=True)
class Round:
    """One candidate's turn. `cpu` is microseconds a registration of each group of processes."""

    name: str
    failed: int
    seconds: float
    cpu: dict[str, float]


@dataclass(frozen=True)
class Plan:
    """How much is registered, how fast, from how many addresses."""

    count: int
    rate: int
    sources: int
    folder: Path
    profile: bool


def measure(name: str, plan: Plan, users: Sequence[Account], done: Callable[[int], None]) -> Round:
    """One turn from nothing: start, register all, settle, stop."""
    home = plan.folder / name
    shutil.rmtree(home, ignore_errors=True)
    candidate = MAKERS[name](home, users)
    try:
        candidate.start()
        groups = candidate.processes()
        before = {group: cpu(pids) for group, pids in groups.items()}
        with Profile(groups["kamailio"], plan.folder / f"{name}.perf") if plan.profile else Profile():
            outcome = Load(users, plan.rate, plan.sources, home / "load").run(candidate.address, done)
        if outcome.failed == 0:
            candidate.settle(plan.count)
        used = {group: _used(before[group], cpu(pids)) * 1e6 / plan.count for group, pids in groups.items()}
    finally:
        candidate.stop()
    return Round(name, outcome.failed, outcome.seconds, used)


def _used(before: dict[int, float], after: dict[int, float]) -> float:
    """Seconds. Errors: RuntimeError when a process ended meanwhile, since its share is lost."""
    gone = [pid for pid, seconds in after.items() if seconds < before[pid]]
    if gone:
        raise RuntimeError(f"processes ended during the measurement: {gone}")
    return sum(after.values()) - sum(before.values())


def median(rounds: Sequence[Round], name: str, group: str = "kamailio") -> float | None:
    values = [each.cpu[group] for each in rounds if each.name == name and group in each.cpu]
    return statistics.median(values) if values else None


def ratios(rounds: Sequence[Round]) -> dict[str, float]:
    """Of the medians of Kamailio's CPU."""
    found = {}
    for one, other in (("product", "native"), ("product", "stock"), ("native", "stock")):
        above, below = median(rounds, one), median(rounds, other)
        if above is not None and below is not None:
            found[f"{one}/{other}"] = above / below
    return found


def verdict(rounds: Sequence[Round]) -> str:
    share = ratios(rounds).get("native/stock")
    if share is None:
        return "no verdict: the native rival and the stock configuration were not both measured"
    if share > VOID:
        return f"VOID: the native rival costs {share:.2f} of the stock configuration, more than {VOID}"
    return f"valid: the native rival costs {share:.2f} of the stock configuration, at most {VOID}"


def report(rounds: Sequence[Round], names: Sequence[str], console: Console) -> None:
    groups = sorted({group for each in rounds for group in each.cpu}, key=lambda group: group != "kamailio")
    for group in groups:
        console.print(_table(rounds, names, group))
    for name, value in ratios(rounds).items():
        console.print(f"{name}: {value:.2f}")
    console.print(verdict(rounds))


def _table(rounds: Sequence[Round], names: Sequence[str], group: str) -> Table:
    turns = max(sum(each.name == name for each in rounds) for name in names)
    table = Table(title=f"CPU of {group}, microseconds a registration")
    for heading in ("", "failed", *(f"round {number}" for number in range(1, turns + 1)), "median"):
        table.add_column(heading, justify="right")
    for name in names:
        own = [each for each in rounds if each.name == name and group in each.cpu]
        if own:
            values = [f"{each.cpu[group]:.1f}" for each in own]
            middle = f"{statistics.median(each.cpu[group] for each in own):.1f}"
            table.add_row(name, str(sum(each.failed for each in own)), *values, middle)
    return table


@click.command()
@click.option("--count", default=20000, show_default=True, help="credentials, each registered once")
@click.option("--rate", default=1000, show_default=True, help="registrations a second")
@click.option("--sources", default=1, show_default=True, help="addresses that the PBXs are spread over")
@click.option("--rounds", "turns", default=3, show_default=True)
@click.option("--only", multiple=True, type=click.Choice(sorted(MAKERS)), help="leave the others out")
@click.option("--profile", is_flag=True, help="record where Kamailio spends its CPU (perf; costs some itself)")
@click.option("--json", "target", type=click.Path(path_type=Path), help="also write the figures here")
@click.option("--folder", type=click.Path(path_type=Path), help="keep the state here (a short path)")
def main(
    count: int,
    rate: int,
    sources: int,
    turns: int,
    only: tuple[str, ...],
    profile: bool,
    target: Path | None,
    folder: Path | None,
) -> None:
    """Measure the CPU that a registration costs."""
    names = [name for name in MAKERS if not only or name in only]
    place = folder or Path(tempfile.mkdtemp(prefix="bench-", dir="/tmp"))
    plan = Plan(count, rate, sources, place, profile)
    try:
        rounds = _all(names, turns, plan)
    finally:
        if folder is None and not profile:
            shutil.rmtree(place, ignore_errors=True)
    report(rounds, names, Console())
    if profile:
        click.echo(f"profiles: {place}")
    if target is not None:
        document = {"rounds": [asdict(each) for each in rounds], "ratios": ratios(rounds), "verdict": verdict(rounds)}
        target.write_text(json.dumps(document, indent=2) + "\n", encoding="ascii")


def _all(names: Sequence[str], turns: int, plan: Plan) -> list[Round]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    rounds = []
    with Progress(*columns, console=Console(stderr=True)) as progress:
        for turn in range(1, turns + 1):
            for name in names:
                task = progress.add_task(f"round {turn}, {name}", total=plan.count)
                users = accounts(plan.count)
                rounds.append(measure(name, plan, users, partial(_show, progress, task)))
    return rounds


def _show(progress: Progress, task: TaskID, finished: int) -> None:
    progress.update(task, completed=finished)


if __name__ == "__main__":
    main()
