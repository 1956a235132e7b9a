"""Scenarios that begin with the session, because a clock must run out before their test can end."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.sip.network import Network
from tests.sip.target import Target

Scenario = Callable[[Target, Network], Any]


def early(scenario: Scenario) -> pytest.MarkDecorator:
    """Marks a test whose `outcome` fixture is what `scenario` returns; the test itself comes near the end."""
    return pytest.mark.early.with_args(scenario)
