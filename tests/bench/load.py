"""Many PBXs that register once each: credentials, and sipp that plays the PBXs."""

import ipaddress
import secrets
import string
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.sipp import Sipp
from tests.sip.digest import ha1

REALM = "registration"
LETTERS = string.ascii_lowercase + string.digits
FIRST_SOURCE = int(ipaddress.IPv4Address("127.128.0.1"))
PBX_PORT = 5070
LOOK = 0.5  # seconds between looks at sipp's counters


@dataclass(frozen=True)
class Account:
    """A credential as both sides need it."""

    username: str
    password: str

    @property
    def ha1(self) -> str:
        return ha1(self.username, REALM, self.password)


@dataclass(frozen=True)
class Outcome:
    """What became of the registrations. `seconds` is how long they took."""

    succeeded: int
    failed: int
    seconds: float


def accounts(count: int) -> list[Account]:
    """Words begin with a letter: sipp takes a value that begins with 0x for hexadecimal."""

    def word(length: int) -> str:
        tail = "".join(secrets.choice(LETTERS) for _ in range(length - 1))
        return secrets.choice(string.ascii_lowercase) + tail

    return [Account(word(12), word(26)) for _ in range(count)]


def write_rows(file: Path, rows: Iterable[Sequence[str]]) -> None:
    """What sipp injects: a row for each PBX, taken in turn. They hold passwords."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text("SEQUENTIAL\n" + "".join(";".join(row) + "\n" for row in rows), encoding="ascii")


def digest(account: Account) -> str:
    """The keyword by which sipp answers a challenge."""
    return f"[authentication username={account.username} password={account.password}]"


def watch(sipp: Sipp, count: int, done: Callable[[int], None]) -> Outcome:
    """Runs sipp to its end; `done` hears how many have finished. Errors: RuntimeError when it did nothing."""
    start = time.monotonic()
    sipp.start()
    while sipp.is_running:
        done(sipp.counted().finished)
        time.sleep(LOOK)
    seconds = time.monotonic() - start
    counted = sipp.counted()
    if counted.finished == 0:
        raise RuntimeError(f"sipp did nothing: {sipp.complaint()}")
    done(counted.finished)
    return Outcome(counted.succeeded, count - counted.succeeded, seconds)


@dataclass(frozen=True)
class Load:
    """Registers each account once. `sources` is the number of addresses that the PBXs are spread over; `rate` is
    registrations a second.
    """

    accounts: Sequence[Account]
    rate: int
    sources: int
    folder: Path

    def run(self, gateway: tuple[str, int], done: Callable[[int], None]) -> Outcome:
        rows = self.folder / "accounts.csv"
        write_rows(rows, self._rows())
        arguments: list[str | Path] = [f"{gateway[0]}:{gateway[1]}", "-inf", rows]
        arguments += ["-r", str(self.rate), "-m", str(len(self.accounts)), "-l", "20000"]
        arguments += ["-timeout", str(60 + 2 * len(self.accounts) // self.rate)]
        if self.sources > 1:
            arguments += ["-t", "ui", "-ip_field", "2"]
        local = (str(ipaddress.IPv4Address(FIRST_SOURCE)), PBX_PORT)
        return watch(Sipp("register.xml", self.folder, local, arguments), len(self.accounts), done)

    def _rows(self) -> Iterator[tuple[str, str, str]]:
        for number, account in enumerate(self.accounts):
            source = ipaddress.IPv4Address(FIRST_SOURCE + number % self.sources)
            yield account.username, digest(account), str(source)
