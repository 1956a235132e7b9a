"""RFC 3263 by a PBX that nobody here wrote: the regions by SRV, and the next one after 503 or silence."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from time import monotonic

import pytest
from dnslib import SRV, A

from tests.calls.carrier import Carrier
from tests.clients.asterisk import Asterisk
from tests.clients.configuration import BY_NAME, HOLD
from tests.clients.conftest import Start
from tests.clients.making import REGIONS, asterisk, gateways, until_registered
from tests.conftest import running
from tests.faults.outages import Outages
from tests.sip.figures import Figures
from tests.sip.nameserver import NameServer, Record
from tests.sip.network import Network
from tests.sip.target import Target
from tests.sip.turnpike import Turnpike
from tests.sip.waiting import at, until
from tests.stacks.pjsua import DOMAIN
from tests.wire.early import early

CHANNELS = 100


@pytest.fixture
def carrier(limits: Turnpike, network: Network) -> Iterator[Carrier]:
    with closing(Carrier(limits, network)) as carrier:
        yield carrier


def in_order(service: Turnpike) -> Iterator[Record]:
    """SRV with a priority for each region, so that a test knows which one is asked first."""
    for priority, (name, (host, port)) in enumerate(gateways(service).items()):
        target = f"{name}.{DOMAIN}"
        yield f"_sip._udp.{DOMAIN}", "SRV", SRV(priority, 10, port, target)
        yield target, "A", A(host)


@contextmanager
def names(service: Turnpike, network: Network) -> Iterator[NameServer]:
    with closing(NameServer((network.address(), 53))) as server:
        server.add(in_order(service))
        yield server


@pytest.fixture
def pbx(limits: Turnpike, network: Network, start: Start) -> Iterator[Asterisk]:
    """It asks for nw1 first."""
    with names(limits, network) as server:
        pbx = start(limits, name_server=server.address)
        until_registered(limits, pbx)
        yield pbx


def in_progress(carrier: Carrier) -> list[int]:
    return [carrier.cores[region].in_progress for region in REGIONS]


def until_calls(carrier: Carrier, *counts: int) -> None:
    """So many in each region, by the cores' own count."""
    until(lambda: in_progress(carrier) == list(counts), 10, f"calls in the regions: {counts}")


def outcomes(service: Turnpike, number: str) -> list[tuple[str, int, str]]:
    """Region, code and rule of each attempt that has ended, the first one first."""
    rows = service.api.rows("/v1/cdrs", callee=number)
    return [(row["region"], row["code"], row["rule"]) for row in reversed(rows)]


def until_refused(service: Turnpike, numbers: Sequence[str], *wanted: tuple[str, int, str]) -> None:
    """These are all the records of calls to these numbers that are over."""

    def found() -> bool:
        return [each for number in numbers for each in outcomes(service, number)] == list(wanted)

    until(found, 10, f"{numbers} have the records {wanted}", pause=0.2)


def test_O2_asterisk_takes_the_other_region_after_503(limits: Turnpike, pbx: Asterisk, carrier: Carrier) -> None:
    """Two calls at once, of which one region takes one."""
    first, second = carrier.subscriber(), carrier.subscriber()
    pbx.call(first, BY_NAME)
    pbx.call(second, BY_NAME)
    until_calls(carrier, 1, 1)
    until_refused(limits, [first, second], ("nw1", 503, "O2"))


def test_O3_asterisk_fills_both_regions_and_goes_on_when_there_is_room(
    limits: Turnpike, pbx: Asterisk, carrier: Carrier
) -> None:
    """Two channels in each region."""
    begun = monotonic()
    for turn, counts in enumerate([(1, 0), (2, 0), (2, 1), (2, 2)]):
        at(begun + 1.1 * turn)
        pbx.call(carrier.subscriber(), BY_NAME)
        until_calls(carrier, *counts)
    one_more = carrier.subscriber()
    at(begun + 4.4)
    pbx.call(one_more, BY_NAME)
    until_refused(limits, [one_more], ("nw1", 503, "O3"), ("se1", 503, "O3"))
    pbx.hang_up()
    until_calls(carrier, 0, 0)
    pbx.call(carrier.subscriber(), BY_NAME)
    until_calls(carrier, 1, 0)


