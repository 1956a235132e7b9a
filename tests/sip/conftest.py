"""A core and a PBX that call each other, with no service between them and quick timers."""

from collections.abc import Iterator

import pytest

from tests.sip.caller import Pbx
from tests.sip.core import Core
from tests.sip.digest import Login
from tests.sip.endpoint import Timers
from tests.sip.network import Network

QUICK = Timers(0.02, 0.1)
LOGIN = Login("alice", "secret")


@pytest.fixture
def core(network: Network) -> Iterator[Core]:
    core = network.core(timers=QUICK)
    yield core
    core.close()


@pytest.fixture
def pbx(network: Network, core: Core) -> Iterator[Pbx]:
    pbx = network.pbx([(core.address, core.port)], LOGIN, timers=QUICK)
    yield pbx
    pbx.close()
