"""Attempts to sign in that have not succeeded, in MariaDB: they are counted before a password is looked at.

An attempt is written down first and taken away when it succeeds, one after the other for the whole deployment: however
many come at once, no more passwords are looked at than the limits say. Of what was typed for a name only a hash is
kept: it may be a password.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ipaddress import IPv6Address, ip_network
from typing import Any, Final

from pymysql.cursors import DictCursor

from api.database import DatabaseUnavailableError
from api.limits import SignInSettings
from api.rates import too_many

LOCK: Final = "CONCAT(DATABASE(), '.sign-in')"
PATIENCE: Final = 5
"""Seconds to wait for those who are counted before."""
KEPT_DAYS: Final = 1
"""The longest `window`."""
NETWORK_BITS: Final = 64
"""What one customer has of IPv6 (RFC 6177)."""


def reserve(cursor: DictCursor, name: str, address: str, settings: SignInSettings) -> int:
    """Count an attempt, and commit it; returns its number, for `withdraw`.

    Errors: Refusal (429, with the seconds until one is possible again); DatabaseUnavailableError.
    """
    attempt = {"name": _hidden(name), "address": _network(address), "window": settings.window}
    with _alone(cursor):
        _refuse_too_many(cursor, attempt, settings)
        cursor.execute("INSERT INTO sign_in_attempt (name, address) VALUES (%(name)s, %(address)s)", attempt)
        number = int(cursor.lastrowid)
        cursor.connection.commit()
    return number


def withdraw(cursor: DictCursor, number: int) -> None:
    """It has succeeded."""
    cursor.execute("DELETE FROM sign_in_attempt WHERE id = %s", (number,))


def forget(cursor: DictCursor) -> int:
    """Drop attempts that count no more, at most a thousand at once; returns how many."""
    return cursor.execute(
        "DELETE FROM sign_in_attempt WHERE at < UTC_TIMESTAMP(3) - INTERVAL %s DAY LIMIT 1000", (KEPT_DAYS,)
    )


def _refuse_too_many(cursor: DictCursor, attempt: dict[str, Any], settings: SignInSettings) -> None:
    limits = (
        ("name = %(name)s AND address = %(address)s", settings.failures),
        ("address = %(address)s", settings.address_failures),
        ("name = %(name)s", settings.name_failures),
    )
    waits = [_wait(cursor, whose, attempt | {"others": most - 1}) for whose, most in limits]
    if any(waits):
        raise too_many("There were too many attempts to sign in", max(waits))


def _wait(cursor: DictCursor, whose: str, attempt: dict[str, Any]) -> int:
    """Seconds until fewer than the limit are younger than the window; 0: so it is now."""
    cursor.execute(
        "SELECT CEIL(TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(3), at + INTERVAL %(window)s SECOND) / 1000000) AS wait"  # noqa: S608
        f" FROM sign_in_attempt WHERE {whose} AND at > UTC_TIMESTAMP(3) - INTERVAL %(window)s SECOND"
        " ORDER BY at DESC LIMIT 1 OFFSET %(others)s",
        attempt,
    )
    row = cursor.fetchone()
    return max(1, int(row["wait"])) if row else 0


@contextmanager
def _alone(cursor: DictCursor) -> Iterator[None]:
    cursor.execute(f"SELECT GET_LOCK({LOCK}, {PATIENCE}) AS held")
    if (cursor.fetchone() or {}).get("held") != 1:
        raise DatabaseUnavailableError("too many sign in at once")
    try:
        yield
    finally:
        cursor.execute(f"SELECT RELEASE_LOCK({LOCK})")


def _hidden(name: str) -> str:
    """SHA-256 of a name, whatever its case."""
    return hashlib.sha256(name.lower().encode("utf-8", "replace")).hexdigest()


def _network(address: str) -> str:
    """What counts as one address."""
    with suppress(ValueError):
        return str(ip_network((IPv6Address(address), NETWORK_BITS), strict=False))
    return address
