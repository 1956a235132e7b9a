"""Details of an event as words. They may hold whatever an attacker sent: nothing here fails, and texts come out
shortened and without control characters.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

_LONGEST_TEXT = 80
_LARGEST = 2.5e14  # milliseconds: before the year 9999

Details = Mapping[str, object]


def clean(value: object) -> str:
    text = "".join(char if char.isprintable() else " " for char in str(value))
    text = " ".join(text.encode("utf-8", "replace").decode().split())
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"


def text(details: Details, key: str, otherwise: str = "") -> str:
    value = details.get(key)
    return otherwise if value is None or value == "" else clean(value)


def number(details: Details, key: str) -> float | None:
    value = details.get(key)
    return value if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST else None


def clock(details: Details, key: str) -> str:
    """A moment within a day as its time, so `until` reads naturally: 14:03:20 UTC; empty when there is none."""
    value = number(details, key)
    if value is None or value <= 0:
        return ""
    return f"{datetime.fromtimestamp(value / 1000, UTC):%H:%M:%S} UTC"


def whole_moment(details: Details, key: str) -> str:
    """A moment with its day: 2026-01-31 14:03:20 UTC; empty when there is none."""
    value = number(details, key)
    if value is None or value <= 0:
        return ""
    return f"{datetime.fromtimestamp(value / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"


def sender(details: Details) -> str:
    return pbx(text(details, "address"), text(details, "user_agent"))


def pbx(address: str, user_agent: str) -> str:
    return (address or "an unknown address") + (f' ("{user_agent}")' if user_agent else "")


def repeated(details: Details) -> str:
    count = number(details, "count")
    return f" Counted together: {round(count)} times." if count is not None and count > 1 else ""


def again(details: Details) -> str:
    return "" if (wait := number(details, "retry_after")) is None else f" Try again in {round(wait)} s."


def reason(details: Details) -> str:
    reason = text(details, "reason")
    return f": {reason}" if reason else ""


def block_end(details: Details) -> str:
    end = clock(details, "until")
    return f" until {end}" if end else ""


def end(details: Details) -> str:
    return f"; blocked{block_end(details)}."


def over(details: Details, key: str) -> str:
    """(57 requests in 10 s), or as much of it as is known."""
    count, window = number(details, key), number(details, "seconds")
    if count is None:
        return ""
    return f" ({round(count)} {key}{f' in {round(window)} s' if window is not None else ''})"
