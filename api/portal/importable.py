"""What can be imported as a CSV file, as people are told of it."""

from __future__ import annotations

from typing import Final, NamedTuple

from api.credentials.files import EXAMPLE as CREDENTIALS_EXAMPLE
from api.numbers.files import EXAMPLE as NUMBERS_EXAMPLE
from api.principal import Access, Scope
from api.tenants.files import EXAMPLE as TENANTS_EXAMPLE


class Column(NamedTuple):
    """A column of such a file."""

    name: str
    about: str
    needed: bool = False


class Importable(NamedTuple):
    """A kind of thing that can be imported. `name` is its path in the API; `access` is what the API asks for."""

    name: str
    title: str
    one: str
    access: Access
    columns: tuple[Column, ...]
    example: str
    list_endpoint: str

    def counted(self, count: int) -> str:
        """So many of them: 1 phone number, 2 phone numbers."""
        return f"{count:,} {self.one}{'' if count == 1 else 's'}".replace(",", "\u202f")


IMPORTABLE: Final = {
    "numbers": Importable(
        "numbers",
        "Import phone numbers",
        "phone number",
        Access(Scope.OPERATE, tenants=False),
        (
            Column("number", "In E.164 with its plus, such as +14155550100", needed=True),
            Column("label", "What people call it"),
            Column("tenant", "Account ID of the tenant whose calls these are"),
            Column("credential", "Username or id of the credential that it is routed to"),
        ),
        NUMBERS_EXAMPLE,
        "portal.numbers.index",
    ),
    "tenants": Importable(
        "tenants",
        "Import tenants",
        "tenant",
        Access(Scope.ADMINISTER, tenants=False),
        (
            Column("account_id", "Letters, digits, dots and hyphens, no spaces", needed=True),
            Column("name", "What people call it", needed=True),
            Column("contact", "Whom to ask: a name, an e-mail address, a telephone number"),
        ),
        TENANTS_EXAMPLE,
        "portal.tenants.index",
    ),
    "credentials": Importable(
        "credentials",
        "Import SIP credentials",
        "credential",
        Access(Scope.OPERATE, tenants=True),
        (
            Column("label", "What people call it, such as the customer's site", needed=True),
            Column("tenant", "Account ID of the tenant"),
            Column("enabled", "true or false; true unless told"),
        ),
        CREDENTIALS_EXAMPLE,
        "portal.credentials.index",
    ),
}
