"""I3: a region is gone or cut off, and every call still arrives."""

from collections.abc import Sequence
from time import monotonic

import pytest

from tests.calls.site import Site
from tests.faults.outages import Outages
from tests.namespaces.place import Place
from tests.sip.caller import codes, until_decided, until_over
from tests.sip.figures import Figures, percentile
from tests.sip.outgoing import OutgoingCall
from tests.sip.waiting import at, until

CALLS = 22
APART, QUICKLY = 1.0, 0.25
"""Seconds between two calls: the first come before anybody can know, the last when the gateways have noticed; or where
there is nothing that they could notice.
"""
NOTICED = 17.0
"""Seconds until a gateway leaves out another that is silent: two probes 5 s apart, 4 s without an answer, and 3 that
the machine may stall.
"""
DIRECT, WAITED = 3.0, 7.8
"""Seconds of post-dial delay that are less than: once 4 s in which the other region said nothing; twice that."""


def _calls(site: Site, regions: Sequence[str], apart: float) -> list[OutgoingCall]:
    """Of the cores of these regions in turn."""
    begun, calls = monotonic(), []
    for number in range(CALLS):
        at(begun + number * apart)
        region = regions[number % len(regions)]
        calls.append(site.carrier.cores[region].call(site.gateways[region == "se1"], site.number))
    return calls


def _delays(site: Site, figures: Figures, what: str, regions: Sequence[str], apart: float = QUICKLY) -> list[float]:
    """Every call arrives, once; seconds until the caller heard that it rings, of each."""
    before = len(site.pbx.calls)
    calls = _calls(site, regions, apart)
    until_decided(calls, CALLS, 15)
    assert codes(calls) == {200: CALLS}
    assert len(site.pbx.calls) == before + CALLS
    delays = [call.post_dial_delay or 0.0 for call in calls]
    slow = ", ".join(f"{number * apart:g}" for number, delay in enumerate(delays) if delay > DIRECT)
    text = f"median {percentile(delays, 0.5):.3f}, slowest {max(delays):.3f}; over {DIRECT:g} s at {slow or 'no'} s"
    figures.measured(f"I3 post-dial delay of {CALLS} calls, {what}, seconds", text)
    assert max(delays) < WAITED
    for call in calls:
        call.hang_up()
    until_over([*calls, *site.pbx.calls], 15)
    return delays


def _all_arrive(site: Site, figures: Figures, what: str, *regions: str) -> None:
    """And those that come when it was noticed are not delayed."""
    delays = _delays(site, figures, what, regions, APART)
    assert max(delays[int(NOTICED / APART) + 1 :]) < DIRECT


def _both_are_used_again(site: Site) -> None:
    until(lambda: {site.region_of(site.call()) for _ in range(2)} == {"nw1", "se1"}, 20, "calls alternate again")


def test_I3_the_Kamailio_of_a_region_is_stopped(place: Place, outages: Outages, figures: Figures) -> None:
    site = Site(place.carrier)
    with outages.stopped("nw1-gateway"):
        _all_arrive(site, figures, "nw1's Kamailio stopped", "se1")
    _both_are_used_again(site)


@pytest.mark.long
def test_I3_the_Kamailio_of_a_region_hangs(place: Place, outages: Outages, figures: Figures) -> None:
    site = Site(place.carrier)
    with outages.without("se1-gateway"):
        _all_arrive(site, figures, "se1's Kamailio halted", "nw1")
    _both_are_used_again(site)


def test_I3_a_region_is_cut_off_from_everybody(place: Place, outages: Outages, figures: Figures) -> None:
    """Also from MariaDB: the other region keeps what it knew of it (R6)."""
    site = Site(place.carrier)
    with place.internet.unplugged("nw1"), outages.without("nw1-agent"):
        _all_arrive(site, figures, "nw1's network cut", "se1")
    _both_are_used_again(site)


@pytest.mark.parametrize("core", ["nw1", "se1"])
def test_I3_a_region_is_cut_off_from_the_PBX(place: Place, figures: Figures, core: str) -> None:
    """It is found anew by each call whose turn it is, until its binding expires."""
    site = Site(place.carrier)
    with place.internet.cut((place.addresses["nw1"], place.pbx_address)):
        _delays(site, figures, f"nw1 cut off from the PBX, called in {core}", [core])
    _both_are_used_again(site)


def test_I3_the_regions_are_cut_off_from_each_other(place: Place, figures: Figures) -> None:
    site = Site(place.carrier)
    with place.internet.cut((place.addresses["nw1"], place.addresses["se1"])):
        _all_arrive(site, figures, "the regions cut off from each other", "nw1", "se1")
    _both_are_used_again(site)


def test_I3_a_region_has_no_route_to_the_PBX(place: Place, figures: Figures) -> None:
    """Its machine refuses to send."""
    site = Site(place.carrier)
    with place.without_route("nw1", place.pbx_address):
        delays = _delays(site, figures, "nw1 without a route to the PBX", ["nw1"])
    assert max(delays) < DIRECT
    _both_are_used_again(site)
