"""R4: how often a credential may register."""

from collections.abc import Callable
from time import monotonic

import pytest

from tests.sip.crowd import shares
from tests.sip.message import Message
from tests.sip.network import Network
from tests.sip.phone import Phone
from tests.sip.target import Block, Credential, Target
from tests.sip.waiting import at, until
from tests.wire.conftest import Pbx
from tests.wire.early import early, early_given

INTERVAL = 100


def to_the_second(target: Target, network: Network) -> dict[float, tuple[int, int | None] | None]:
    """Status and Retry-After of a REGISTER so many seconds after an accepted one: of one PBX at 99 and at 100.

    None: the machine stood still while that one was accepted, or until the 100 seconds were over.
    """
    phones, moments = [], []
    for _ in range(2):
        phone = network.phone(target.regions[0], target.new_credential().login)
        first, challenge = phone.challenge()
        sent = monotonic()
        assert phone.exchange(phone.authorized(first, challenge), retransmit=False).status == 200
        phones.append(phone)
        moments.append((sent, monotonic()))
    found = dict[float, tuple[int, int | None] | None]()
    for number, seconds in ((0, 99.0), (1, 99.8), (0, 100.0)):
        phone, (sent, answered) = phones[number], moments[number]
        moment = (sent if number else answered) + seconds
        at(moment - 0.15)
        first, challenge = phone.challenge()
        at(moment)
        response = phone.exchange(phone.authorized(first, challenge), retransmit=False)
        stood_still = answered - sent > 0.5 or seconds < INTERVAL <= monotonic() - sent
        found[seconds] = None if stood_still else (response.status, response.retry_after)
    return found


@early(to_the_second)
def test_R4_99_seconds_are_too_soon_and_100_are_not(outcome: dict[float, tuple[int, int | None] | None]) -> None:
    assert outcome[99.0] in ((429, 1), None)
    assert outcome[99.8] in ((429, 1), None)
    assert outcome[100.0] == (200, None) or outcome[99.0] is None, "else the one at 99 may have moved the clock"


def undisturbed(target: Target, network: Network) -> tuple[int, int]:
    """Two registrations 100 s apart with nothing between them."""
    phone = network.phone(target.regions[-1], target.new_credential().login)
    first = phone.register()
    start = monotonic()
    at(start + INTERVAL)
    return first.status, phone.register().status


@early(undisturbed)
def test_R4_100_seconds_apart_both_are_accepted(outcome: tuple[int, int]) -> None:
    assert outcome == (200, 200)


def test_R4_a_second_registration_is_429_with_the_seconds_left(pbx: Pbx) -> None:
    phone, start = pbx(), monotonic()
    assert phone.register().status == 200
    response = phone.register()
    assert response.status == 429
    assert response.reason == "Too Many Requests"
    assert INTERVAL - 1 - (monotonic() - start) <= (response.retry_after or 0) <= INTERVAL


def test_R4_the_binding_stays_as_it_was(target: Target, credential: Credential, pbx: Pbx) -> None:
    phone = pbx(credential)
    phone.register()
    before = until(lambda: target.bindings(credential), 8, "the binding is shown")
    assert phone.register(contact=f"<sip:other@{phone.address}:9>").status == 429
    assert "expires=" in phone.register(expires=None, contact=None).one("Contact")
    assert target.bindings(credential) == before


def test_R4_each_region_has_a_clock_of_its_own(target: Target, credential: Credential, network: Network) -> None:
    source = network.address()
    for gateway in target.regions:
        phone = network.phone(gateway, credential.login, source)
        assert phone.register().status == 200


@pytest.mark.parametrize("step", ["query", "challenge", "leave"])
def test_R4_what_is_no_registration_is_never_429(pbx: Pbx, step: str) -> None:
    phone = pbx()
    phone.register()
    for _ in range(3):
        steps: dict[str, Callable[[], Message]] = {
            "query": lambda: phone.register(expires=None, contact=None),
            "challenge": lambda: phone.challenge()[1],
            "leave": phone.leave,
        }
        assert steps[step]().status == (401 if step == "challenge" else 200)


def test_R4_a_query_or_leaving_does_not_start_the_clock(pbx: Pbx) -> None:
    phone = pbx()
    phone.register(expires=None, contact=None)
    assert phone.leave().status == 200
    assert phone.register().status == 200


def test_R4_leaving_does_not_reset_the_clock(pbx: Pbx) -> None:
    phone = pbx()
    phone.register()
    assert phone.leave().status == 200
    assert phone.register().status == 429


