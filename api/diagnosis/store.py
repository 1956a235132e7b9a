"""What a diagnosis asks MariaDB: each statement walks an index, and none reads more than a bounded number of rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pymysql.cursors import DictCursor

Row = dict[str, Any]
Statement = tuple[str, Mapping[str, Any]]

RULES: Final = ("R2", "R3", "R4", "R6", "C5", "B1", "B2", "B6", "F1", "W2", "O1")
"""Whose events say why a PBX is refused."""
CALL_RULES: Final = ("O2", "O3", "O4", "O6")
"""Whose events are only counted."""
EVENTS_A_RULE: Final = 40
COUNTED_EVENTS: Final = 5000
"""Of a rule of calls: more than two regions write in an hour, since they count what comes in numbers."""
RECENT_CALLS: Final = 300
MOST_UNROUTED: Final = 1000
SHOWN: Final = 20

CREDENTIAL: Final = (
    "SELECT id, username, tenant, enabled, password_version AS version, rotated_at, old_until,"
    " UTC_TIMESTAMP(3) AS now FROM credential"
    " WHERE id = %(id)s AND (%(scope)s IS NULL OR tenant = %(scope)s)"
)
USES: Final = "SELECT version, region, first_at FROM password_use WHERE username = %(username)s"
REGIONS: Final = (
    "SELECT name, address, state, heartbeat_at, gateway_at, dead_cores,"
    " (SELECT at FROM change_log WHERE n > COALESCE(applied_change, 0) ORDER BY n LIMIT 1) AS behind_since"
    " FROM region ORDER BY name"
)
CORES: Final = "SELECT region, address, port, enabled FROM core ORDER BY region, address, port"
BINDING: Final = (
    "SELECT region, state, address, port, contact, user_agent, since, refreshed_at, expires_at, ended_at,"
    " password_version, keepalive, strikes, streak FROM {table} FORCE INDEX ({index}) WHERE username = %(username)s"
)
EVENT: Final = (
    "(SELECT region, at, until, count, rule, cause, code, retry_after, credential IS NOT NULL AS proven, address,"
    " user_agent, method, sentence, data FROM event FORCE INDEX (event_rule_username)"
    " WHERE rule = '{rule}' AND username = %(username)s ORDER BY id DESC LIMIT {limit})"
)
COUNTED: Final = (
    "SELECT region, cause, SUM(IF(at > UTC_TIMESTAMP(3) - INTERVAL 1 HOUR, count, 0)) AS in_hour,"
    " SUM(IF(COALESCE(until, at) > UTC_TIMESTAMP(3) - INTERVAL %(recent)s SECOND, count, 0)) AS recently FROM"
    " (SELECT region, cause, at, until, count FROM event FORCE INDEX (event_rule_username)"
    " WHERE rule = %(rule)s AND username = %(username)s ORDER BY id DESC LIMIT %(most)s) newest"
    " GROUP BY region, cause"
)
OPEN_BLOCK: Final = (
    "SELECT region, address, username, rule, cause, at, until FROM block FORCE INDEX ({index}) WHERE {whose}"
    " AND lifted_at IS NULL AND until > UTC_TIMESTAMP(3) AND at > UTC_TIMESTAMP(3) - INTERVAL 2 DAY"
    " ORDER BY at DESC LIMIT 20"
)
LIVE_CALLS: Final = (
    "SELECT region, COUNT(*) AS live FROM cdr FORCE INDEX (cdr_live)"
    " WHERE ended_at IS NULL AND credential = %(id)s AND direction = 'outbound' AND NOT emergency GROUP BY region"
)
SENT_CALLS: Final = (
    "SELECT region, COUNT(core) AS sent FROM (SELECT region, core FROM cdr FORCE INDEX (cdr_credential)"
    " WHERE credential = %(id)s AND direction = 'outbound' AND started_at > UTC_TIMESTAMP(3) - INTERVAL 1 MINUTE"
    " ORDER BY started_at DESC LIMIT 5000) latest GROUP BY region"
)
CALLS: Final = (
    "SELECT region, direction, code, cause, started_at, rang_at IS NOT NULL OR answered_at IS NOT NULL AS heard"
    " FROM cdr FORCE INDEX (cdr_credential) WHERE credential = %(id)s AND ended_at IS NOT NULL"
    " AND started_at > UTC_TIMESTAMP(3) - INTERVAL %(recent)s SECOND"
    " AND (%(scope)s IS NULL OR direction = 'outbound' OR tenant = %(scope)s) ORDER BY started_at DESC LIMIT {limit}"
)
NUMBERS: Final = (
    "SELECT {what} FROM number FORCE INDEX (number_credential) WHERE credential = %(id)s"
    " AND (%(scope)s IS NULL OR tenant = %(scope)s)"
)
UNROUTED: Final = (
    "SELECT {what} FROM number FORCE INDEX (number_tenant_routed) WHERE tenant = %(tenant)s AND routed = FALSE"
)
CALLS_IN_VAIN: Final = (
    "SELECT number, COUNT(*) AS refused, MAX(started_at) AS last_at FROM cdr FORCE INDEX (cdr_number)"
    " WHERE number IN %(numbers)s AND started_at > UTC_TIMESTAMP(3) - INTERVAL 1 HOUR AND cause = 'no_route'"
    " GROUP BY number"
)


def read_one(cursor: DictCursor, sql: str, values: Mapping[str, Any]) -> Row | None:
    """The first row."""
    cursor.execute(sql, values)
    return cursor.fetchone()


def read_all(cursor: DictCursor, sql: str, values: Mapping[str, Any]) -> list[Row]:
    """All of them."""
    cursor.execute(sql, values)
    return list(cursor.fetchall())


def bindings_statement(table: str) -> str:
    """Of `binding` or `binding_past`."""
    return BINDING.format(table=table, index="binding_username" if table == "binding" else "PRIMARY")


def events_statement() -> str:
    """The latest of each rule, since one that comes often must not hide the others."""
    return " UNION ALL ".join(EVENT.format(rule=rule, limit=EVENTS_A_RULE) for rule in RULES)


def blocks_statements(username: str, addresses: Sequence[str]) -> Iterator[Statement]:
    """Of the username, and of whole addresses."""
    yield OPEN_BLOCK.format(index="block_of_username", whose="username = %(username)s"), {"username": username}
    if addresses:
        whose = "address IN %(addresses)s AND username IS NULL"
        yield OPEN_BLOCK.format(index="block_address", whose=whose), {"addresses": list(addresses)}


def read_counted(cursor: DictCursor, username: str, recent: int) -> list[Row]:
    """Refused calls by region and cause, in the last hour and in the last `recent` seconds."""
    values = {"username": username, "recent": recent, "most": COUNTED_EVENTS}
    return [row for rule in CALL_RULES for row in read_all(cursor, COUNTED, values | {"rule": rule})]


def calls_statement() -> str:
    """What became of the latest calls."""
    return CALLS.format(limit=RECENT_CALLS)


def numbers_statement() -> str:
    """Some that ring the credential."""
    return NUMBERS.format(what="number") + f" ORDER BY number LIMIT {SHOWN}"


def unrouted_statement() -> str:
    """A tenant's numbers that ring nobody."""
    return UNROUTED.format(what="number") + f" ORDER BY number LIMIT {MOST_UNROUTED}"
