"""The journals' lines about calls as rows of `cdr`, one a call, in the order of columns that `statements` names.

A call's lines may come in any order and in different batches: what they say together does not depend on it.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, NamedTuple

from kemi.agent.rows import moment, number, text, word
from kemi.journal import Record

_ID: Final = re.compile(r"(?!h-)[A-Za-z0-9._-]{1,64}")
"""What begins with `h-` is an inbound call's second leg, in the region that reached the PBX: no call of its own."""
_PLACE: Final = re.compile(r"(.*):([0-9]{1,5})")
_DIRECTIONS: Final = {"out": "outbound", "in": "inbound"}


class Call(NamedTuple):
    """A row of `cdr`: what is known of a call so far."""

    id: str
    region: str
    started_at: datetime
    direction: str | None
    credential: str | None
    username: str | None
    number: str | None
    tenant: str | None
    caller: str | None
    callee: str | None
    address: str | None
    port: int | None
    call_id: str | None
    core: str | None
    via: str | None
    emergency: int
    rang_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    ended_by: str | None
    code: int | None
    rule: str | None
    cause: str | None


_OF_THE_START: Final = Call._fields[Call._fields.index("direction") : Call._fields.index("core")]
_OF_THE_END: Final = ("ended_by", "code", "rule", "cause")


def calls(region: str, records: Iterable[Record]) -> list[Call]:
    """One row a call of these records; what is no call is left out."""
    known: dict[str, Call] = {}
    for record in records:
        call = read_call(region, record)
        if call is not None:
            known[call.id] = merge(known[call.id], call) if call.id in known else call
    return list(known.values())


def read_call(region: str, record: Record) -> Call | None:
    """What one record says about a call. Until its first line has come, a call started at its earliest known moment."""
    line = record.get("c")
    if not isinstance(line, dict) or not isinstance(line.get("id"), str) or not _ID.fullmatch(line["id"]):
        return None
    moments = [moment(line.get(key)) for key in ("s", "r", "w", "e")]
    started = min(filter(None, moments), default=None) or moment(record.get("t"))
    if started is None:
        return None
    ended = line if moments[3] else {}
    address, port = _place(line.get("a"))
    return Call(
        id=line["id"],
        region=region,
        started_at=started,
        direction=_DIRECTIONS.get(str(line.get("d"))),
        credential=word(line.get("cr"), 32),
        username=word(line.get("u"), 32),
        number=word(line.get("n"), 16),
        tenant=word(line.get("tn"), 64),
        caller=text(line.get("f"), 128),
        callee=text(line.get("to"), 128),
        address=address,
        port=port,
        call_id=text(line.get("ci"), 255),
        core=word(line.get("core"), 64),
        via=word(line.get("vr"), 32),
        emergency=number(line.get("em"), 1) or 0,
        rang_at=moments[1],
        answered_at=moments[2],
        ended_at=moments[3],
        ended_by=word(ended.get("by"), 16),
        code=number(ended.get("code"), 699),
        rule=word(ended.get("rule"), 8),
        cause=word(ended.get("cause"), 32),
    )


def merge(old: Call, new: Call) -> Call:
    """What two rows of one call say together, as `statements.PUT_CALL` does it in MariaDB.

    The line of the answer knows best where the call went; of two ends the earlier counts.
    """
    path, other = (new, old) if old.answered_at is None else (old, new)
    end = new if new.ended_at and (old.ended_at is None or new.ended_at < old.ended_at) else old
    return old._replace(
        started_at=min(old.started_at, new.started_at),
        core=_first(path.core, other.core),
        via=_first(path.via, other.via),
        emergency=max(old.emergency, new.emergency),
        rang_at=_earlier(old.rang_at, new.rang_at),
        answered_at=_earlier(old.answered_at, new.answered_at),
        ended_at=end.ended_at,
        **{name: _first(getattr(old, name), getattr(new, name)) for name in _OF_THE_START},
        **{name: getattr(end, name) for name in _OF_THE_END},
    )


def _first(one: Any, other: Any) -> Any:
    return other if one is None else one


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min(filter(None, (one, other)), default=None)


def _place(value: object) -> tuple[str | None, int | None]:
    """`address:port` taken apart; what has no port is an address."""
    if value is None:
        return None, None
    found = _PLACE.fullmatch(str(value))
    if not found:
        return word(value, 45), None
    return word(found[1], 45), number(int(found[2]), 65535)
