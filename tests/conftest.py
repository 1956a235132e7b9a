"""Fixtures that the tests share: running services, phones, and a place for figures."""

from collections.abc import Iterator
from typing import Any

import httpx
import hypothesis
import pytest

from tests.parts import PartScheduling, part
from tests.sip.figures import Figures
from tests.sip.instance import Instance
from tests.sip.network import Network
from tests.sip.target import Target
from tests.sip.turnpike import Api, Turnpike

TEST_LIMITS = {"interval": 2, "granted": 20, "early_window": 30, "block": 8, "keepalive_interval": 1}
hypothesis.settings.register_profile(
    "shared machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("shared machine")
FIGURES = pytest.StashKey[Figures]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="also run the tests that take minutes or hours")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[FIGURES] = Figures()
    config.addinivalue_line("markers", "long: takes minutes or more; runs only with --long")
    config.addinivalue_line("markers", "early(scenario, given): the scenario starts with the session, the test ends it")
    config.addinivalue_line("markers", "last: runs after all others of its part")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Long tests only when asked for; what waits for a clock, or looks back on its part, at its end."""
    if not config.getoption("--long"):
        unwanted = [item for item in items if item.get_closest_marker("long")]
        config.hook.pytest_deselected(items=unwanted)
        items[:] = [item for item in items if not item.get_closest_marker("long")]
    items.sort(key=_turn)
    items.sort(key=lambda item: part(item.nodeid))


def _turn(item: pytest.Item) -> int:
    return 2 if item.get_closest_marker("last") else 1 if item.get_closest_marker("early") else 0


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> PartScheduling:
    return PartScheduling(config, log)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A process of pytest-xdist hands its figures to the one that prints them."""
    output = getattr(session.config, "workeroutput", {})
    output["figures"] = session.config.stash[FIGURES].lines


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    node.config.stash[FIGURES].lines += getattr(node, "workeroutput", {}).get("figures", [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    figures = config.stash[FIGURES]
    if figures.lines:
        terminalreporter.section("measured")
        for line in figures.lines:
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def figures(pytestconfig: pytest.Config) -> Figures:
    return pytestconfig.stash[FIGURES]


@pytest.fixture(scope="session")
def network() -> Iterator[Network]:
    network = Network()
    yield network
    network.close()


def running(name: str, limits: dict[str, int] | None = None, settings: str = "") -> Iterator[Turnpike]:
    """Start an instance, hand it out, and stop it whatever happens."""
    yield from serving(Instance(name, limits, settings))


def serving(instance: Instance, transport: httpx.BaseTransport | None = None) -> Iterator[Turnpike]:
    """The same for an instance that is at a place of its own; its API is reached by `transport`."""
    instance.start()
    try:
        service = Turnpike(instance, transport)
        yield service
        service.close()
    finally:
        instance.stop()


@pytest.fixture(scope="session")
def turnpike() -> Iterator[Turnpike]:
    """The service with the limits and thresholds that it ships with."""
    yield from running("ship")


@pytest.fixture(scope="session")
def limits_turnpike() -> Iterator[Turnpike]:
    """The service under TEST LIMITS, for rules whose real time is too long for a short run."""
    yield from running(
        "limits", TEST_LIMITS, "[thresholds]\nflood_block = 8\nwrong_block = 8\nguess_block = 8\nnonce_lifetime = 6\n"
    )


@pytest.fixture(scope="session")
def instance(turnpike: Turnpike) -> Instance:
    return turnpike.instance


@pytest.fixture(scope="session")
def api(turnpike: Turnpike) -> Api:
    return turnpike.api


@pytest.fixture(scope="session")
def target(turnpike: Turnpike) -> Target:
    """The gateway that the wire tests talk to."""
    return turnpike


@pytest.fixture(scope="session")
def limits_target(limits_turnpike: Turnpike) -> Target:
    return limits_turnpike
