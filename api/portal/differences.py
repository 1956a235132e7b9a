"""What became of a thing: its fields before and after, beside each other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

State = Mapping[str, Any] | None
UNTOLD: Final = ("id", "created_at", "updated_at")
"""What an entry is about, and what changes with every change."""
EMPTY: Final[tuple[Any, ...]] = (None, "", [], {})


class Difference(NamedTuple):
    """A field. `before`, `after`: as text; None where there was none of it."""

    name: str
    before: str | None
    after: str | None


def differences(before: State, after: State) -> list[Difference]:
    """The fields that are not the same, in their order; what is made or gone shows those that say something."""
    old, new = before or {}, after or {}
    names = [name for name in dict.fromkeys((*old, *new)) if name not in UNTOLD]
    return [Difference(name, _text(old, name), _text(new, name)) for name in names if _differs(old, new, name)]


def document(state: State) -> str:
    """All of it, for who wants to see it whole."""
    return json.dumps(state, indent=2, ensure_ascii=False)


def _differs(old: Mapping[str, Any], new: Mapping[str, Any], name: str) -> bool:
    before, after = old.get(name), new.get(name)
    return bool(before != after) and not (before in EMPTY and after in EMPTY)


def _text(state: Mapping[str, Any], name: str) -> str | None:
    value = state.get(name)
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
