"""C5: disabling, deleting and rotating take effect within a second, in every region that can know."""

import itertools
from collections.abc import Callable
from time import monotonic

import pytest

from tests.faults.outages import Outages
from tests.sip.figures import Figures
from tests.sip.network import Network
from tests.sip.phone import Phone
from tests.sip.target import Credential
from tests.sip.turnpike import Turnpike
from tests.sip.waiting import until

Change = Callable[[Turnpike, Credential], object]
CHANGES: list[Change] = [
    lambda service, one: service.api.send("PATCH", f"/v1/credentials/{one.id}", {"enabled": False}),
    lambda service, one: service.api.send("POST", f"/v1/credentials/{one.id}/rotate", {}),
    lambda service, one: service.api.send("DELETE", f"/v1/credentials/{one.id}"),
]


def served(phone: Phone) -> bool:
    return phone.register(expires=None, contact=None).status == 200


def withdrawal(service: Turnpike, network: Network, change: Change) -> float:
    """Seconds from the API's answer to the first refusal, in the slower region."""
    credential = service.new_credential()
    source = network.address()
    phones = [network.phone(gateway, credential.login, source) for gateway in service.regions]
    assert [phone.register().status for phone in phones] == [200, 200]
    change(service, credential)
    answered = monotonic()
    for phone in phones:
        until(lambda phone=phone: not served(phone), 5, "it is refused", pause=0.005)  # type: ignore[misc]
    took = monotonic() - answered
    until(lambda: not service.bindings(credential), 5, "the bindings are gone")
    for phone in phones:
        phone.close()
    return took


def slowest(times: int, service: Turnpike, network: Network, figures: Figures) -> None:
    """Two in ten may be late: a machine stands still now and then."""
    found = [withdrawal(service, network, CHANGES[index % len(CHANGES)]) for index in range(times)]
    figures.measured(f"C5 slowest of {times} withdrawals in both regions", f"{max(found):.3f} s")
    assert sum(seconds < 1.0 for seconds in found) >= 0.8 * times, found


def test_C5_a_withdrawal_takes_effect_within_a_second(service: Turnpike, network: Network, figures: Figures) -> None:
    slowest(10, service, network, figures)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_C5_two_hundred_withdrawals(service: Turnpike, network: Network, figures: Figures) -> None:
    slowest(200, service, network, figures)


def test_C5_the_answer_names_a_region_that_has_not_applied_it(service: Turnpike, outages: Outages) -> None:
    credential = service.new_credential()
    enabled = itertools.cycle([False, True])

    def pending() -> object:
        """A region that is slow once is named too."""
        change = {"enabled": next(enabled)}
        return service.api.one("PATCH", f"/v1/credentials/{credential.id}", change)["pending_regions"]

    with outages.without("se1-agent"):
        until(lambda: pending() == ["se1"], 10, "the region that is away is named alone")
    service.settled(20)


def test_C5_withdrawing_is_recorded(service: Turnpike, network: Network) -> None:
    credential = service.new_credential()
    assert network.phone(service.regions[0], credential.login).register().status == 200
    until(lambda: service.bindings(credential), 5, "the binding is shown")
    service.disable(credential)
    until(lambda: [event for event in service.events(credential) if event.rule == "C5"], 8, "the event is recorded")
