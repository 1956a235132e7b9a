"""MariaDB → facts, in one transaction that changes nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from pymysql.cursors import DictCursor

from api.diagnosis import store
from api.diagnosis.facts import (
    ENDED,
    EXPIRED,
    LIVE,
    SILENT,
    Blocked,
    Calls,
    Core,
    Facts,
    Number,
    Owned,
    Refusal,
    Region,
    Registration,
)
from api.diagnosis.store import Row, read_all, read_one
from api.limits import LimitSettings

RECENTLY: Final = timedelta(minutes=5)
"""Calls that were refused so long ago are still a fault."""
CALLS_SINCE: Final = timedelta(minutes=15)
TIMED_OUT: Final = 408
KNOWN_FOR: Final = timedelta(days=30)


def read_facts(cursor: DictCursor, credential_id: str, scope: str | None, limits: LimitSettings) -> Facts | None:
    """All but DNS; None when there is no such credential, or with `scope` none of that tenant."""
    row = read_one(cursor, store.CREDENTIAL, {"id": credential_id, "scope": scope})
    if row is None:
        return None
    now: datetime = row.pop("now")
    known = {"id": row["id"], "username": row["username"], "tenant": row["tenant"], "scope": scope}
    seen = {(use["version"], use["region"]): use["first_at"] for use in read_all(cursor, store.USES, known)}
    owned = Owned(**row | {"enabled": bool(row["enabled"])}, seen=seen)
    count = read_one(cursor, store.NUMBERS.format(what="COUNT(*) AS count"), known) or {}
    return Facts(
        now,
        limits,
        owned,
        _regions(cursor, known, now),
        [each["number"] for each in read_all(cursor, store.numbers_statement(), known)],
        count["count"],
        *_unrouted(cursor, known),
    )


def _regions(cursor: DictCursor, known: Row, now: datetime) -> list[Region]:
    registrations = _registrations(cursor, known, now)
    refusals = [_refusal(row) for row in read_all(cursor, store.events_statement(), known) if row["region"]]
    refusals = sorted((each for each in refusals if now - each.at < KNOWN_FOR), key=lambda each: each.at, reverse=True)
    blocks = _blocks(cursor, known["username"], registrations.values(), refusals)
    cores, calls = read_all(cursor, store.CORES, {}), _Calls(cursor, known)
    return [
        Region(
            row["name"],
            row["address"],
            row["state"],
            row["heartbeat_at"],
            row["gateway_at"],
            row["behind_since"],
            registrations.get(row["name"]),
            [each for each in refusals if each.region == row["name"]],
            [each for each in blocks if each.region == row["name"]],
            _cores(row, cores),
            calls.of(row["name"], registrations.get(row["name"])),
        )
        for row in read_all(cursor, store.REGIONS, {})
    ]


def _registrations(cursor: DictCursor, known: Row, now: datetime) -> dict[str, Registration]:
    """By region; what a row of now does not know, one of before does."""
    tables = ("binding_past", "binding")
    past, live = (
        {row["region"]: row for row in read_all(cursor, store.bindings_statement(each), known)} for each in tables
    )
    return {region: registration_of(past.get(region), live.get(region), now) for region in past | live}


def registration_of(past: Row | None, live: Row | None, now: datetime) -> Registration:
    """One of two rows, of which one at least is there. A row of `binding` is the newer."""
    row = dict(past or {}) | {name: value for name, value in (live or {}).items() if value is not None}
    if live is not None:
        row["ended_at"] = live["ended_at"]
    state = _state(row, now, is_over=live is None)
    fields = ("address", "port", "contact", "user_agent", "since", "expires_at", "ended_at")
    return Registration(
        state,
        row.get("refreshed_at"),
        **{name: row.get(name) for name in fields},
        password_version=row.get("password_version"),
        keepalive=row.get("keepalive"),
        strikes=row.get("strikes") or 0,
        streak=row.get("streak") or 0,
    )


def _state(row: Row, now: datetime, *, is_over: bool) -> str:
    if row["state"] == "gone":
        return ENDED
    if is_over or row.get("expires_at") is None or row["expires_at"] <= now:
        return EXPIRED
    return SILENT if row["state"] == "silent" else LIVE


def _refusal(row: Row) -> Refusal:
    data = json.loads(row["data"]) if row["data"] else {}
    return Refusal(**row | {"proven": bool(row["proven"]), "data": data if isinstance(data, dict) else {}})


def _blocks(cursor: DictCursor, username: str, registrations: Any, refusals: Sequence[Refusal]) -> list[Blocked]:
    """In force, of the username, and of the addresses where its PBX was, or whoever said so."""
    addresses = {each.address: None for each in (*registrations, *refusals) if each.address}
    statements = store.blocks_statements(username, list(addresses)[: store.SHOWN])
    return [Blocked(**row) for statement in statements for row in read_all(cursor, *statement)]


def _cores(region: Row, cores: Sequence[Row]) -> list[Core]:
    dead = json.loads(region["dead_cores"] or "[]")
    places = [
        (f"{each['address']}:{each['port']}", bool(each["enabled"]))
        for each in cores
        if each["region"] == region["name"]
    ]
    return [Core(place, enabled, place in dead) for place, enabled in places]


class _Calls:
    """What the calls of a credential say, by region."""

    def __init__(self, cursor: DictCursor, known: Row) -> None:
        recent = int(RECENTLY.total_seconds())
        self._live = {row["region"]: row["live"] for row in read_all(cursor, store.LIVE_CALLS, known)}
        self._sent = {row["region"]: row["sent"] for row in read_all(cursor, store.SENT_CALLS, known)}
        self._refused = store.read_counted(cursor, known["username"], recent)
        since = {"recent": int(CALLS_SINCE.total_seconds())}
        self._latest = read_all(cursor, store.calls_statement(), known | since)

    def of(self, region: str, known: Registration | None) -> Calls:
        """One region's; what went to an earlier registration says nothing of this one."""
        refused = [row for row in self._refused if row["region"] == region]
        latest = [row for row in self._latest if row["region"] == region]
        since = (known and known.since) or datetime.min  # noqa: DTZ901
        return Calls(
            self._live.get(region, 0),
            self._sent.get(region, 0),
            {row["cause"]: int(row["in_hour"]) for row in refused if row["in_hour"]},
            {row["cause"]: int(row["recently"]) for row in refused if row["recently"]},
            _unanswered([row for row in latest if row["direction"] == "inbound" and row["started_at"] >= since]),
            sum(row["cause"] == "core_challenges" for row in latest),
        )


def _unanswered(calls: Sequence[Mapping[str, Any]]) -> int:
    """How many to which the PBX said nothing, back to the last that it rang for; `calls` are the newest first."""
    count = 0
    for call in calls:
        if call["heard"]:
            break
        count += call["code"] == TIMED_OUT  # here, or in the other region that was tried last
    return count


def _unrouted(cursor: DictCursor, known: Row) -> tuple[list[Number], int]:
    """The tenant's numbers that ring nobody, those first that were called; and how many there are."""
    if known["tenant"] is None:
        return [], 0
    numbers = [each["number"] for each in read_all(cursor, store.unrouted_statement(), known)]
    if not numbers:
        return [], 0
    called = {row["number"]: row for row in read_all(cursor, store.CALLS_IN_VAIN, {"numbers": numbers})}
    rows = [
        Number(each, called.get(each, {}).get("refused", 0), called.get(each, {}).get("last_at")) for each in numbers
    ]
    counted = read_one(cursor, store.UNROUTED.format(what="COUNT(*) AS count"), known) or {}
    return sorted(rows, key=lambda each: -each.refused)[: store.SHOWN], counted["count"]
