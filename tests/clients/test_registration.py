"""Asterisk registers in both regions and stays so."""

from time import time

from tests.clients.conftest import Start
from tests.clients.making import asterisk, until_registered, until_renewed
from tests.sip.network import Network
from tests.sip.target import Target
from tests.sip.turnpike import Turnpike
from tests.wire.early import early


def test_R5_asterisk_registers_in_both_regions(turnpike: Turnpike, start: Start) -> None:
    pbx = start(turnpike)
    for binding in until_registered(turnpike, pbx).values():
        assert binding.user_agent == "Asterisk PBX 22"
        assert 280 <= binding.expires_at - time() <= 301


def test_R5_asterisk_refreshes_by_itself(limits: Turnpike, start: Start) -> None:
    """Ten seconds before the end of what was granted; twice."""
    pbx = start(limits)
    until_renewed(limits, pbx, 15, until_registered(limits, pbx))
    until_renewed(limits, pbx, 15, until_registered(limits, pbx))
    assert limits.events(pbx.credential) == []


def refreshing(target: Target, network: Network) -> tuple[float, int]:
    """Seconds from the first registration to the refresh, and how many refusals there were."""
    assert isinstance(target, Turnpike)
    with asterisk(target, network) as pbx:
        first = until_registered(target, pbx)
        until_renewed(target, pbx, 310, first)
        begun = min(binding.expires_at for binding in first.values())
        after = min(binding.expires_at for binding in until_registered(target, pbx).values())
        return after - begun, len(target.events(pbx.credential))


@early(refreshing)
def test_R5_asterisk_refreshes_after_290_seconds(outcome: tuple[float, int]) -> None:
    seconds, refusals = outcome
    assert 285 <= seconds <= 295
    assert refusals == 0
