"""Scenarios that begin with the session, because a clock must run out before their test can end."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from tests.sip.network import Network
from tests.sip.target import Target

Scenario = Callable[[Target, Network], Any]
Begun = dict[str, "Future[Any]"]
"""By the test's node id."""


def early(scenario: Scenario) -> pytest.MarkDecorator:
    """Marks a test whose `outcome` fixture is what `scenario` returns; the test itself comes near the end."""
    return early_given("target", scenario)


def early_given(given: str, scenario: Callable[..., Any]) -> pytest.MarkDecorator:
    """The same for a scenario that is given something else: what the folder's conftest prepares under that name."""
    return pytest.mark.early.with_args(scenario, given)


@contextmanager
def begun(items: list[pytest.Item], given: str, prepare: Callable[[], tuple[Any, ...]]) -> Iterator[Begun]:
    """Start the scenarios that are given this, with what `prepare` returns; it is not called when there are none."""
    marked = [(item.nodeid, item.get_closest_marker("early")) for item in items]
    chosen = {nodeid: marker.args[0] for nodeid, marker in marked if marker is not None and marker.args[1] == given}
    if not chosen:
        yield {}
        return
    prepared = prepare()
    with ThreadPoolExecutor(len(chosen)) as pool:
        yield {nodeid: pool.submit(scenario, *prepared) for nodeid, scenario in chosen.items()}
