"""A running instance, a real browser, and people who are signed in."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.calls.carrier import Carrier
from tests.conftest import running
from tests.portal.chromium import Chromium, chromium
from tests.portal.forger import Forger
from tests.portal.people import Person, Visit, new_person, visit
from tests.sip.network import Network
from tests.sip.turnpike import Turnpike

Visiting = Callable[..., Visit]


@pytest.fixture(scope="package")
def service() -> Iterator[Turnpike]:
    """An instance with the limits that it ships with."""
    yield from running("portal")


@pytest.fixture(scope="package")
def carrier(service: Turnpike, network: Network) -> Iterator[Carrier]:
    """The core gateways of both regions, and PBXs."""
    carrier = Carrier(service, network)
    yield carrier
    carrier.close()


@pytest.fixture(scope="package")
def browser() -> Iterator[Chromium]:
    """Only as long as the portal is tested, for other tests run event loops of their own."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="package")
def administrator(service: Turnpike) -> Person:
    return new_person(service, "alice@carrier.example", "administer")


@pytest.fixture
def visiting(browser: Chromium, service: Turnpike) -> Iterator[Visiting]:
    """Opens browsers: of nobody, or of a person who signs in."""
    with ExitStack() as stack:

        def begin(person: Person | None = None, **options: object) -> Visit:
            visited = stack.enter_context(visit(browser, service, **options))
            if person:
                visited.sign_in(person)
            return visited

        yield begin


@pytest.fixture
def forger(service: Turnpike, administrator: Person) -> Iterator[Forger]:
    """Signed in, as an administrator."""
    forger = Forger(service.instance.url)
    forger.sign_in(administrator)
    yield forger
    forger.close()


@pytest.fixture
def admin(visiting: Visiting, administrator: Person) -> Visit:
    """The administrator's browser, signed in."""
    return visiting(administrator)
