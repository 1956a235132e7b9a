"""A change through the API: one transaction that makes it, records who made it, and tells the regions of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from pymysql.cursors import DictCursor

from api import idempotency
from api.audit.store import Actor, Entry, add_entries
from api.changes import Change, next_changes
from api.etags import expect
from api.principal import Principal, address, current
from api.request_ids import request_id
from api.services import services

Row = dict[str, Any]


class Work:
    """What one request changes. Nothing is to be seen of it before all of it is."""

    def __init__(self, cursor: DictCursor, principal: Principal) -> None:
        self.cursor = cursor
        self._principal = principal
        self._entries: list[Entry] = []
        self._changes: list[Change] = []
        self._looks: list[Callable[[], None]] = []
        self._answer: Row = {}
        self._change: int | None = None
        self._region: str | None = None

    def expect(self, row: Mapping[str, Any]) -> None:
        """Errors: Refusal (412) when `row` is not what the sender's If-Match names."""
        expect(row)

    def record(
        self,
        action: str,
        entity: str,
        entity_id: str,
        *,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        tenant: str | None = None,
    ) -> None:
        """One entry of the audit log: what was done, and the thing as the API shows it before and after."""
        self._entries.append(Entry(action, entity, entity_id, before, after, tenant))

    def record_all(self, entries: Sequence[Entry]) -> None:
        """Many entries of the audit log, written at once."""
        add_entries(self.cursor, self._actor(), entries)

    def tell(self, entity: str, entity_id: str, data: Mapping[str, str | None] | None = None) -> None:
        """Regions have to learn of it. `data` that names a region is for that one alone."""
        self.tell_all([Change(entity, entity_id, data)])

    def tell_all(self, changes: Sequence[Change]) -> None:
        """Regions have to learn of all of it."""
        self._changes += changes

    def look_last(self, look: Callable[[], None]) -> None:
        """Call `look` right before the commit: an exception of it undoes everything."""
        self._looks.append(look)

    def answer(self, row: Mapping[str, Any], *, region: str | None = None) -> None:
        """What the sender gets; `region` is the only one whose applying it waits for."""
        self._answer, self._region = dict(row), region

    def answered(self, *, wait: bool = True) -> Row:
        """The answer after the commit; it waits until the regions have applied what they were told (rule C5)."""
        if self._change is None:
            return self._answer
        if not wait:
            return self._answer | {"change": self._change}
        return self._answer | services().applying.outcome(self._change, self._region)

    def finish(self, asked: idempotency.Asked | None) -> None:
        """Record, number and note it; other writers wait from the numbering to the commit."""
        if self._entries:
            add_entries(self.cursor, self._actor(), self._entries)
        if self._changes:
            self._change = next_changes(self.cursor, self._changes)
        if asked:
            asked.note(self.cursor, self._answer, self._change, self._region)
        for look in self._looks:
            look()

    def _actor(self) -> Actor:
        return Actor(self._principal.kind, self._principal.id, self._principal.name, address(), request_id())


@contextmanager
def work(principal: Principal | None = None) -> Iterator[Work]:
    """One change by the sender of the request (or by `principal`), all of it or nothing.

    Errors: DatabaseUnavailableError; Refusal; AskedBeforeError when the sender's Idempotency-Key was used before.
    """
    who = principal or current()
    with services().database.transaction() as cursor:
        asked = idempotency.begin(cursor, who)
        unit = Work(cursor, who)
        yield unit
        unit.finish(asked)
