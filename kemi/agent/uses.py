"""When each password was first used: rows of `password_use` (rule C4), in the order of columns that `statements` names.

Each registration names its password, so what has been written is remembered: MariaDB is asked once for each password
and start of the agent, and again when an earlier use is found (journals are read one after the other). It keeps the
earliest.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from kemi.agent.rows import moment, number, word
from kemi.journal import Record

MOST_REMEMBERED: Final = 200_000
"""Passwords; beyond that all are forgotten, which costs MariaDB a look at each."""

Use = tuple[str, int, str, datetime]


class PasswordUses:
    """Which uses of passwords one region's MariaDB knows."""

    def __init__(self, region: str) -> None:
        self._region = region
        self._known: dict[tuple[str, int], datetime] = {}

    def first(self, records: Iterable[Record]) -> list[Use]:
        """A row for each password that these records use and of which no use as early is known."""
        found: dict[tuple[str, int], Use] = {}
        for record in records:
            for username, version in _used(record):
                key = (username, version)
                at = moment(record.get("t"))
                if at is not None and all(at < before for before in self._before(key, found)):
                    found[key] = (username, version, self._region, at)
        return list(found.values())

    def remember(self, uses: Iterable[Use]) -> None:
        """These have been committed."""
        if len(self._known) > MOST_REMEMBERED:
            self._known.clear()
        self._known.update((use[:2], use[3]) for use in uses)

    def _before(self, key: tuple[str, int], found: dict[tuple[str, int], Use]) -> Iterator[datetime]:
        if key in self._known:
            yield self._known[key]
        if key in found:
            yield found[key][3]


def _used(record: Record) -> Iterator[tuple[str, int]]:
    """Username and version of the passwords that a line proves: of a registration, or of a call's beginning."""
    state, call = record.get("s"), record.get("c")
    if isinstance(state, dict) and isinstance(state.get("b"), dict):
        yield from _checked(state.get("u"), state["b"].get("pv"))
    if isinstance(call, dict):
        yield from _checked(call.get("u"), call.get("pv"))


def _checked(username: object, version: object) -> Iterator[tuple[str, int]]:
    known, name = number(version, 2**32 - 1), word(username, 32)
    if known and name:
        yield name, known
