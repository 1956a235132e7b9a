"""Who plays: a customer with two PBXs, and a core for each region. Nothing of them stays."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import click

from api.cli.client import Client
from api.demo.core import Core
from api.demo.customer import Customer, left_behind, new_account, remove
from api.demo.patience import Patience
from api.demo.pbx import Pbx
from api.demo.places import Region, free_address
from api.demo.telling import Teller

NUMBERS: Final = 10
"""So many the story needs, those of subscribers included."""
FOLDER: Final = "turnpike-"
"""What the name of the folder of logs begins with, before the account; it is among the machine's temporary ones."""


@dataclass(frozen=True)
class Record:
    """What a call's record must say."""

    callee: str
    code: int
    ended_by: str


@dataclass
class Stage:
    """What chapters need. PBXs and cores that are added leave the stage with it, the newest first."""

    client: Client
    regions: tuple[Region, ...]
    patience: Patience
    teller: Teller
    customer: Customer
    folder: Path
    numbers: list[str]
    leaving: ExitStack
    pbxs: list[Pbx] = field(default_factory=list)
    cores: dict[str, Core] = field(default_factory=dict)
    expected: list[Record] = field(default_factory=list)

    def add_core(self, region: Region) -> Core:
        """It takes calls when this returns. Errors: NotAsToldError."""
        core = Core(region.name, free_address(self._addresses()), self.folder, self.customer.account)
        self.leaving.callback(core.stop)
        core.start()
        self.cores[region.name] = core
        self.patience.until(core.is_there, 10, f"sipp answers at {core.address}")
        return core

    def add_pbx(self, name: str) -> Pbx:
        """One with a credential and a number of its own; it registers when it is started."""
        number = self.numbers.pop()
        login = self.customer.make_credential(name)
        self.customer.make_number(number, login)
        pbx = Pbx(name, free_address(self._addresses()), number, login, self.folder)
        self.leaving.callback(pbx.stop)
        self.pbxs.append(pbx)
        return pbx

    def _addresses(self) -> list[str]:
        return [*(pbx.address for pbx in self.pbxs), *(core.address for core in self.cores.values())]


@contextmanager
def stage(client: Client, regions: tuple[Region, ...], patience: Patience, teller: Teller) -> Iterator[Stage]:
    """An empty stage; afterwards everything is as before, however the story ended.

    Errors: click.ClickException when something cannot be removed.
    """
    account = new_account()
    with ExitStack() as leaving:
        folder = leaving.enter_context(tempfile.TemporaryDirectory(prefix=f"{FOLDER}{account}-"))
        customer = Customer(client, account)
        numbers = customer.numbers(NUMBERS)
        leaving.callback(_clear, customer, teller)
        yield Stage(client, regions, patience, teller, customer, Path(folder), numbers, leaving)


def clean(client: Client) -> list[str]:
    """Remove what demonstrations have left that were killed; returns their accounts.

    Errors: click.ClickException.
    """
    accounts = left_behind(client)
    for account in accounts:
        remove(client, account)
        for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER}{account}-*"):
            shutil.rmtree(folder, ignore_errors=True)
    return accounts


def _clear(customer: Customer, teller: Teller) -> None:
    try:
        remove(customer.client, customer.account)
    except click.ClickException as error:
        raise click.ClickException(f"{error.message}; ./turnpike demo --clean removes what is left") from error
    teller.happened(
        "the programs have ended; numbers, credentials, core gateways and tenant are deleted",
        "Records of calls and events are history and stay.",
        try_it=f"cdr list --tenant {customer.account}",
    )
