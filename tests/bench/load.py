"""Many PBXs that register once each: credentials, and sipp that plays the PBXs."""

import csv
import ipaddress
import secrets
import string
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.sip.digest import ha1

HERE = Path(__file__).resolve().parent
REALM = "registration"
LETTERS = string.ascii_lowercase + string.digits
FIRST_SOURCE = int(ipaddress.IPv4Address("127.128.0.1"))
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


@dataclass(frozen=True)
class Load:
    """`sources` is the number of addresses that the PBXs are spread over; `rate` is registrations a second."""

    accounts: Sequence[Account]
    rate: int
    sources: int
    folder: Path

    def run(self, gateway: tuple[str, int], done: Callable[[int], None]) -> Outcome:
        """Registers each account once; `done` hears how many have finished.

        Errors: RuntimeError when sipp cannot run.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        rows = self.folder / "accounts.csv"
        _write(rows, self.accounts, self.sources)
        counters = self.folder / "counters.csv"
        counters.unlink(missing_ok=True)
        start = time.monotonic()
        process = subprocess.Popen(
            [*self._command(gateway), "-inf", rows, "-stf", counters],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / "sipp.log").open("ab"),
        )
        while process.poll() is None:
            done(sum(_counted(counters)))
            time.sleep(LOOK)
        seconds = time.monotonic() - start
        succeeded, failed = _counted(counters)
        if succeeded + failed == 0:
            raise RuntimeError(f"sipp did nothing: {(self.folder / 'sipp.log').read_text()[-500:]}")
        done(succeeded + failed)
        return Outcome(succeeded, len(self.accounts) - succeeded, seconds)

    def _command(self, gateway: tuple[str, int]) -> list[str | Path]:
        command: list[str | Path] = ["sipp", f"{gateway[0]}:{gateway[1]}", "-sf", HERE / "register.xml", "-nostdin"]
        command += ["-i", str(ipaddress.IPv4Address(FIRST_SOURCE)), "-p", "5070", "-buff_size", "1048576"]
        command += ["-r", str(self.rate), "-m", str(len(self.accounts)), "-l", "20000"]
        command += ["-trace_stat", "-fd", "1", "-trace_err", "-error_file", self.folder / "errors.log"]
        command += ["-timeout", str(60 + 2 * len(self.accounts) // self.rate)]
        return command if self.sources == 1 else [*command, "-t", "ui", "-ip_field", "2"]


def _write(file: Path, accounts: Sequence[Account], sources: int) -> None:
    with file.open("w", encoding="ascii") as rows:
        rows.write("SEQUENTIAL\n")
        for number, account in enumerate(accounts):
            source = ipaddress.IPv4Address(FIRST_SOURCE + number % sources)
            digest = f"[authentication username={account.username} password={account.password}]"
            rows.write(f"{account.username};{digest};{source}\n")
    file.chmod(0o600)


def _counted(file: Path) -> tuple[int, int]:
    """Registrations that succeeded and failed so far, as sipp says."""
    try:
        lines = list(csv.DictReader(file.read_text().splitlines(), delimiter=";"))
    except OSError:
        return 0, 0
    if not lines or lines[-1].get("FailedCall(C)") is None:
        return 0, 0
    return int(lines[-1]["SuccessfulCall(C)"]), int(lines[-1]["FailedCall(C)"])
