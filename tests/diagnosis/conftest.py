"""An instance of its own: its regions are stopped, its channels are few, and its resolver is the tests' own."""

from collections.abc import Iterator

import pytest

from tests.calls.carrier import Carrier
from tests.conftest import TEST_LIMITS, running
from tests.diagnosis.clinic import Clinic
from tests.sip.nameserver import NameServer
from tests.sip.network import Network
from tests.sip.target import Credential
from tests.sip.waiting import until

LIMITS = {**TEST_LIMITS, "granted": 40, "block": 60, "channels": 2}
SETTINGS = 'resolvers = ["{resolver}#53"]\n[thresholds]\nwrong_passwords = 4\n'


@pytest.fixture(scope="package")
def clinic(network: Network) -> Iterator[Clinic]:
    names = NameServer((network.address(), 53))
    for service in running("doctor", LIMITS, SETTINGS.format(resolver=names.address)):
        carrier = Carrier(service, network)
        yield Clinic(carrier, names)
        carrier.close()
    names.close()


@pytest.fixture(scope="package", autouse=True)
def left_alone(clinic: Clinic) -> Credential:
    """Its PBX registers before the first test, and is silent from then on."""
    credential = clinic.credential()
    assert clinic.phone(credential).register().status == 200
    until(lambda: clinic.service.bindings(credential), 5, "the registration is shown")
    return credential


@pytest.fixture
def credential(clinic: Clinic) -> Credential:
    return clinic.credential()
