"""What is live about credentials: their bindings, and how much of their calls' limits is in use (rules O2 and O3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from pymysql.cursors import DictCursor

from api.bindings.store import read_bindings_of
from api.calls.store import read_use

Row = dict[str, Any]
NOTHING = {"channels": 0, "calls_per_second": 0.0}


def with_live(cursor: DictCursor, credentials: Sequence[Row]) -> list[Row]:
    """`credentials` with `bindings` and `use`; it takes two queries, however many they are."""
    if not credentials:
        return []
    bindings = defaultdict(list)
    for each in read_bindings_of(cursor, [each["username"] for each in credentials]):
        bindings[each["username"]].append(each)
    regions, used = read_use(cursor, [each["id"] for each in credentials])
    return [
        credential
        | {
            "bindings": bindings[credential["username"]],
            "use": [{"region": region, **used.get((credential["id"], region), NOTHING)} for region in regions],
        }
        for credential in credentials
    ]


def without_live(credentials: Sequence[Row]) -> list[Row]:
    """`credentials` of which nothing live was asked for."""
    return [credential | {"bindings": None, "use": None} for credential in credentials]
