"""A world for each test: the handler is imported afresh around a stub of the module that Kamailio provides."""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from kemi.region import Limits, Thresholds
from tests.unit.kemi.fake_htable import shipped_tables
from tests.unit.kemi.fake_ksr import Clock, FakeKsr
from tests.unit.kemi.handler import imported_handler
from tests.unit.kemi.world import ADDRESS, Pbx, World

Make = Callable[..., World]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ksr(clock: Clock) -> FakeKsr:
    return FakeKsr(clock, shipped_tables(), frozenset({ADDRESS}))


@pytest.fixture
def handler() -> Iterator[ModuleType]:
    """The module `kemi.gateway`."""
    with imported_handler() as module:
        yield module


@pytest.fixture
def make_world(
    handler: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Callable[[Thresholds | None, Limits | None], World]]:
    made: list[World] = []

    def make(thresholds: Thresholds | None = None, limits: Limits | None = None) -> World:
        made.append(World(handler, monkeypatch, tmp_path, thresholds, limits))
        return made[-1]

    yield make
    for world in made:
        world.store.close()


@pytest.fixture
def world(make_world: Make) -> World:
    """With the credentials alice and bob, both with the password `right`."""
    world = make_world()
    world.credential("alice")
    world.credential("bob")
    world.boot()
    return world


@pytest.fixture
def alice(world: World) -> Pbx:
    return Pbx(world)


@pytest.fixture
def bob(world: World) -> Pbx:
    return Pbx(world, "bob", address="127.0.17.21")
