"""Asterisk calls out and is called in both regions, and both sides hear each other."""

from collections.abc import Mapping

import pytest

from tests.clients.conftest import Start
from tests.clients.making import REGIONS, gateways, until_registered
from tests.sip.figures import Figures
from tests.sip.turnpike import Turnpike
from tests.stacks.pjsua import PjsuaCore
from tests.stacks.speech import check_call, check_record

SIDES = [("nw1", "pbx"), ("nw1", "core"), ("se1", "pbx"), ("se1", "core")]
FAR_END = "+13055550123"


@pytest.mark.parametrize(("region", "hung_up_by"), SIDES)
def test_O1_asterisk_calls_out(
    turnpike: Turnpike, start: Start, cores: Mapping[str, PjsuaCore], figures: Figures, region: str, hung_up_by: str
) -> None:
    pbx = start(turnpike)
    until_registered(turnpike, pbx)
    dialled = f"{FAR_END}{SIDES.index((region, hung_up_by))}"
    pbx.call(dialled, region)
    check_call(pbx, cores[region], figures, hung_up_by)
    check_record(turnpike, dialled, "caller" if hung_up_by == "pbx" else "callee")


@pytest.mark.parametrize("hung_up_by", ["pbx", "core"])
@pytest.mark.parametrize("region", REGIONS)
def test_I4_asterisk_is_called(
    turnpike: Turnpike, start: Start, cores: Mapping[str, PjsuaCore], figures: Figures, region: str, hung_up_by: str
) -> None:
    """I3: the region that is called has the first turn."""
    pbx = start(turnpike)
    until_registered(turnpike, pbx)
    turnpike.settled()
    cores[region].call(gateways(turnpike)[region], pbx.number)
    check_call(pbx, cores[region], figures, hung_up_by)
    check_record(turnpike, pbx.number, "callee" if hung_up_by == "pbx" else "caller")
