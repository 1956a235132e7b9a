"""Two services in networks of their own: one is cut off in all ways, the other is left in peace for what takes long."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.faults.outages import Outages
from tests.namespaces.place import Place, placed
from tests.wire.early import Begun, begun

QUIET = "place"
"""What early scenarios of this folder are given."""


@pytest.fixture(scope="package")
def place() -> Iterator[Place]:
    with placed("cut") as place:
        yield place


@pytest.fixture
def outages(place: Place) -> Iterator[Outages]:
    outages = Outages(place.service)
    yield outages
    outages.end()


@pytest.fixture(scope="package", autouse=True)
def early_scenarios(request: pytest.FixtureRequest) -> Iterator[Begun]:
    """Start, before the first test of this folder, what must wait; its tests come at the end."""
    with ExitStack() as stack:

        def prepare() -> tuple[Place]:
            return (stack.enter_context(placed("nat")),)

        with begun(request.session.items, QUIET, prepare) as scenarios:
            yield scenarios


@pytest.fixture
def outcome(request: pytest.FixtureRequest, early_scenarios: Begun) -> Any:
    """What this test's early scenario returned."""
    return early_scenarios[request.node.nodeid].result(timeout=1200)
