"""CPU per registration: the product, its policy in Kamailio's own language, Debian's stock configuration, by turns."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import click
from rich.console import Console

from tests.bench.load import Account, Load, accounts
from tests.bench.native import Native
from tests.bench.product import Product
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
from tests.bench.stock import Stock

VOID = 0.6
"""More than this share of the stock configuration's CPU, and the native rival is no good yardstick."""
PAIRS = (("product", "native"), ("product", "stock"), ("native", "stock"))

Maker = Callable[[Path, Sequence[Account]], Candidate]

MAKERS: dict[str, Maker] = {
    "product": lambda home, users: Product(home, ("127.0.15.11", "127.0.15.12"), users),
    "native": lambda home, users: Native(home, "127.0.15.13", [(user.username, user.ha1) for user in users]),
    "stock": lambda home, users: Stock(home, "127.0.15.14", users),
}


@dataclass(frozen=True)
class Plan:
    """How much is registered, how fast, from how many addresses."""

    count: int
    rate: int
    sources: int
    folder: Path
    profile: bool


def measure(plan: Plan, name: str, done: Done) -> Round:
    """One turn from nothing: start, register all, settle, stop."""
    home = plan.folder / name
    shutil.rmtree(home, ignore_errors=True)
    users = accounts(plan.count)
    with running(MAKERS[name](home, users)) as candidate:
        groups = candidate.processes()
        meter = Meter(groups)
        with Profile(groups[KAMAILIO], plan.folder / f"{name}.perf") if plan.profile else Profile():
            outcome = Load(users, plan.rate, plan.sources, home / "load").run(candidate.address, done)
        if outcome.failed == 0:
            candidate.settle(plan.count)
        return Round(name, outcome.failed, outcome.seconds, meter.used(plan.count))


def verdict(rounds: Sequence[Round]) -> str:
    share = ratios(rounds, PAIRS).get("native/stock")
    if share is None:
        return "no verdict: the native rival and the stock configuration were not both measured"
    if share > VOID:
        return f"VOID: the native rival costs {share:.2f} of the stock configuration, more than {VOID}"
    return f"valid: the native rival costs {share:.2f} of the stock configuration, at most {VOID}"


@click.command()
@click.option("--count", default=20000, show_default=True, help="credentials, each registered once")
@click.option("--rate", default=1000, show_default=True, help="registrations a second")
@click.option("--sources", default=1, show_default=True, help="addresses that the PBXs are spread over")
@conducted(list(MAKERS))
def main(conduct: Conduct, count: int, rate: int, sources: int) -> None:
    """Measure the CPU that a registration costs."""
    names = conduct.names(list(MAKERS))
    with conduct.workplace() as place:
        plan = Plan(count, rate, sources, place, conduct.profile)
        rounds = by_turns(names, conduct.turns, count, partial(measure, plan))
    report(rounds, names, "registration", Console())
    compared = ratios(rounds, PAIRS)
    for pair, value in compared.items():
        click.echo(f"{pair}: {value:.2f}")
    click.echo(verdict(rounds))
    conduct.write(rounds=[asdict(each) for each in rounds], ratios=compared, verdict=verdict(rounds))


if __name__ == "__main__":
    main()
