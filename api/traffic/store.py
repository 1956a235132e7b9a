"""Traffic in MariaDB, which adds it up by the minute as regions' agents report (sql/0018_traffic.sql)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from pymysql.cursors import DictCursor

LEVELS: Final = ("bindings", "calls", "channels")
MOST_REFUSALS: Final = 50
KEPT_HOURS: Final = 48
TABLES: Final = ("traffic_level", "traffic_start", "traffic_refusal", "traffic_refusal_quarter")
QUARTER: Final = 900
"""Seconds of a step from which on refusals are read by the quarter of an hour."""
WITHIN: Final = "region IN %(regions)s AND at >= %(since)s AND at < %(until)s"
STEP: Final = "TIMESTAMPDIFF(SECOND, %(since)s, at) DIV %(step)s AS step"
LEVELS_STATEMENT: Final = (
    f"SELECT region, {STEP}, {', '.join(f'MAX({name}) AS {name}' for name in LEVELS)}"  # noqa: S608
    f" FROM traffic_level FORCE INDEX (PRIMARY) WHERE {WITHIN} GROUP BY region, step"
)
STARTED_STATEMENT: Final = (
    f"SELECT region, {STEP}, GREATEST(0, SUM(calls)) AS count"  # noqa: S608
    f" FROM traffic_start FORCE INDEX (PRIMARY) WHERE {WITHIN} GROUP BY region, step"
)
REFUSED: Final = (
    f"SELECT region, {STEP}, SUM(count) AS count"  # noqa: S608
    f" FROM {{table}} FORCE INDEX (PRIMARY) WHERE {WITHIN} GROUP BY region, step"
)
REFUSALS: Final = (
    "SELECT region, rule, cause, NULLIF(code, 0) AS code, SUM(count) AS count"  # noqa: S608
    f" FROM {{table}} FORCE INDEX (PRIMARY) WHERE {WITHIN} GROUP BY region, rule, cause, code"
    f" ORDER BY count DESC, region, rule, cause, code LIMIT {MOST_REFUSALS}"
)

Row = dict[str, Any]


class Traffic(NamedTuple):
    """Rows of what was reported, and of what was counted: calls that started, and refusals; by region and step."""

    levels: Sequence[Row]
    started: Sequence[Row]
    refused: Sequence[Row]

    @property
    def counts(self) -> tuple[Sequence[Row], Sequence[Row]]:
        """Calls that started, and refusals."""
        return self.started, self.refused


def read_now(cursor: DictCursor) -> datetime:
    """UTC, by MariaDB's clock."""
    cursor.execute("SELECT UTC_TIMESTAMP(3) AS now")
    now: datetime = (cursor.fetchone() or {})["now"]
    return now


def read_traffic(cursor: DictCursor, wanted: Mapping[str, Any]) -> Traffic:
    """What there is of `regions` (one at least) from `since` to before `until`; `step` is in seconds."""
    statements = (LEVELS_STATEMENT, STARTED_STATEMENT, refusals_statement(REFUSED, wanted["step"]))
    return Traffic(*(_read(cursor, sql, wanted) for sql in statements))


def read_refusals(cursor: DictCursor, wanted: Mapping[str, Any]) -> list[Row]:
    """The same span's refusals by region, rule, cause and code, the most frequent first; code None: silence."""
    return _read(cursor, refusals_statement(REFUSALS, wanted["step"]), wanted)


def refusals_statement(sql: str, step: int) -> str:
    """REFUSED or REFUSALS for steps of so many seconds."""
    return sql.format(table="traffic_refusal" if step < QUARTER else "traffic_refusal_quarter")


def forget(cursor: DictCursor) -> int:
    """Drop rows of minutes that nobody asks for any more, at most a thousand of each table; returns how many."""
    return sum(
        cursor.execute(
            f"DELETE FROM {table} WHERE at < UTC_TIMESTAMP() - INTERVAL %s HOUR LIMIT 1000",  # noqa: S608
            (KEPT_HOURS,),
        )
        for table in TABLES
    )


def _read(cursor: DictCursor, sql: str, values: Mapping[str, Any]) -> list[Row]:
    cursor.execute(sql, values)
    return list(cursor.fetchall())
