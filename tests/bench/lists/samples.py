"""What the lists are asked: for each filter a value that many rows have, one that few have, one that none has.

The names of credentials, numbers and tenants are those that `rows` makes.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from api.paging import write_cursor

Query = dict[str, Any]
NOW: Final = datetime.now(UTC).replace(tzinfo=None)
TENANTS: Final = ("big-1", "t-7")
"""One with a fifth of everything, and one like most."""


def credential(n: int) -> str:
    """The id of the n-th."""
    return f"cr-{hashlib.md5(f'credential {n}'.encode()).hexdigest()[:12]}"  # noqa: S324


def username(n: int) -> str:
    """That of the n-th credential."""
    return f"u{hashlib.md5(f'username {n}'.encode()).hexdigest()[:11]}"  # noqa: S324


def number(n: int) -> str:
    """The n-th."""
    return f"+1{2012000000 + n * 7741}"


def _ago(**back: float) -> str:
    return (NOW - timedelta(**back)).isoformat(timespec="milliseconds")


def _day(back: int) -> str:
    return (NOW - timedelta(days=back)).date().isoformat()


VALUES: Final[dict[str, tuple[Any, ...]]] = {
    "action": ("change", "rotate", "invent"),
    "actor": ("key-1", "key-none"),
    "address": ("203.0.113.9", "10.0.16.146", "198.51.100.1"),
    "answered": ("true", "false"),
    "callee": ("+18005550100", "911", "+19", "+13*", "+18005550*", "91*", "+99*", "*"),
    "caller": (number(0), number(31337), "+19", "+12*", "+1201*", "+120120*", "+99*", "*"),
    "code": (200, 422, 699),
    "credential": (credential(0), username(4242), "cr-none"),
    "direction": ("outbound", "inbound"),
    "enabled": ("true", "false"),
    "grace": ("true", "false"),
    "name": ("person-7", "nobody"),
    "role": ("read", "administer"),
    "ended": ("true", "false"),
    "entity": ("credential", "core", "nothing"),
    "entity_id": (credential(37), "nothing"),
    "live": ("true",),
    "label": ("office", "Zürich", "31337", "zzzz"),
    "number": (number(0), number(31337), "+19999999999"),
    "prefix": ("+1", "+12012", "+120120000", "+99"),
    "region": ("nw1", "old1", "none"),
    "request_id": (hashlib.md5(b"7").hexdigest(), "none"),  # noqa: S324
    "routed": ("true", "false"),
    "rule": ("O2", "R4", "F1", "X9"),
    "search": ("tenant", "777", "zzzz"),
    "since": (_ago(days=31), _ago(hours=1), _ago(days=-1)),
    "tenant": (*TENANTS, "nobody"),
    "until": (_ago(days=-1), _ago(days=15), _ago(days=30.9), _ago(days=99)),
    "username": (username(4242), "nobody"),
}
DAYS: Final = {"since": (_day(31), _day(1), _day(365)), "until": (_day(0), _day(15), _day(99))}
"""Where time is counted in days."""
SPECIAL: Final[dict[str, dict[str, tuple[Any, ...]]]] = {"/v1/usage": DAYS}

COMBINED: Final[dict[str, tuple[Query, ...]]] = {
    "/v1/credentials": (
        {"label": "office", "tenant": "big-1"},
        {"label": "31337", "tenant": "big-1"},
        {"label": "office", "enabled": "false"},
        {"tenant": "big-1", "enabled": "false"},
        {"tenant": "t-7", "enabled": "true"},
    ),
    "/v1/numbers": (
        {"tenant": "big-1", "routed": "false"},
        {"tenant": "big-1", "prefix": "+12012"},
        {"tenant": "t-7", "routed": "true"},
        {"prefix": "+12", "routed": "false"},
        {"credential": credential(0), "tenant": "big-1"},
    ),
    "/v1/bindings": ({"region": "se1", "credential": username(4242)},),
    "/v1/blocks": (
        {"region": "nw1", "ended": "true"},
        {"address": "203.0.113.9", "ended": "true"},
        {"credential": credential(37), "ended": "true"},
        {"region": "old1", "address": "203.0.113.9", "ended": "true"},
    ),
    "/v1/events": (
        {"region": "se1", "rule": "R4"},
        {"region": "old1", "rule": "R4"},
        {"credential": credential(0), "rule": "R4"},
        {"credential": credential(0), "rule": "F1"},
        {"address": "203.0.113.9", "rule": "R2"},
        {"region": "nw1", "address": "203.0.113.9"},
    ),
    "/v1/calls": ({"region": "nw1", "direction": "inbound"}, {"tenant": "big-1", "direction": "outbound"}),
    "/v1/cdrs": (
        {"tenant": "big-1", "since": _ago(days=7), "until": _ago(days=6)},
        {"tenant": "big-1", "direction": "inbound"},
        {"tenant": "big-1", "answered": "false"},
        {"tenant": "big-1", "code": 486},
        {"tenant": "big-1", "code": 422},
        {"tenant": "big-1", "rule": "O2"},
        {"tenant": "big-1", "region": "se1", "direction": "outbound", "answered": "true", "since": _ago(days=7)},
        {"tenant": "t-7", "answered": "false"},
        {"region": "nw1", "direction": "inbound"},
        {"region": "nw1", "answered": "false", "since": _ago(days=1)},
        {"credential": credential(0), "since": _ago(days=20), "until": _ago(days=19)},
        {"credential": username(0), "direction": "inbound"},
        {"number": number(0), "answered": "false"},
        {"caller": "+12*", "callee": "+18005550100"},
        {"caller": "+1201*", "tenant": "big-1"},
        {"caller": "+120120*", "region": "nw1"},
        {"code": 486, "region": "old1"},
        {"rule": "O2", "region": "nw1"},
        {"code": 503, "rule": "O2"},
        {"since": _ago(hours=2), "until": _ago(hours=1), "answered": "false"},
    ),
    "/v1/usage": (
        {"since": _day(365)},
        {"tenant": "big-1", "since": _day(365)},
        {"tenant": "t-7", "since": _day(20), "until": _day(10)},
    ),
    "/v1/audit": ({"entity": "core", "tenant": "big-1"}, {"actor": "key-1", "since": _ago(hours=1)}),
}
"""Filters that are often asked together."""


def _moment(**back: float) -> datetime:
    return NOW - timedelta(**back)


PLACES: Final[dict[str, dict[str, tuple[Any, ...]]]] = {
    "/v1/credentials": {
        "created_at": ((_moment(minutes=50_000), "cr-8"), (_moment(minutes=99_970), "cr-8")),
        "username": (("u8",), ("uffe",)),
    },
    "/v1/numbers": {"number": (("+12400000000",), ("+12785900000",))},
    "/v1/tenants": {"account_id": (("t-5",), ("t-99",))},
    "/v1/bindings": {"username": (("u8", "nw1"), ("uffe", "nw1"))},
    "/v1/blocks": {"at": ((_moment(days=15), "k-8"), (_moment(days=30.99), "k-8"))},
    "/v1/events": {"id": ((500_000,), (50,))},
    "/v1/calls": {"started_at": ((_moment(minutes=20), "c-8"),) * 2},
    "/v1/cdrs": {"started_at": ((_moment(days=15), "c-8"), (_moment(days=30.999), "c-8"))},
    "/v1/audit": {"id": ((50_000,), (50,))},
    "/v1/users": {
        "created_at": ((_moment(days=1), "us-8"),) * 2,
        "name": (("person-5",), ("person-99",)),
    },
    "/v1/keys": {"created_at": ((_moment(days=1), "key-8"),) * 2},
}
"""Keys of a row in the middle, and of one near the end of the way back, by what a list is sorted by."""
USAGE: Final = ((_day(15), "t-5 outbound"), (_day(31), "t-99 inbound"))


def cursors(path: str, sort: str) -> tuple[str, str]:
    """`after` for a page deep inside, and for the last or one near it."""
    if path == "/v1/usage":
        middle, last = (write_cursor(*place) for place in USAGE)
    else:
        middle, last = (write_cursor(sort, *place) for place in PLACES[path][sort.removeprefix("-")])
    return middle, last
