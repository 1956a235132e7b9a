"""What a region reports, in a word."""

from datetime import UTC, datetime
from typing import Any

import pytest

from api.portal.health import health_of

NOW = datetime(2026, 1, 31, 12, 0, 30, tzinfo=UTC)
FRESH = "2026-01-31T12:00:29.000Z"
OLD = "2026-01-31T11:58:20.000Z"


def region(**facts: Any) -> dict[str, Any]:
    return {"state": "in-service", "ready": False, "heartbeat_at": FRESH, "gateway_at": FRESH} | facts


@pytest.mark.parametrize(
    ("facts", "kind", "word"),
    [
        ({"ready": True}, "ok", "ready"),
        ({"heartbeat_at": None, "gateway_at": None}, "off", "never started"),
        ({"heartbeat_at": OLD}, "bad", "agent silent"),
        ({"heartbeat_at": OLD, "state": "out"}, "off", "agent silent"),
        ({"gateway_at": OLD}, "bad", "gateway down"),
        ({"gateway_at": None}, "bad", "gateway down"),
        ({}, "warn", "loading"),
    ],
)
def test_what_is_missing_is_named(facts: dict[str, Any], kind: str, word: str) -> None:
    health = health_of(region(**facts), NOW)
    assert (health.kind, health.word) == (kind, word)


def test_how_long_an_agent_is_silent_is_said() -> None:
    assert "for 2 min 10 s:" in health_of(region(heartbeat_at=OLD), NOW).sentence
