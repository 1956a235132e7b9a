"""One private MariaDB for all of the agent's tests, one database and two regions for each."""

import itertools
from collections.abc import Iterator

import pytest

from tests.integration.agent.place import Deployment, MariaDb, Place

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDb]:
    server = MariaDb()
    yield server
    server.remove()


@pytest.fixture
def deployment(mariadb: MariaDb) -> Iterator[Deployment]:
    deployment = Deployment(mariadb, f"turnpike{next(_numbers)}")
    yield deployment
    deployment.remove()


@pytest.fixture
def nw1(deployment: Deployment) -> Iterator[Place]:
    """A region whose agent runs."""
    place = deployment.region("nw1", "127.0.13.1")
    place.start()
    yield place
    place.close()


@pytest.fixture
def se1(deployment: Deployment) -> Iterator[Place]:
    place = deployment.region("se1", "127.0.13.2")
    place.start()
    yield place
    place.close()