def test_O2_O3_asterisk_with_one_region_goes_on_when_there_is_room(
    limits: Turnpike, pbx: Asterisk, carrier: Carrier
) -> None:
    """A refused call is lost, and the next one is not."""
    begun = monotonic()
    at_once, too_many = [carrier.subscriber(), carrier.subscriber()], carrier.subscriber()
    for number in at_once:
        pbx.call(number)
    until_refused(limits, at_once, ("nw1", 503, "O2"))
    at(begun + 2.2)
    pbx.call(carrier.subscriber())
    until_calls(carrier, 2, 0)
    at(begun + 4.4)
    pbx.call(too_many)
    until_refused(limits, [too_many], ("nw1", 503, "O3"))
    carrier.cores["nw1"].hang_up_all()
    until_calls(carrier, 0, 0)
    pbx.call(carrier.subscriber())
    until_calls(carrier, 1, 0)


def calling_past_silence(_: Target, network: Network) -> float:
    """Seconds from dialling to the answer when nothing comes from the region that is asked first."""
    with ExitStack() as stack:
        service = stack.enter_context(contextmanager(running)("silent"))
        carrier = stack.enter_context(closing(Carrier(service, network)))
        server = stack.enter_context(names(service, network))
        pbx = stack.enter_context(asterisk(service, network, name_server=server.address))
        until_registered(service, pbx)
        with Outages(service).without("nw1-gateway"):
            begun = monotonic()
            pbx.dial(carrier.subscriber())
            until(lambda: carrier.cores["se1"].in_progress, 60, "the call takes the other region")
            return monotonic() - begun


@early(calling_past_silence)
def test_D1_asterisk_takes_the_other_region_after_silence(outcome: float, figures: Figures) -> None:
    """Its timer B: 32 seconds (RFC 3261 section 17.1.1.2)."""
    figures.measured("seconds until Asterisk's call takes the other region, one being silent", f"{outcome:.1f}")
    assert outcome < 40


def filling(_: Target, network: Network) -> tuple[list[int], list[tuple[str, int, str]], float]:
    """Two calls a second until both regions are full, then one more: calls in progress, its outcomes, seconds."""
    with ExitStack() as stack:
        service = stack.enter_context(contextmanager(running)("full"))
        carrier = stack.enter_context(closing(Carrier(service, network)))
        server = stack.enter_context(closing(NameServer((network.address(), 53))))
        server.publish(DOMAIN.removeprefix("reg."), gateways(service))
        pbx = stack.enter_context(asterisk(service, network, name_server=server.address))
        until_registered(service, pbx)
        begun = monotonic()
        for second in range(CHANNELS):
            at(begun + second)
            pbx.call(carrier.subscriber(), BY_NAME, HOLD)
            pbx.call(carrier.subscriber(), BY_NAME, HOLD)
        took = monotonic() - begun
        until(lambda: sum(in_progress(carrier)) == 2 * CHANNELS, 5, "both regions are full")
        at(begun + CHANNELS + 1)
        one_more = carrier.subscriber()
        pbx.call(one_more, BY_NAME, HOLD)
        until(lambda: len(outcomes(service, one_more)) == 2, 10, "the next one is refused", pause=0.2)
        full = in_progress(carrier)
        pbx.hang_up()
        for region in REGIONS:
            carrier.until_free(region)
        return full, outcomes(service, one_more), took


@early(filling)
def test_O3_asterisk_has_200_calls_at_two_a_second(
    outcome: tuple[list[int], list[tuple[str, int, str]], float], figures: Figures
) -> None:
    """With the limits that ship, and SRV records of equal priority as D1 has them."""
    full, refused, seconds = outcome
    figures.measured("calls of one Asterisk in progress, by region", f"{full}, placed within {seconds:.0f} s")
    assert full == [CHANNELS, CHANNELS]
    assert sorted(refused) == [("nw1", 503, "O3"), ("se1", 503, "O3")]
