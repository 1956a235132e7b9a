"""How far an import is, for whoever waits for it.

It is written in short transactions of its own, so that it can be seen before the import is. It says nothing about
whether the import was carried out: the request, sent again with the same Idempotency-Key, does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from pymysql.cursors import DictCursor

from api import idempotency
from api.database import Database, DatabaseUnavailableError
from api.principal import current
from api.services import services

STEP: Final = 1000
"""Rows."""
KEPT_HOURS: Final = 24
PHASES: Final = ("checking", "writing", "done", "stopped")

Item = TypeVar("Item")


class Progress:
    """Of one import, which its sender knows by its Idempotency-Key; without one it is told to nobody."""

    def __init__(self, database: Database, principal: str, key: str | None) -> None:
        self._database = database
        self._principal = principal
        self._key = key
        self._total: int | None = None

    @classmethod
    def of_request(cls) -> Self:
        """That of the request at hand. Errors: Refusal (422) when its Idempotency-Key is none."""
        return cls(services().database, current().id, idempotency.given_key())

    def through(self, phase: str, items: Sequence[Item]) -> Iterator[Item]:
        """Each of `items`; tells how many are done."""
        for chunk in self.chunks(phase, items):
            yield from chunk

    def chunks(self, phase: str, items: Sequence[Item]) -> Iterator[Sequence[Item]]:
        """`items`, a thousand at a time; tells how many are done."""
        for start in range(0, len(items), STEP):
            self._tell(phase, start, len(items))
            yield items[start : start + STEP]
        self._tell(phase, len(items), len(items))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """How it ended, if it began at all: what was carried out before does not begin again."""
        if self._total is not None:
            self._tell("stopped" if kind else "done", 0 if kind else self._total, self._total)

    def _tell(self, phase: str, done: int, total: int) -> None:
        """An import does not fail because nobody can look."""
        self._total = total
        if self._key is None:
            return
        with suppress(DatabaseUnavailableError), self._database.transaction() as cursor:
            cursor.execute(
                "REPLACE INTO import_progress (principal, `key`, phase, done, total) VALUES (%s, %s, %s, %s, %s)",
                (self._principal, self._key, phase, done, total),
            )


def read_progress(cursor: DictCursor, principal: str, key: str) -> dict[str, Any] | None:
    """That of one's own import."""
    cursor.execute(
        "SELECT `key`, phase, done, total, updated_at FROM import_progress WHERE principal = %s AND `key` = %s",
        (principal, key),
    )
    return cursor.fetchone()


def forget(cursor: DictCursor) -> int:
    """Drop what was told more than a day ago, at most a thousand at once; returns how many."""
    return cursor.execute(
        "DELETE FROM import_progress WHERE updated_at < UTC_TIMESTAMP(3) - INTERVAL %s HOUR LIMIT 1000",
        (KEPT_HOURS,),
    )
