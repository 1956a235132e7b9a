"""A wrong callback name is silent in Kamailio: each one that the configuration names must be there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kemi import relay
from tests.unit.kemi.handler import imported_handler

ROOT = Path(__file__).parents[2]
CONFIGURATION = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "kamailio").glob("*.cfg")))
CALLED = {"ksr_request_route": "request", "ksr_reply_route": "reply", "ksr_onsend_route": "onsend"}
"""What Kamailio calls by itself, and the setting that changes that."""


@pytest.fixture
def gateway() -> Iterator[type]:
    with imported_handler() as module:
        yield module.Gateway


def _setting(kind: str) -> str | None:
    match = re.search(rf'^kemi\.{kind}_route_callback\s*=\s*"(\w+)"', CONFIGURATION, re.MULTILINE)
    return match[1] if match else None


def _named() -> set[str]:
    """Every callback that the configuration, or a request's way on, names."""
    routes = re.findall(r'^modparam\("rtimer", "exec", ".*route=(\w+)', CONFIGURATION, re.MULTILINE)
    events = re.findall(r'^modparam\("\w+", "event_callback", "(\w+)"\)', CONFIGURATION, re.MULTILINE)
    settings = [_setting(kind) for kind in CALLED.values()]
    failures = [relay.FAILED_OUTBOUND, relay.FAILED_INBOUND, relay.FAILED_BYE]
    return {*routes, *events, *failures, *(name for name in settings if name)} - {"none"}


def test_each_callback_that_the_configuration_names_is_a_method(gateway: type) -> None:
    assert "turn_clockwork" in _named()
    assert [name for name in _named() if not callable(getattr(gateway, name, None))] == []


def test_each_route_is_a_method_or_switched_off(gateway: type) -> None:
    for name, kind in CALLED.items():
        assert hasattr(gateway, name) is not (_setting(kind) == "none"), name


def test_no_route_has_a_name_that_nobody_calls(gateway: type) -> None:
    assert {name for name in vars(gateway) if name.startswith("ksr_")} <= CALLED.keys()
    assert hasattr(gateway, "child_init")
