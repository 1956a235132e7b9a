"""What a region reports, in a word and a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from api.portal.showing import duration, read_moment

SILENCE: Final = 5
"""Seconds without a word after which the API takes an agent or a gateway for away."""


class Health(NamedTuple):
    """`kind` is that of a state: ok, warn, bad or off."""

    kind: str
    word: str
    sentence: str


def health_of(region: Mapping[str, Any], now: datetime | None = None) -> Health:
    """Whether a region (as the API tells it) works, and if not, what is missing."""
    if region["ready"]:
        return Health("ok", "ready", "Agent and gateway are alive, and the region\u2019s data is loaded.")
    if region["heartbeat_at"] is None:
        return Health("off", "never started", "Its host has not reported yet: enrol and start it.")
    kind = "off" if region["state"] == "out" else "bad"
    silent = _seconds(region["heartbeat_at"], now)
    if silent >= SILENCE:
        about = f"Its agent has said nothing for {duration(silent)}: see that its host runs and reaches MariaDB."
        return Health(kind, "agent silent", about)
    return _of_gateway(region, kind, now)


def _of_gateway(region: Mapping[str, Any], kind: str, now: datetime | None) -> Health:
    if region["gateway_at"] is None or _seconds(region["gateway_at"], now) >= SILENCE:
        about = "Its agent reports, and its gateway does not: look into the gateway\u2019s log on its host."
        return Health(kind, "gateway down", about)
    return Health("warn", "loading", "Agent and gateway are alive; the region\u2019s data is not loaded yet.")


def _seconds(since: str, now: datetime | None) -> float:
    return ((now or datetime.now(UTC)) - read_moment(since)).total_seconds()