def test_R4_rotation_does_not_reset_the_clock(target: Target, credential: Credential, pbx: Pbx) -> None:
    phone = pbx(credential)
    phone.register()
    phone.login = target.rotate(credential).login
    assert phone.register().status == 429


def test_R4_enabling_does_not_reset_the_clock(target: Target, credential: Credential, pbx: Pbx) -> None:
    phone = pbx(credential)
    phone.register()
    target.disable(credential)
    target.enable(credential)
    assert phone.register().status == 429


def test_R4_coming_early_ten_times_again_is_a_block(target: Target, credential: Credential, pbx: Pbx) -> None:
    """The first 429 names the moment; ten more before it are strikes. The last may name the block's end."""
    phone = pbx(credential)
    assert phone.register().status == 200
    answers = [phone.register() for _ in range(11)]
    assert shares(answers) == {429: 11}
    assert all(0 < (answer.retry_after or 0) <= INTERVAL for answer in answers[:10])
    block = until(lambda: target.blocks(phone.address), 8, "the block is shown")[0]
    assert (block.username, block.rule, block.cause) == (credential.username, "R4", "blocked_early")
    response = phone.exchange(phone.registration())
    assert response.status == 429
    assert 880 <= (response.retry_after or 0) <= 900


def test_R4_nine_strikes_are_no_block(target: Target, pbx: Pbx) -> None:
    phone = pbx()
    phone.register()
    for _ in range(10):
        assert phone.register().status == 429
    assert phone.challenge()[1].status == 401
    assert target.blocks(phone.address) == []


def test_R4_lifting_the_block_does_not_reset_the_clock(target: Target, credential: Credential, pbx: Pbx) -> None:
    phone = blocked(pbx, credential, target)
    target.lift(target.blocks(phone.address)[0])
    until(lambda: phone.exchange(phone.registration()).status == 401, 3, "the block is lifted", pause=0.2)
    response = phone.register()
    assert response.status == 429
    assert (response.retry_after or 0) <= INTERVAL


def blocked(pbx: Pbx, credential: Credential, target: Target) -> Phone:
    phone = pbx(credential)
    phone.register()
    for _ in range(11):
        phone.register()
    until(lambda: target.blocks(phone.address), 8, "the block is shown")
    return phone


def twenty_in_a_row(target: Target, network: Network) -> tuple[int, Block]:
    """Status of the next after twenty accepted ones, each after a 429, and the block. A machine that stood still for
    two seconds between them broke the row.
    """
    phone = network.phone(target.regions[0], target.new_credential().login)
    assert phone.register().status == 200
    row = 0
    for _ in range(100):
        early = phone.register()
        if early.status == 200:
            row = 0
            continue
        at(monotonic() + (early.retry_after or 0))
        assert phone.register().status == 200
        row += 1
        if row == 20:
            break
    status = phone.exchange(phone.registration()).status
    return status, until(lambda: target.blocks(phone.address), 8, "the block is shown")[0]


@early_given("limits_target", twenty_in_a_row)
def test_R4_twenty_in_a_row_after_a_429_are_a_block(outcome: tuple[int, Block]) -> None:
    """On the TEST LIMITS instance, where two seconds lie between registrations."""
    status, block = outcome
    assert status == 429
    assert (block.rule, block.cause) == ("R4", "blocked_streak")


def blocked_for_a_while(target: Target, network: Network) -> float:
    """Seconds that a block lasted, from just before it began."""
    phone = network.phone(target.regions[0], target.new_credential().login)
    start = monotonic()
    for _ in range(40):
        if not _unblocked(phone):
            break
        start = monotonic()
        phone.register()
    until(lambda: _unblocked(phone), 30, "the block ends", pause=1.1)
    return monotonic() - start


def _unblocked(phone: Phone) -> bool:
    return phone.exchange(phone.registration()).status == 401


@early_given("limits_target", blocked_for_a_while)
def test_R4_a_block_ends_by_itself(outcome: float) -> None:
    """On the TEST LIMITS instance, where a block lasts eight seconds."""
    assert outcome >= 8


def block_of_real_length(target: Target, network: Network) -> list[int]:
    """Statuses 895 s after a block began, and 901 s after it."""
    phone = network.phone(target.regions[0], target.new_credential().login)
    phone.keeps_alive = False
    phone.register()
    for _ in range(11):
        phone.register()
    start = monotonic()
    found = []
    for moment in (895, 901):
        at(start + moment)
        found.append(phone.exchange(phone.registration()).status)
    return found


@pytest.mark.long
@early(block_of_real_length)
@pytest.mark.timeout(1200)
def test_R4_a_block_lasts_fifteen_minutes(outcome: list[int]) -> None:
    assert outcome == [429, 401]
