"""Journal records as rows of MariaDB, in the order of columns that `statements` names.

Much in them is an attacker's text: whatever comes in, what goes out fits its column.
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, TypeGuard

from kemi.canary import CANARY_CALL, is_canary
from kemi.explain import sentence
from kemi.journal import Block, Record, State, newer

Row = tuple[Any, ...]

_LATEST_MS = 253_402_300_799_000
_LONGEST_DATA = 4000
_EPOCH = datetime.fromtimestamp(0, UTC).replace(tzinfo=None)
_CONTROLS = dict.fromkeys((*range(32), 127), " ")


def text(value: object, length: int) -> str | None:
    """A string for a utf8mb4 column of `length` characters: no control characters, no halves of surrogate pairs."""
    if value is None:
        return None
    cut = str(value)[:length].translate(_CONTROLS)
    return cut.encode("utf-8", "replace").decode()


def word(value: object, length: int) -> str | None:
    """A string for an ASCII column."""
    cut = text(value, length)
    return None if cut is None else cut.encode("ascii", "replace").decode()


def number(value: object, top: int) -> int | None:
    """An integer from 0 to `top`, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= top:
        return None
    return int(value)


def places(value: object) -> str | None:
    """A list of `address:port` as JSON, or None."""
    return json.dumps([word(each, 64) for each in value]) if isinstance(value, list) else None


def moment(value: object) -> datetime | None:
    """Epoch milliseconds as a DATETIME(3) in UTC, or None."""
    ms = number(value, _LATEST_MS)
    return None if ms is None else datetime.fromtimestamp(ms / 1000, UTC).replace(tzinfo=None)


def _moment_or_epoch(*values: object) -> datetime:
    """The first that is a moment: for columns that must have one."""
    return next((found for value in values if (found := moment(value))), _EPOCH)


def states(records: Iterable[Record]) -> list[tuple[Record, State]]:
    """The newest state of each credential in these records, with its record; what is no state is left out."""
    newest: dict[str, tuple[Record, State]] = {}
    for record in records:
        state = record.get("s")
        if is_state(state):
            old = newest.get(state["u"])
            if old is None or newer(old[1], state) is state:
                newest[state["u"]] = (record, state)
    return list(newest.values())


def is_state(value: object) -> TypeGuard[State]:
    """Enough of a state to fold it: a username and a version."""
    if not isinstance(value, dict) or not isinstance(value.get("u"), str):
        return False
    version = value.get("v")
    return isinstance(version, int) and not isinstance(version, bool) and 0 <= version < 2**63


def is_block(value: object) -> TypeGuard[Block]:
    """Enough of a block to fold it: its id."""
    return isinstance(value, dict) and isinstance(value.get("id"), str)


def is_a_canary_s(record: Record) -> bool:
    """Whether a line is about a canary's registration or call, or what was sent in its name from this machine."""
    state, call = record.get("s"), record.get("c")
    if isinstance(call, dict):
        nobody_s = call.get("u") is None and _is_canary_here(call.get("f"), call.get("a"))
        return str(call.get("id")).startswith(CANARY_CALL) or nobody_s
    if is_state(state):
        return is_canary(state["u"])
    return any(
        isinstance(one, dict) and _is_canary_here(one.get("u"), one.get("a"))
        for one in (record.get("e"), record.get("x"))
    )


def _is_canary_here(username: object, address: object) -> bool:
    return is_canary(str(username)) and str(address).startswith("127.")


def binding(region: str, record: Record, state: State, sync: int) -> Row:
    """A row of `binding`; `sync` is the number of its batch."""
    bound = state.get("b")
    bound = bound if isinstance(bound, dict) else {}
    at = _moment_or_epoch(record.get("t"), state["v"])
    kind = "gone" if not bound else "silent" if bound.get("ka") == 2 else "live"
    return (
        region,
        word(state["u"], 32),
        kind,
        word(bound.get("id"), 32),
        word(bound.get("a"), 45),
        number(bound.get("p"), 65535),
        text(bound.get("c"), 512),
        text(bound.get("ua"), 255),
        text(bound.get("ci"), 255),
        moment(bound.get("since")),
        moment(state.get("clock") or None),
        moment(bound.get("exp")),
        at,
        None if bound else at,
        number(bound.get("pv"), 2**32 - 1),
        number(bound.get("ka"), 2),
        _strikes(state),
        number(state.get("streak"), 65535),
        sync,
        state["v"],
    )


def _strikes(state: State) -> int | None:
    """R4: how often the PBX came again before the moment that was named."""
    early: Any = state.get("early")
    moments = early[1] if isinstance(early, list) and len(early) == 2 else None
    return len(moments) if isinstance(moments, list) else None


def block(region: str, record: Record, line: Block) -> Row:
    """A row of `block`; `lifted_at` only from the line that lifts it."""
    lifted = _moment_or_epoch(record.get("t"), line.get("until")) if line.get("lifted") else None
    return (
        word(line.get("id"), 32),
        region,
        word(line.get("a"), 45) or "",
        text(line.get("u"), 64),
        word(line.get("cause"), 32) or "",
        word(line.get("rule"), 8) or "",
        _moment_or_epoch(line.get("at"), record.get("t")),
        _moment_or_epoch(line.get("until"), record.get("t")),
        lifted,
    )


def event(region: str, record: Record, line: Record) -> Row:
    """A row of `event`, with the sentence that explains it."""
    rule, cause = word(line.get("rule"), 8) or "", word(line.get("cause"), 32) or ""
    return (
        region,
        _moment_or_epoch(record.get("t")),
        moment(line.get("until")),
        number(line.get("n"), 2**32 - 1) or 1,
        rule,
        cause,
        number(line.get("code"), 699),
        number(line.get("ra"), 2**32 - 1),
        text(line.get("u"), 64),
        word(line.get("id"), 32),
        word(line.get("a"), 45),
        number(line.get("p"), 65535),
        text(line.get("ua"), 255),
        text(line.get("m"), 32),
        text(line.get("ci"), 255),
        explanation(line),
        _data(_details(line)),
    )


def explanation(line: Record) -> str:
    """The sentence that explains an event."""
    rule, cause = word(line.get("rule"), 8) or "", word(line.get("cause"), 32) or ""
    return sentence(rule, cause, _explained(line, _details(line)))


def _details(line: Record) -> dict[str, Any]:
    details = line.get("with")
    return details if isinstance(details, dict) else {}


_NAMES = {
    "a": "address",
    "p": "port",
    "ua": "user_agent",
    "u": "username",
    "m": "method",
    "code": "code",
    "ra": "retry_after",
    "n": "count",
}


def _explained(line: Record, details: dict[str, Any]) -> dict[str, Any]:
    """What the sentence may speak of: the event's own fields under long names, and its details."""
    return {**{name: line.get(key) for key, name in _NAMES.items()}, **details}


def _data(details: dict[str, Any]) -> str | None:
    """JSON for the column; None when there is nothing, or too much of it to be honest."""
    if not details:
        return None
    try:
        packed = json.dumps(details, allow_nan=False)
    except (ValueError, RecursionError):
        return None
    return packed if len(packed) <= _LONGEST_DATA and "\\ud" not in packed else None
