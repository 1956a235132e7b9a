"""R7, W4, O7: a PBX with a private address, behind a router that forgets a flow after 30 s of silence."""

from time import monotonic

import pytest

from tests.calls.carrier import REGIONS
from tests.namespaces.conftest import QUIET
from tests.namespaces.internet import MAPPING_SECONDS, PRIVATE, Host
from tests.namespaces.place import Place
from tests.sip.caller import Pbx
from tests.sip.figures import Figures
from tests.sip.scripts import answers
from tests.sip.target import Credential
from tests.sip.waiting import at, until
from tests.wire.early import early_given

Delays = list[float]
"""Seconds until the PBX was heard to ring, of each call."""


class Behind:
    """A PBX with a number, registered in nw1 from behind a router of its own."""

    def __init__(self, place: Place, name: str) -> None:
        self.place = place
        self.host: Host = place.internet.behind_nat(name)
        self.credential: Credential = place.service.new_credential()
        self.pbx: Pbx = place.carrier.pbx(credential=self.credential, host=self.host)
        self.number = place.carrier.number(self.credential.username)
        response = self.pbx.register()
        self.registered = monotonic()
        assert response.status == 200
        assert f"@{PRIVATE}:" in response.one("Contact")

    def binding(self) -> tuple[str, int]:
        """Where the gateway sees it."""
        (binding,) = until(lambda: self.place.service.bindings(self.credential), 5, "the binding is shown")
        return binding.address, binding.port

    def called(self, region: str, hangs_up: str) -> float:
        """One call in, whose ACK and BYE get through."""
        cores, gateways = self.place.carrier.cores, dict(zip(REGIONS, self.place.service.regions, strict=True))
        call = cores[region].call(gateways[region], self.number)
        call.until_answered()
        there = self.pbx.calls[-1]
        assert there.invite.start == f"INVITE sip:{self.number}@{self.pbx.via} SIP/2.0"  # I4
        until(lambda: there.acked, 3, "the PBX gets the ACK")
        (call if hangs_up == "core" else there).hang_up()
        until(lambda: call.over and there.over, 5, "both ends have hung up")
        assert (call if hangs_up == "core" else there).bye_code == 200
        return call.post_dial_delay or 0.0

    def called_in_all_ways(self) -> Delays:
        """The other region's calls come by the region where it is registered: no other address may pass its router."""
        return [self.called(region, hangs_up) for region in REGIONS for hangs_up in ("core", "PBX")]


def _called_after(place: Place, seconds: int) -> Delays:
    behind = Behind(place, f"late{seconds}")
    address, port = behind.binding()
    assert address == behind.host.outside
    at(behind.registered + seconds)
    stranger = place.network.core()
    knock = behind.pbx.message("OPTIONS", "sip:a", "<sip:a@b>", "<sip:b@a>", "a-stranger", "tag", 1)
    stranger.send_raw(knock, (address, port))
    delays = behind.called_in_all_ways()
    kept_alive = [request.one("Call-ID") for request in behind.pbx.requests]
    assert len(kept_alive) >= seconds // 20 - 1
    assert "a-stranger" not in kept_alive
    return delays


def called_after_two_timeouts(place: Place) -> Delays:
    return _called_after(place, 2 * MAPPING_SECONDS + 10)


def called_before_the_binding_ends(place: Place) -> Delays:
    return _called_after(place, 280)


@early_given(QUIET, called_after_two_timeouts)
def test_R7_a_call_reaches_a_PBX_behind_NAT_70_s_after_it_registered(outcome: Delays, figures: Figures) -> None:
    _show(figures, "70", outcome)


@pytest.mark.long
@pytest.mark.timeout(600)
@early_given(QUIET, called_before_the_binding_ends)
def test_R7_a_call_reaches_a_PBX_behind_NAT_280_s_after_it_registered(outcome: Delays, figures: Figures) -> None:
    _show(figures, "280", outcome)


def _show(figures: Figures, seconds: str, delays: Delays) -> None:
    text = ", ".join(f"{delay:.3f}" for delay in delays)
    figures.measured(f"R7 post-dial delay to a PBX behind NAT, {seconds} s after it registered, seconds", text)


def forgotten(place: Place) -> int | None:
    """Without keep-alives it cannot be called, until it opens the pinhole itself; the code that the core got."""
    behind = Behind(place, "forgotten")
    with place.internet.without_keepalives(behind.host.outside):
        behind.called("nw1", "core")
        at(monotonic() + MAPPING_SECONDS + 2)
        gateway = place.service.regions[0]
        lost = place.carrier.cores["nw1"].call(gateway, behind.number)
        lost.until_ended(20)
        assert (len(behind.pbx.calls), behind.pbx.requests) == (1, [])
        assert behind.pbx.options(gateway).until_final().status == 200
        behind.called("nw1", "PBX")
    return lost.code


@early_given(QUIET, forgotten)
def test_R7_it_is_the_keep_alives_that_keep_the_pinhole_open(outcome: int | None) -> None:
    assert outcome == 408


def hung_up_after_a_minute(place: Place) -> list[str]:
    """The PBX calls out and says nothing for 60 s; the requests that reached it."""
    behind = Behind(place, "talking")
    core = place.carrier.cores["nw1"]
    call = behind.pbx.call(place.carrier.subscriber(answers(hold=60)))
    call.until_answered()
    there = next(each for each in core.calls if each.dialled == call.dial.dialled)
    until(lambda: there.acked, 3, "the core gets the ACK")
    until(lambda: call.ended, 70, "the core hangs up")
    there.until_gone()
    assert (there.bye_code, there.ended_by, call.ended_by) == (200, "us", "them")
    assert (call.ended or 0) - (call.answered or 0) > 59
    return [request.method for request in call.requests]


@early_given(QUIET, hung_up_after_a_minute)
def test_R7_the_core_hangs_up_on_a_PBX_behind_NAT_after_a_minute(outcome: list[str]) -> None:
    """Between answer and BYE it hears only the gateway's questions (O7)."""
    assert outcome[-1] == "BYE"
    assert set(outcome[:-1]) == {"OPTIONS"}
