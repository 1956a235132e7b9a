"""Asterisk comes back by itself after each answer to REGISTER that means "later", and after none at all.

Its trunk tries again every 30 seconds, or after `Retry-After` when there is one.
"""

from contextlib import ExitStack, contextmanager
from time import monotonic

from tests.clients.conftest import Start
from tests.clients.making import asterisk, until_refused, until_registered, until_renewed
from tests.conftest import running
from tests.faults.outages import Outages, back
from tests.sip.figures import Figures
from tests.sip.network import Network
from tests.sip.processes import kill, tree
from tests.sip.target import Target
from tests.sip.turnpike import Turnpike
from tests.sip.waiting import until
from tests.wire.early import early

Waited = float
"""Seconds from the moment when nothing was in its way until it was registered (again)."""


def restarting(target: Target, network: Network) -> Waited:
    """It de-registers nothing when it stops, so it comes too early."""
    assert isinstance(target, Turnpike)
    with asterisk(target, network) as pbx:
        before = until_registered(target, pbx)
        pbx.stop()
        pbx.start()
        begun = monotonic()
        until_refused(target, pbx, 429, "early")
        assert set(until_registered(target, pbx)) == set(before)
        until_renewed(target, pbx, 130, before)
        assert target.blocks(pbx.source) == []
        return monotonic() - begun


@early(restarting)
def test_R4_asterisk_comes_back_after_429(outcome: Waited, figures: Figures) -> None:
    figures.measured("seconds until Asterisk has registered again after a restart and 429", f"{outcome:.0f}")
    assert 80 < outcome < 110


def disabled(target: Target, network: Network) -> Waited:
    assert isinstance(target, Turnpike)
    credential = target.new_credential()
    target.disable(credential)
    with asterisk(target, network, credential) as pbx:
        until_refused(target, pbx, 503, "disabled")
        target.enable(credential)
        begun = monotonic()
        until_registered(target, pbx, 330)
        return monotonic() - begun


@early(disabled)
def test_R2_asterisk_comes_back_when_its_credential_is_enabled(outcome: Waited, figures: Figures) -> None:
    """503 with `Retry-After: 300`."""
    figures.measured("seconds until Asterisk is back after 503 for a disabled credential", f"{outcome:.0f}")
    assert outcome < 310


def succeeding(target: Target, network: Network) -> Waited:
    assert isinstance(target, Turnpike)
    with asterisk(target, network) as first:
        until_registered(target, first)
        with asterisk(target, network, first.credential) as second:
            until_refused(target, second, 503, "second_pbx")
            first.kill()
            begun = monotonic()
            until_registered(target, second, 310)
            return monotonic() - begun


@early(succeeding)
def test_R6_asterisk_takes_over_from_one_that_has_died(outcome: Waited, figures: Figures) -> None:
    figures.measured("seconds until a second Asterisk has taken over from one that died", f"{outcome:.0f}")
    assert outcome < 310


def test_R6_asterisk_takes_over_from_one_that_fell_silent(limits: Turnpike, start: Start, figures: Figures) -> None:
    """On TEST LIMITS: keep-alives and bindings are shorter."""
    first = start(limits)
    until_registered(limits, first)
    second = start(limits, first.credential)
    until_refused(limits, second, 503, "second_pbx")
    first.kill()
    begun = monotonic()
    until_registered(limits, second, 45)
    figures.measured("seconds until it has taken over, TEST LIMITS", f"{monotonic() - begun:.0f}")


def without_gateway(_: Target, network: Network) -> Waited:
    """On an instance of its own, since a part of it is stopped."""
    with ExitStack() as stack:
        service = stack.enter_context(contextmanager(running)("down"))
        credential = service.new_credential()
        with Outages(service).stopped("nw1-gateway"):
            pbx = stack.enter_context(asterisk(service, network, credential))
            assert set(until_registered(service, pbx, count=1)) == {"se1"}
            until(lambda: pbx.said("No response received from"), 40, "it gives up", pause=0.5)
        begun = monotonic()
        until_registered(service, pbx, 40)
        return monotonic() - begun


@early(without_gateway)
def test_F1_asterisk_comes_back_when_a_gateway_does(outcome: Waited, figures: Figures) -> None:
    """After half a minute of retransmissions it waits for another half."""
    figures.measured("seconds until Asterisk registers at a gateway that was down", f"{outcome:.0f}")
    assert outcome < 35


def without_snapshot(_: Target, network: Network) -> Waited:
    """A region whose agent has never reached MariaDB, on an instance of its own."""
    with ExitStack() as stack:
        service = stack.enter_context(contextmanager(running)("snapshot"))
        home = service.instance.home / "region" / "nw1"
        credential = service.new_credential()
        with Outages(service).without("nw1-agent"):
            agent = service.instance.pids("nw1-agent")
            for file in home.glob("store.sqlite*"):
                file.unlink()
            kill(tree(service.instance.pids("nw1-gateway")))
            back(network, service.regions[0])
            pbx = stack.enter_context(asterisk(service, network, credential))
            assert set(until_registered(service, pbx, count=1)) == {"se1"}
            begun = monotonic()
            kill(agent)
        until_registered(service, pbx, 60)
        until_refused(service, pbx, 503, "no_snapshot")
        return monotonic() - begun


@early(without_snapshot)
def test_F1_asterisk_comes_back_when_a_region_has_its_first_snapshot(outcome: Waited, figures: Figures) -> None:
    figures.measured("seconds until Asterisk registers in a region that had no snapshot", f"{outcome:.0f}")
    assert outcome < 50
