"""An instance of its own for these tests, because they kill it."""

from collections.abc import Iterator

import pytest

from tests.conftest import running
from tests.faults.outages import Outages
from tests.sip.turnpike import Turnpike


@pytest.fixture(scope="package")
def service() -> Iterator[Turnpike]:
    yield from running("fault")


@pytest.fixture
def outages(service: Turnpike) -> Iterator[Outages]:
    """Takes parts of the service away; gives back whatever is still stopped when the test ends."""
    outages = Outages(service)
    yield outages
    outages.end()
