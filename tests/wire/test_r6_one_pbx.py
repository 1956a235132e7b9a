"""R6 and R7: one PBX a credential, and calls that go where it really is."""

import threading
from contextlib import suppress
from time import monotonic

import pytest

from tests.sip.crowd import register_all, shares
from tests.sip.network import Network
from tests.sip.phone import Phone
from tests.sip.target import Binding, Credential, Target
from tests.sip.waiting import at, soonest, until
from tests.wire.conftest import Pbx
from tests.wire.early import early, early_given

LEARNS = 2.0  # seconds in which regions learn each other's bindings


class Keeper:
    """A PBX that answers keep-alives in the background until it falls silent."""

    def __init__(self, phone: Phone) -> None:
        self.phone = phone
        self._silent = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        """Until it falls silent, or the session ends and closes its socket."""
        while not self._silent.is_set() and self.phone.socket.fileno() >= 0:
            with suppress(OSError):
                for _ in self.phone.arrivals(0.1):
                    pass

    def asked(self) -> bool:
        return any(request.method == "OPTIONS" for request in self.phone.requests)

    def fall_silent(self) -> None:
        self._silent.set()
        self._thread.join()


def test_R6_a_second_pbx_is_503_with_what_is_left(pbx: Pbx, credential: Credential) -> None:
    assert pbx(credential).register().status == 200
    response = pbx(credential).register()
    assert response.status == 503
    assert 290 <= (response.retry_after or 0) <= 300


def test_R6_another_port_of_the_same_address_is_the_same_pbx(pbx: Pbx, credential: Credential) -> None:
    first = pbx(credential)
    first.register()
    assert pbx(credential, source=first.address).register().status == 429


def test_R6_after_leaving_another_address_may_register(limits_pbx: Pbx, limits_credential: Credential) -> None:
    first, second = limits_pbx(limits_credential), limits_pbx(limits_credential)
    first.register()
    assert second.register().status == 503
    first.leave()
    until(lambda: second.register().status == 200, 6, "the new address registers", pause=0.5)


def test_R6_the_second_pbx_cannot_remove_the_binding_of_the_first(
    target: Target, pbx: Pbx, credential: Credential
) -> None:
    pbx(credential).register()
    before = until(lambda: target.bindings(credential), 3, "the binding is shown")
    assert pbx(credential).register(expires=0, contact="*").status == 503
    assert target.bindings(credential) == before


def test_R6_the_other_region_knows_within_2_seconds(target: Target, pbx: Pbx) -> None:
    """Of one PBX in four at least: a machine may stand still for two seconds."""
    for _ in range(4):
        credential = target.new_credential()
        assert pbx(credential, region=0).register().status == 200
        at(monotonic() + LEARNS)
        response = pbx(credential, region=1).register()
        if response.status == 503:
            break
    assert response.status == 503
    assert 285 <= (response.retry_after or 0) <= 300


def test_R6_the_event_names_both(target: Target, pbx: Pbx, credential: Credential) -> None:
    first, second = pbx(credential, user_agent="FirstPBX/1"), pbx(credential, user_agent="SecondPBX/2")
    first.register()
    second.register()
    event = until(lambda: _event(target, credential, "R6"), 8, "the event is in the API")
    for name in (first.address, second.address, "FirstPBX/1", "SecondPBX/2"):
        assert name in event


def _event(target: Target, credential: Credential, rule: str) -> str:
    """Sentence, address and agent of the credential's first event of this rule, or nothing."""
    found = [event for event in target.events(credential) if event.rule == rule]
    return f"{found[0].sentence} {found[0].address} {found[0].user_agent}" if found else ""


def test_R6_of_two_that_race_in_a_region_one_is_accepted(pbx: Pbx, credential: Credential) -> None:
    racers = [pbx(credential) for _ in range(8)]
    assert shares(register_all(racers)) == {200: 1, 503: 7}


def test_R6_of_two_that_race_across_regions_the_earlier_stays(target: Target, pbx: Pbx) -> None:
    """Both may be accepted before the regions know of each other; then the later goes, and nothing else."""

    def both_accepted() -> tuple[Credential, Phone, Phone] | None:
        credential = target.new_credential()
        first, second = pbx(credential, region=0), pbx(credential, region=1)
        assert first.register().status == 200
        return (credential, first, second) if second.register().status == 200 else None

    credential, first, second = until(both_accepted, 30, "both are accepted")
    until(lambda: _event(target, credential, "R6"), 8, "the later one has gone")
    again = second.register()
    assert again.status == 503
    assert _addresses(target.bindings(credential)) == {first.address}


def _addresses(bindings: list[Binding]) -> set[str]:
    return {binding.address for binding in bindings}


def test_R6_the_same_pbx_may_be_bound_in_both_regions(
    target: Target, pbx: Pbx, credential: Credential, network: Network
) -> None:
    source = network.address()
    for region in (0, 1):
        assert pbx(credential, region, source).register().status == 200
    until(lambda: len(target.bindings(credential)) == 2, 4, "both bindings are shown")
    at(monotonic() + LEARNS)
    assert len(target.bindings(credential)) == 2


