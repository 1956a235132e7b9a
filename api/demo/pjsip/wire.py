"""SIP messages as PJSIP's log shows them: what a story needs of each."""

from __future__ import annotations

import re
from typing import Any, Final

LEVEL: Final = 4
"""Of PJSIP's log: from there on it holds messages."""
HEADING: Final = re.compile(
    r"(?P<way>[TR]X) \d+ bytes .* (?:to|from) UDP (?P<peer>[\d.:]+):\n(?P<message>.*)", re.DOTALL
)
START: Final = re.compile(r"SIP/2\.0 (?P<code>\d{3}) |(?P<method>\w+) (?P<uri>\S+) SIP/2\.0")


def seen(entry: str) -> dict[str, Any] | None:
    """The message that this entry of the log shows; None when it shows none.

    `way` is TX or RX; a response has a `code`, a request a `uri`; `retry_after` is in seconds.
    """
    heading = HEADING.match(entry)
    start = START.match(heading["message"]) if heading else None
    if heading is None or start is None:
        return None
    lines = heading["message"].splitlines()
    wait = _header(lines, "Retry-After")
    return {
        "way": heading["way"],
        "peer": heading["peer"],
        "code": int(start["code"]) if start["code"] else None,
        "method": start["method"] or _header(lines, "CSeq").partition(" ")[2],
        "uri": start["uri"],
        "call": _header(lines, "Call-ID"),
        "retry_after": int(wait) if wait.isdecimal() else None,
    }


def _header(lines: list[str], name: str) -> str:
    return next((line.partition(":")[2].strip() for line in lines if line.lower().startswith(f"{name.lower()}:")), "")
