"""The values of `kemi` are plain objects; tests compare them by what they hold, and make others of them."""

from typing import Any, NamedTuple, TypeVar

_T = TypeVar("_T")


class Passwords(NamedTuple):
    """A credential's; `old` works until `old_until` (epoch ms)."""

    word: str | None
    version: int
    old: str | None = None
    old_until: int | None = None


def held(value: object) -> Any:
    """What an object holds, as far down as there are objects; anything else is itself."""
    if not hasattr(value, "__dict__"):
        return value
    return {"class": type(value).__name__} | {name: held(inner) for name, inner in vars(value).items()}


def changed(value: _T, **changes: object) -> _T:
    """The same with other fields."""
    return type(value)(**(vars(value) | changes))
