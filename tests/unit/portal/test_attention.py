"""What the overview says needs attention."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.portal.attention import findings


def region(**changed: Any) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat()
    usual = {"name": "nw1", "state": "in-service", "ready": True, "heartbeat_at": now, "gateway_at": now}
    return (
        usual | {"change": 41, "applied_change": 41, "dead_cores": [], "has_core": True, "test_limits": False} | changed
    )


def told(*regions: dict[str, Any], blocks: str = "", warned: int = 0) -> list[tuple[str, str]]:
    return [(each.kind, each.text) for each in findings(regions, blocks, warned)]


def test_nothing_needs_attention_when_all_is_well() -> None:
    assert told(region(), region(name="se1", state="out", ready=False, heartbeat_at=None)) == []


@pytest.mark.parametrize(
    ("changed", "kind", "text"),
    [
        ({"ready": False, "heartbeat_at": None, "dead_cores": None}, "bad", "nw1 is not ready. Its host has not"),
        ({"applied_change": 40}, "warn", "nw1 is 1 change behind."),
        ({"applied_change": 30}, "warn", "nw1 is 11 changes behind."),
        ({"applied_change": None}, "warn", "nw1 is 41 changes behind."),
        ({"dead_cores": ["192.0.2.9:5060"]}, "bad", "The core gateway 192.0.2.9:5060 does not answer nw1"),
        ({"has_core": False}, "warn", "nw1 has no core gateway to send calls to"),
        ({"test_limits": True}, "warn", "TEST LIMITS"),
    ],
)
def test_what_is_wrong_with_a_region(changed: dict[str, Any], kind: str, text: str) -> None:
    ((found, sentence),) = told(region(**changed))
    assert (found, sentence[: len(text)]) == (kind, text)


def test_a_region_whose_agent_is_silent_is_not_called_behind_too() -> None:
    long_ago = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
    ((kind, text),) = told(region(ready=False, heartbeat_at=long_ago, applied_change=1))
    assert kind == "bad"
    assert "its agent" in text.lower()


def test_D1_no_region_in_service_is_the_worst() -> None:
    found = told(region(state="draining"), region(name="se1", state="out"), blocks="2")
    assert [kind for kind, _ in found] == ["bad", "info", "info", "info"]
    assert "(rule D1)" in found[0][1]


def test_blocks_and_warnings_are_counted() -> None:
    (warned, blocks) = told(region(), blocks="100+", warned=1)
    assert warned[1].startswith("One credential has")
    assert blocks == ("info", "100+ blocks are active.")
    assert told(region(), blocks="1", warned=2)[0][1].startswith("2 credentials have")
