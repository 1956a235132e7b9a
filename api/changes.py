"""The change log: what regions have to learn, numbered densely and in order of commit."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pymysql.cursors import Cursor

TAKE_NUMBERS = "UPDATE change_counter SET n = LAST_INSERT_ID(n + %s)"
WRITE_DOWN = "INSERT INTO change_log (n, entity, entity_id, data) VALUES (%s, %s, %s, %s)"


class Change(NamedTuple):
    """What a region has to learn."""

    entity: str
    entity_id: str
    data: Mapping[str, str | None] | None = None


def next_change(cursor: Cursor, entity: str, entity_id: str, data: Mapping[str, str | None] | None = None) -> int:
    """`next_changes` for one."""
    return next_changes(cursor, [Change(entity, entity_id, data)])


def next_changes(cursor: Cursor, changes: Sequence[Change]) -> int:
    """Take the next change numbers within the caller's transaction, log what they stand for, and return the last.

    The counter's row stays locked until the transaction ends, so that a reader that has seen N has seen all up to N.
    Call it last: other writers wait from here to the commit.
    """
    cursor.execute(TAKE_NUMBERS, (len(changes),))
    last = int(cursor.lastrowid)
    rows = [
        (number, change.entity, change.entity_id, None if change.data is None else json.dumps(change.data))
        for number, change in enumerate(changes, start=last - len(changes) + 1)
    ]
    cursor.executemany(WRITE_DOWN, rows)
    return last
