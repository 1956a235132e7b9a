"""An instance of its own, whose regions are drained, and name servers for its domains; and the same for one test that
stops a region for more than a minute.
"""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import TEST_LIMITS, serving
from tests.dns.names import Names
from tests.dns.site import DOMAINS, Site
from tests.sip.instance import Instance
from tests.sip.network import Network
from tests.wire.early import Begun, begun

LONELY = "lonely site"
"""What early scenarios of this folder are given: a site whose regions may be stopped, a network, a folder."""


@contextmanager
def served(folder: Path, network: Network) -> Iterator[Site]:
    """TEST LIMITS: a PBX comes again within 20 seconds. The doctor asks the tests' resolver."""
    with closing(Names(folder, network, DOMAINS)) as names:
        instance = Instance("dns", TEST_LIMITS)
        settings = instance.home / "settings.toml"
        settings.write_text(f'resolvers = ["{names.resolver.place}"]\n' + settings.read_text())
        for service in serving(instance):
            yield Site(service, names)


@pytest.fixture(scope="package")
def shared_site(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("dns"), network) as site:
        yield site


@pytest.fixture
def site(shared_site: Site) -> Site:
    """Everything is as it should be."""
    shared_site.reset()
    return shared_site


@pytest.fixture(scope="package", autouse=True)
def early_scenarios(
    request: pytest.FixtureRequest, shared_site: Site, network: Network, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Begun]:
    """Start, before the first test of this folder, what must wait; its tests come at the end. The shared site is there
    already: it would take the address of a region that is stopped for one that is free.
    """
    assert shared_site.regions
    with ExitStack() as stack:

        def prepare() -> tuple[Site, Network, Path]:
            site = stack.enter_context(served(tmp_path_factory.mktemp("lonely"), network))
            site.reset()
            return site, network, tmp_path_factory.mktemp("pbx")

        with begun(request.session.items, LONELY, prepare) as scenarios:
            yield scenarios


@pytest.fixture
def outcome(request: pytest.FixtureRequest, early_scenarios: Begun) -> Any:
    """What this test's early scenario returned."""
    return early_scenarios[request.node.nodeid].result(timeout=1200)
