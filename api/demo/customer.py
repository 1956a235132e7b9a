"""A customer of the carrier: what the demonstration makes over the API, and takes away again."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

import click

from api.cli.client import Client, Row

NAME: Final = "Turnpike demo"
ACCOUNT: Final = "demo-"
LETTERS: Final = "23456789abcdefghjkmnpqrstvwxyz"
FICTION: Final = "+120255501"
"""Numbers that begin so belong to nobody: they are for stories (North American Numbering Plan: 555-0100 to -0199)."""


@dataclass(frozen=True)
class Login:
    """A credential."""

    id: str
    username: str
    password: str = field(repr=False)


def new_account() -> str:
    """An account ID that nobody has."""
    return ACCOUNT + "".join(secrets.choice(LETTERS) for _ in range(6))


class Customer:
    """One tenant, and what belongs to it."""

    def __init__(self, client: Client, account: str) -> None:
        self.client = client
        self.account = account
        self._change = 0

    def make_tenant(self) -> None:
        """The first that is made."""
        self.client.post("tenants", {"account_id": self.account, "name": NAME})

    def make_credential(self, label: str) -> Login:
        """The service makes username and password."""
        row = self._made("credentials", {"label": f"{NAME}, {label}", "tenant": self.account})
        return Login(row["id"], row["username"], row["password"])

    def make_number(self, number: str, login: Login) -> None:
        """It rings the PBX that registers with this credential."""
        self._made("numbers", {"number": number, "tenant": self.account, "credential": login.id})

    def add_core(self, region: str, address: str) -> None:
        """From now on this region sends its calls there."""
        self._made("cores", {"region": region, "address": address, "label": label(self.account)})

    def _made(self, path: str, row: Row) -> Row:
        made = self.client.post(path, row)
        self._change = int(made["change"])
        return made

    def is_known(self) -> bool:
        """Whether all regions have applied what was made (rule C5)."""
        regions = self.client.get("regions")["items"]
        return all((region["applied_change"] or 0) >= self._change for region in regions)

    def numbers(self, count: int) -> list[str]:
        """Free numbers of nobody. Errors: click.ClickException when there are too few."""
        taken = {row["number"] for row in self.client.rows("numbers", prefix=FICTION)}
        free = [f"{FICTION}{end:02}" for end in range(100) if f"{FICTION}{end:02}" not in taken]
        if len(free) < count:
            raise click.ClickException(f"the demonstration needs {count} free numbers that begin with {FICTION}")
        secrets.SystemRandom().shuffle(free)
        return free[:count]


def label(account: str) -> str:
    """What a core gateway of the demonstration is called."""
    return f"{NAME} {account}"


def remove(client: Client, account: str) -> None:
    """Take away all that this account has, whoever made it. What the API has recorded stays.

    Errors: click.ClickException.
    """
    for row in list(client.rows("numbers", tenant=account)):
        client.delete(f"numbers/{quote(row['number'], safe='+')}")
    for row in list(client.rows("credentials", tenant=account)):
        client.delete(f"credentials/{row['id']}", end_calls=True)
    for row in client.get("cores")["items"]:
        if row["label"] == label(account):
            client.delete(f"cores/{row['id']}")
    if any(row["account_id"] == account for row in client.rows("tenants")):
        client.delete(f"tenants/{account}")


def left_behind(client: Client) -> list[str]:
    """Accounts of demonstrations that were killed, or that run at this moment."""
    tenants = [row["account_id"] for row in client.rows("tenants") if row["name"] == NAME]
    cores = [(row["label"] or "").removeprefix(f"{NAME} ") for row in client.get("cores")["items"]]
    return sorted({account for account in (*tenants, *cores) if account.startswith(ACCOUNT)})
