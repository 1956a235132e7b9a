"""A service that the tests of its command start, hurt and stop."""

from collections.abc import Iterator

import pytest

from tests.sip.instance import Instance


@pytest.fixture
def instance() -> Iterator[Instance]:
    """One that has not been started; whatever runs in the end is stopped."""
    instance = Instance("service")
    yield instance
    instance.stop()


@pytest.fixture(scope="module")
def running() -> Iterator[Instance]:
    """One that runs, for tests that leave it running."""
    instance = Instance("service")
    try:
        instance.start()
        yield instance
    finally:
        instance.stop()
