"""Calls in: by number, over two regions (rules I1 to I5, T2)."""

from collections import Counter

import pytest

from tests.calls.carrier import Carrier
from tests.calls.site import Site
from tests.sip.caller import codes, until_decided, until_over
from tests.sip.figures import Figures, percentile
from tests.sip.outgoing import OutgoingCall
from tests.sip.scripts import refuses, rings
from tests.sip.tally import Tally
from tests.sip.waiting import until


def _calls(site: Site, count: int, region: str = "nw1") -> list[OutgoingCall]:
    core = site.carrier.cores[region]
    gateway = site.gateways[region == "se1"]
    return [core.call(gateway, site.number) for _ in range(count)]


def test_I3_100_calls_to_one_number_are_50_and_50(carrier: Carrier, figures: Figures) -> None:
    site = Site(carrier)
    before = len(site.pbx.calls)
    calls = _calls(site, 100)
    until_decided(calls, 100, 30)
    assert codes(calls) == {200: 100}
    assert Counter(site.region_of(call.invite) for call in site.pbx.calls[before:]) == {"nw1": 50, "se1": 50}
    delays = [call.post_dial_delay or 0.0 for call in calls]
    figures.measured("post-dial delay of 100 calls at once over two regions, median, seconds", percentile(delays, 0.5))
    for call in calls:
        call.hang_up()
    until_over(calls, 20)
    until(lambda: all(call.ended for call in site.pbx.calls), 10, "the PBX heard every BYE")


@pytest.mark.parametrize("form", ["{}", "+{}", "national"])
def test_T2_every_form_of_the_number_finds_it(carrier: Carrier, form: str) -> None:
    site = Site(carrier, regions=(0,))
    digits = site.number.lstrip("+")
    dialled = digits[1:] if form == "national" else form.format(digits)
    call = carrier.cores["nw1"].call(site.gateways[0], dialled)
    call.until_answered()
    invite = site.pbx.calls[-1].invite
    assert invite.start == f"INVITE sip:{dialled}@{site.pbx.via} SIP/2.0"  # I4
    call.hang_up()
    call.until_gone()


def test_I2_unknown_number_404_and_no_route_or_binding_480(carrier: Carrier) -> None:
    core, gateway = carrier.cores["nw1"], carrier.service.regions[0]
    unrouted = carrier.number(None)
    unregistered = carrier.number(carrier.service.new_credential().username)
    for dialled, code in (("+19995550100", 404), (unrouted, 480), (unregistered, 480)):
        call = core.call(gateway, dialled)
        call.until_ended()
        assert call.code == code
        record = carrier.cdr(call.call_id)
        assert (record["direction"], record["code"], record["rule"]) == ("inbound", code, "I2")


@pytest.mark.parametrize(("first", "tried"), [(486, 1), (603, 1), (480, 2), (500, 2), (503, 2), (408, 2)])
def test_I3_what_is_tried_again_in_the_other_region(carrier: Carrier, first: int, tried: int) -> None:
    site = Site(carrier)
    site.scripts = {"nw1": refuses(first), "se1": refuses(first)}
    before = len(site.pbx.calls)
    call = _calls(site, 1)[0]
    call.until_ended(20)
    assert len(site.pbx.calls) - before == tried
    assert call.code == (500 if first == 503 else first)  # RFC 3261 section 16.7, step 6


@pytest.mark.parametrize("bad", ["nw1", "se1"])
def test_I3_a_region_that_fails_or_is_silent_is_followed_by_the_other(
    carrier: Carrier, figures: Figures, bad: str
) -> None:
    site = Site(carrier)
    site.scripts = {bad: refuses(480)}
    _four_calls(site, figures, f"{bad} refuses")
    site.scripts = {}
    rows = carrier.service.api.rows("/v1/bindings", credential=site.pbx.login.username, region=bad)
    carrier.service.api.send("DELETE", f"/v1/bindings/{rows[0]['id']}")
    _four_calls(site, figures, f"{bad} has no binding")


def test_I3_a_region_where_the_PBX_is_silent_is_followed_by_the_other(carrier: Carrier, figures: Figures) -> None:
    """It registered there from a port that answers nothing any more: no response within four seconds."""
    site = Site(carrier, regions=(0,))
    lost = carrier.network.pbx(site.gateways, site.pbx.login, source=site.pbx.address)
    assert lost.register(site.gateways[1]).status == 200
    lost.silence()
    slow = until(lambda: _setup_time(site) > 3.5 and _setup_time(site) < 3.5, 30, "the silent place is tried first")
    assert slow
    _four_calls(site, figures, "se1's binding is silent")


def _setup_time(site: Site) -> float:
    """Seconds until one more call is answered."""
    call = _calls(site, 1)[0]
    call.until_answered()
    call.hang_up()
    call.until_gone()
    return call.setup_time or 0.0


def _four_calls(site: Site, figures: Figures, what: str) -> None:
    calls = _calls(site, 4)
    until_decided(calls, 4, 30)
    assert codes(calls) == {200: 4}
    figures.measured(f"slowest answer while {what}, seconds", max(call.setup_time or 0.0 for call in calls))
    for call in calls:
        call.hang_up()
    until_over(calls, 20)


def test_I3_after_ringing_nothing_is_tried_again(carrier: Carrier) -> None:
    site = Site(carrier)
    site.scripts = {name: refuses(480, 0.3, ring=0.05) for name in ("nw1", "se1")}
    before = len(site.pbx.calls)
    call = _calls(site, 1)[0]
    call.until_ended(20)
    assert (call.code, len(site.pbx.calls) - before) == (480, 1)


def test_I1_an_INVITE_from_elsewhere_is_challenged_whatever_it_claims(carrier: Carrier) -> None:
    site = Site(carrier, regions=(0,))
    stranger = carrier.network.core(tally=Tally())
    host = site.gateways[0][0]
    for uri in (f"sip:{site.number}@{host}", f"sip:{site.number}@{host};hop=se1"):
        call = stranger.call(site.gateways[0], site.number, uri=uri)
        call.until_ended()
        assert call.code == 407
    stranger.close()


def test_a_caller_that_gives_up_and_a_PBX_that_hangs_up(carrier: Carrier) -> None:
    site = Site(carrier)
    site.scripts = {name: rings() for name in ("nw1", "se1")}
    for _ in range(2):
        call = _calls(site, 1)[0]
        call.until_ringing()
        call.cancel()
        call.until_gone()
        assert call.code == 487
        until(lambda: site.pbx.calls[-1].ended, 5, "the PBX heard of it")
    site.scripts = {}
    for _ in range(2):
        call = _calls(site, 1)[0]
        call.until_answered()
        site.pbx.calls[-1].hang_up()
        site.pbx.calls[-1].until_gone()
        assert call.ended_by == "them"
        record = carrier.cdr(call.call_id)
        assert (record["direction"], record["ended_by"], record["code"]) == ("inbound", "callee", 200)
