"""The change log: what regions have to learn, numbered densely and in order of commit."""

from __future__ import annotations

import json
from collections.abc import Mapping

from pymysql.cursors import Cursor

TAKE_NUMBER = "UPDATE change_counter SET n = LAST_INSERT_ID(n + 1)"
WRITE_DOWN = "INSERT INTO change_log (n, entity, entity_id, data) VALUES (%s, %s, %s, %s)"


def next_change(cursor: Cursor, entity: str, entity_id: str, data: Mapping[str, str | None] | None = None) -> int:
    """Take the next change number within the caller's transaction and log what it stands for.

    The counter's row stays locked until the transaction ends, so that a reader that has seen N has seen all up to N.
    Call it last: other writers wait from here to the commit.
    """
    cursor.execute(TAKE_NUMBER)
    number = int(cursor.lastrowid)
    cursor.execute(WRITE_DOWN, (number, entity, entity_id, None if data is None else json.dumps(data)))
    return number
