"""Calls for a measurement: PBXs that call out, calls that stay up, and the core that takes them all."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.load import PBX_PORT, Account, Outcome, digest, watch, write_rows
from tests.bench.sipp import Counted, Sipp
from tests.sip.waiting import until

CORE = ("127.0.15.20", 5060)
CALLERS = ("127.128.0.2", PBX_PORT)
HOLDERS = ("127.128.0.3", PBX_PORT)
BETWEEN_CALLS = 2  # seconds from one call of a credential to its next: rule O2 is never in the way
HOLD_RATE = 200  # calls a second
MOST_OPEN = 20000
ANSWERS_OPTIONS = "-aa"


def callers_for(rate: int) -> int:
    """How many credentials it takes for so many calls a second."""
    return max(10, BETWEEN_CALLS * rate)


@contextmanager
def core(folder: Path) -> Iterator[Sipp]:
    """A core gateway: rings at once, answers 50 ms later, answers OPTIONS."""
    sipp = Sipp("core.xml", folder, CORE, [ANSWERS_OPTIONS])
    sipp.start()
    try:
        yield sipp
    finally:
        sipp.stop()


@dataclass(frozen=True)
class Calls:
    """Complete calls, `rate` a second; each credential in turn makes one."""

    accounts: Sequence[Account]
    count: int
    rate: int
    folder: Path

    def run(self, gateway: tuple[str, int], done: Callable[[int], None]) -> Outcome:
        """Errors: RuntimeError when sipp cannot run."""
        arguments = _arguments(self.accounts, self.folder, gateway, self.count, self.rate)
        arguments += ["-timeout", str(60 + 2 * self.count // self.rate)]
        return watch(Sipp("call.xml", self.folder, CALLERS, arguments), self.count, done)


@contextmanager
def held(accounts: Sequence[Account], count: int, gateway: tuple[str, int], folder: Path) -> Iterator[Sipp]:
    """So many calls in progress while the context lasts; their PBXs answer OPTIONS.

    Errors: AssertionError when they do not come up.
    """
    sipp = Sipp(
        "held.xml",
        folder,
        HOLDERS,
        [*_arguments(accounts, folder, gateway, count, min(HOLD_RATE, len(accounts))), ANSWERS_OPTIONS],
    )
    sipp.start()
    try:
        until(
            lambda: _is_up(sipp.counted(), count), 60 + 2 * count / HOLD_RATE, f"{count} calls in progress", pause=0.5
        )
        yield sipp
    finally:
        sipp.stop()


def _is_up(counted: Counted, count: int) -> bool:
    if counted.failed:
        raise AssertionError(f"{counted.failed} of the calls that were to stay up failed")
    return counted.established >= count


def _arguments(
    accounts: Sequence[Account], folder: Path, gateway: tuple[str, int], count: int, rate: int
) -> list[str | Path]:
    rows = folder / "accounts.csv"
    write_rows(rows, ((account.username, digest(account)) for account in accounts))
    arguments: list[str | Path] = [f"{gateway[0]}:{gateway[1]}", "-inf", rows]
    return [*arguments, "-r", str(rate), "-m", str(count), "-l", str(MOST_OPEN)]
