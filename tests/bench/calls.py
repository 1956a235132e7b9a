"""CPU per complete call: the product beside its policy in Kamailio's own language, by turns.

With --held: what a call costs while others are in progress, and what these cost by themselves.
"""

import math
import shutil
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from tests.bench.call_load import CORE, Calls, callers_for, core, held
from tests.bench.load import Account, accounts
from tests.bench.native import Native
from tests.bench.product import Calling
from tests.bench.profiling import Profile
from tests.bench.rounds import (
    KAMAILIO,
    Candidate,
    Conduct,
    Done,
    Meter,
    Round,
    by_turns,
    conducted,
    ratios,
    report,
    running,
)

TENANT = "benchmark"
PAIRS = (("product", "native"),)
HOLDERS = 400
"""Credentials of the calls that stay up: 10,000 of them are 25 each."""
WARM_UP = 500
"""Complete calls before others are put up: what a process does for the first time costs more."""
AFTER = 5.0  # seconds that are measured beyond the load, so that what it leaves behind is counted
KEEPALIVES = 30.0  # seconds from one question to a side of a call to the next: only whole rounds of them compare

Maker = Callable[[Path, Sequence[Account]], Candidate]

MAKERS: dict[str, Maker] = {
    "product": lambda home, users: Calling(home, ("127.0.15.11", "127.0.15.12"), users, TENANT, CORE),
    "native": lambda home, users: Native(
        home, "127.0.15.13", [(user.username, user.ha1) for user in users], TENANT, [CORE]
    ),
}


@dataclass(frozen=True)
class Plan:
    """How many complete calls, how many a second."""

    count: int
    rate: int
    folder: Path
    profile: bool

    def home(self, name: str) -> Path:
        home = self.folder / name
        shutil.rmtree(home, ignore_errors=True)
        return home


def measure(plan: Plan, name: str, done: Done) -> Round:
    """One turn from nothing: start, make all calls, settle, stop."""
    home = plan.home(name)
    users = accounts(callers_for(plan.rate))
    with core(plan.folder / "core"), running(MAKERS[name](home, users)) as candidate:
        groups = candidate.processes()
        meter = Meter(groups)
        with Profile(groups[KAMAILIO], plan.folder / f"{name}.perf") if plan.profile else Profile():
            outcome = Calls(users, plan.count, plan.rate, home / "load").run(candidate.address, done)
        if outcome.failed == 0:
            candidate.settle(plan.count)
        return Round(name, outcome.failed, outcome.seconds, meter.used(plan.count))


@dataclass(frozen=True)
class Standing:
    """What calls cost while `held` others are in progress.

    `background` is milliseconds of CPU a second without any load; `loaded` is microseconds for each complete call,
    all of Kamailio's CPU divided by their number; `marginal` is that without the background.
    """

    name: str
    held: int
    lost: int
    failed: int
    background: float
    loaded: float
    marginal: float


def stand(plan: Plan, name: str, number: int) -> Standing:
    """One turn from nothing: start, put `number` calls up, measure them alone, then under load for the same time."""
    home = plan.home(name)
    users, holders = accounts(callers_for(plan.rate)), accounts(HOLDERS)
    span = KEEPALIVES * math.ceil((plan.count / plan.rate + AFTER) / KEEPALIVES)
    with core(plan.folder / "core"), running(MAKERS[name](home, [*users, *holders])) as candidate:
        kamailio = {KAMAILIO: candidate.processes()[KAMAILIO]}
        Calls(users, WARM_UP, plan.rate, home / "warm-up").run(candidate.address, lambda _: None)
        with held(holders, number, candidate.address, home / "held") as standing:
            alone = Meter(kamailio)
            time.sleep(span)
            background = alone.used(1)[KAMAILIO]
            end = time.monotonic() + span
            together = Meter(kamailio)
            outcome = Calls(users, plan.count, plan.rate, home / "load").run(candidate.address, lambda _: None)
            time.sleep(max(0.0, end - time.monotonic()))
            loaded = together.used(1)[KAMAILIO]
            lost = number - (standing.counted().current if standing.is_running else 0)
    return Standing(
        name,
        number,
        lost,
        outcome.failed,
        background / span / 1000,
        loaded / plan.count,
        (loaded - background) / plan.count,
    )


def show_standing(standings: Sequence[Standing], console: Console) -> None:
    table = Table(title="CPU of kamailio while calls are in progress")
    headings = ("", "in\nprogress", "lost", "failed", "background,\nms/s", "a call,\nall, us", "a call,\nmarginal, us")
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    for each in standings:
        figures = (f"{value:.1f}" for value in (each.background, each.loaded, each.marginal))
        table.add_row(each.name, str(each.held), str(each.lost), str(each.failed), *figures)
    console.print(table)


def growth(standings: Sequence[Standing], name: str) -> float | None:
    """Marginal CPU with the most calls in progress, to that with the fewest: of the medians."""
    own = [each for each in standings if each.name == name]
    middle = {
        number: statistics.median(each.marginal for each in own if each.held == number)
        for number in sorted({each.held for each in own})
    }
    return middle[max(middle)] / middle[min(middle)] if len(middle) > 1 else None


@click.command()
@click.option("--count", default=18_000, show_default=True, help="complete calls")
@click.option("--rate", default=300, show_default=True, help="calls a second")
@click.option("--held", "numbers", multiple=True, type=int, help="measure while so many calls are in progress")
@conducted(list(MAKERS))
def main(conduct: Conduct, count: int, rate: int, numbers: tuple[int, ...]) -> None:
    """Measure the CPU that a complete call costs."""
    names = conduct.names(list(MAKERS))
    with conduct.workplace() as place:
        plan = Plan(count, rate, place, conduct.profile)
        if numbers:
            _compare_standing(plan, names, numbers, conduct)
        else:
            _compare(plan, names, conduct)


def _compare(plan: Plan, names: Sequence[str], conduct: Conduct) -> None:
    rounds = by_turns(names, conduct.turns, plan.count, partial(measure, plan))
    report(rounds, names, "call", Console())
    compared = ratios(rounds, PAIRS)
    for pair, value in compared.items():
        click.echo(f"{pair}: {value:.2f}")
    conduct.write(rounds=[asdict(each) for each in rounds], ratios=compared)


def _compare_standing(plan: Plan, names: Sequence[str], numbers: Sequence[int], conduct: Conduct) -> None:
    turns = range(conduct.turns)
    standings = [stand(plan, name, number) for _ in turns for name in names for number in numbers]
    show_standing(standings, Console())
    grown = {name: value for name in names if (value := growth(standings, name)) is not None}
    for name, value in grown.items():
        click.echo(f"{name}, marginal, {max(numbers)} in progress to {min(numbers)}: {value:.2f}")
    conduct.write(standings=[asdict(each) for each in standings], growth=grown)


if __name__ == "__main__":
    main()