def test_R6_an_administrator_removes_a_binding_within_a_second(target: Target, pbx: Pbx) -> None:
    assert soonest(lambda: removal(target, pbx), 1.0) < 1.0


def removal(target: Target, pbx: Pbx) -> float:
    """Seconds from the API's answer until a binding is gone."""
    credential = target.new_credential()
    first, second = pbx(credential), pbx(credential)
    first.register()
    binding = until(lambda: target.bindings(credential), 3, "the binding is shown")[0]
    target.remove(binding)
    start = monotonic()
    until(lambda: first.register(expires=None, contact=None).all("Contact") == [], 3, "the binding is gone")
    took = monotonic() - start
    assert second.register().status == 429, "R4's clock is the credential's, not the PBX's"
    return took


def test_R6_a_binding_yields_after_three_missed_keep_alives(limits_pbx: Pbx, limits_credential: Credential) -> None:
    """On the TEST LIMITS instance, where a keep-alive is sent every second."""
    phone, second = limits_pbx(limits_credential), limits_pbx(limits_credential)
    phone.register()
    keeper = Keeper(phone)
    until(keeper.asked, 5, "a keep-alive arrives")
    at(monotonic() + 1)
    assert second.register().status == 503
    keeper.fall_silent()
    until(lambda: second.register().status == 200, 12, "the silent PBX yields", pause=0.5)


def test_R6_a_silent_binding_yields_in_the_other_region_too(limits_pbx: Pbx, limits_credential: Credential) -> None:
    phone = limits_pbx(limits_credential, region=0)
    phone.register()
    keeper = Keeper(phone)
    until(keeper.asked, 5, "a keep-alive arrives")
    second = limits_pbx(limits_credential, region=1)
    until(lambda: second.register().status == 503, 4, "the other region knows", pause=0.2)
    keeper.fall_silent()
    until(lambda: second.register().status == 200, 14, "the silent PBX yields", pause=0.5)


def never_answering(target: Target, network: Network) -> set[int]:
    """What a second PBX gets for seven seconds, while the first is bound and answers no keep-alive."""
    credential = target.new_credential()
    phone, second = (network.phone(target.regions[0], credential.login) for _ in range(2))
    phone.keeps_alive = False
    phone.register()
    end, found = monotonic() + 7, set()
    while monotonic() < end:
        found.add(second.register().status)
        at(monotonic() + 1)
    return found


@early_given("limits_target", never_answering)
def test_R6_a_pbx_that_never_answered_keep_alives_does_not_yield(outcome: set[int]) -> None:
    assert outcome == {503}


def yielding(target: Target, network: Network) -> tuple[int, float, float]:
    """Status of a second PBX before the first falls silent; seconds from its silence to the first 503 that is none."""
    credential = target.new_credential()
    phone = network.phone(target.regions[0], credential.login)
    second = network.phone(target.regions[0], credential.login)
    phone.register()
    start = monotonic()
    keeper = Keeper(phone)
    until(keeper.asked, 45, "a keep-alive arrives")
    asked = monotonic() - start
    before = second.register().status
    keeper.fall_silent()
    silent = monotonic()
    until(lambda: second.register().status != 503, 120, "the silent PBX yields", pause=2)
    return before, asked, monotonic() - silent


@pytest.mark.long
@early(yielding)
def test_R6_a_silent_pbx_yields_after_about_a_minute(outcome: tuple[int, float, float]) -> None:
    before, asked, took = outcome
    assert before == 503
    assert asked < 25
    assert 40 <= took <= 90


def test_R7_keep_alives_come_to_where_the_register_came_from(limits_pbx: Pbx, network: Network) -> None:
    phone = limits_pbx()
    claimed = network.phone(phone.gateway)
    contact = f"<sip:{phone.login.username}@{claimed.address}:{claimed.port}>"
    assert phone.register(contact=contact).status == 200
    keeper = Keeper(phone)
    until(keeper.asked, 5, "a keep-alive arrives")
    keeper.fall_silent()
    assert list(claimed.arrivals(0.5)) == []
    assert claimed.requests == []


def first_keep_alive(target: Target, network: Network) -> float:
    """Seconds from the registration to the first OPTIONS that keeps the pinhole open."""
    phone = network.phone(target.regions[0], target.new_credential().login)
    phone.register()
    start = monotonic()
    keeper = Keeper(phone)
    until(keeper.asked, 60, "a keep-alive arrives", pause=0.2)
    keeper.fall_silent()
    return monotonic() - start


@early(first_keep_alive)
def test_R7_the_pinhole_is_kept_open(outcome: float) -> None:
    """Many NATs forget a UDP mapping after 30 seconds (RFC 4787 section 4.3 allows no less than two minutes)."""
    assert outcome < 30
