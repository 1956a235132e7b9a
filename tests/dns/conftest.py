"""An instance of its own, whose regions are drained and stopped, and name servers for its domains."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.conftest import TEST_LIMITS, serving
from tests.dns.names import Names
from tests.dns.site import DOMAINS, Site
from tests.sip.instance import Instance
from tests.sip.network import Network
from tests.sip.turnpike import Turnpike


@pytest.fixture(scope="package")
def names(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Names]:
    with closing(Names(tmp_path_factory.mktemp("dns"), network, DOMAINS)) as names:
        yield names


@pytest.fixture(scope="package")
def dns_service(names: Names) -> Iterator[Turnpike]:
    """TEST LIMITS: a PBX comes again within 20 seconds. The doctor asks the tests' resolver."""
    instance = Instance("dns", TEST_LIMITS)
    settings = instance.home / "settings.toml"
    settings.write_text(f'resolvers = ["{names.resolver.place}"]\n' + settings.read_text())
    yield from serving(instance)


@pytest.fixture(scope="package")
def shared_site(dns_service: Turnpike, names: Names) -> Site:
    return Site(dns_service, names)


@pytest.fixture
def site(shared_site: Site) -> Site:
    """Everything is as it should be."""
    shared_site.reset()
    return shared_site
