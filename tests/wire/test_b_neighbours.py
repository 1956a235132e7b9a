"""B2, B3: five hundred credentials behind one address, and what one of them, or spoofed junk, can do to the others."""

from collections.abc import Sequence
from time import monotonic

import pytest

from tests.sip.crowd import register_all, shares, together
from tests.sip.figures import Figures
from tests.sip.message import Message
from tests.sip.network import Network
from tests.sip.phone import Phone
from tests.sip.target import Credential, Target
from tests.sip.waiting import at, until

HOSTING_COMPANY = 500
BOUND_RATE = 5
"""Requests a second that pass for each credential while its address is blocked."""
JUNK = (
    b"OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKjunk\r\nCall-ID: j\r\nCSeq: 1 OPTIONS\r\n\r\n"
)


def crowd(target: Target, network: Network, count: int, source: str) -> list[Phone]:
    """So many PBXs behind one address."""
    credentials = target.new_credentials(count)
    return [network.phone(target.regions[0], credential.login, source) for credential in credentials]


def trouble(phones: Sequence[Phone], network: Network, target: Target) -> None:
    """The first PBX tries wrong passwords; junk comes from its address until the address is blocked."""
    for _ in range(60):
        phones[0].send(phones[0].registration())
        challenge = next(phones[0].arrivals(0.5), None)
        if challenge is None or challenge.status == 429:
            break
        phones[0].wrong()
    junk = network.phone(target.regions[0], source=phones[0].address)
    until(lambda: _flooded(junk, target), 60, "the flood is blocked", pause=0)


def _flooded(junk: Phone, target: Target) -> bool:
    for _ in range(200):
        junk.send(junk.request("OPTIONS"))
        junk.send(JUNK)
    for _ in junk.arrivals(0.01):
        pass
    return any(block.username is None and block.cause == "flood" for block in target.blocks(junk.address))


def troubled(target: Target, network: Network, count: int) -> list[Phone]:
    """So many PBXs of which one made trouble. They may register again, and are bound for some seconds more: others
    where the trouble took most of the twenty seconds that TEST LIMITS grant.
    """
    for _ in range(4):
        phones = crowd(target, network, count, network.address())
        start = monotonic()
        assert shares(register_all(phones)) == {200: count}
        registered = monotonic()
        trouble(phones, network, target)
        at(registered + 2.5)
        if monotonic() - start < 14:
            break
    return phones


def flooded(target: Target, network: Network) -> Phone:
    """A PBX that is bound for some seconds more, at an address that is blocked."""
    for _ in range(4):
        bound = crowd(target, network, 1, network.address())[0]
        start = monotonic()
        assert bound.register().status == 200
        junk = network.phone(target.regions[0], source=bound.address)
        until(lambda junk=junk: _flooded(junk, target), 60, "the flood is blocked", pause=0)  # type: ignore[misc]
        if monotonic() - start < 14:
            break
    return bound


def refresh(phones: Sequence[Phone], rate: float) -> list[Message]:
    """Each registers once more, so many a second, as PBXs that started at different moments do."""
    start, answers = monotonic(), []
    for index, phone in enumerate(phones):
        at(start + index / rate)
        answers.append(phone.register())
    return answers


def test_B2_five_hundred_credentials_behind_one_address_start_in_the_same_second(
    target: Target, network: Network, figures: Figures
) -> None:
    phones = crowd(target, network, HOSTING_COMPANY, network.address())
    start = monotonic()
    answers = register_all(phones)
    figures.measured("B2 seconds until 500 credentials behind one address had registered", f"{monotonic() - start:.2f}")
    assert shares(answers) == {200: HOSTING_COMPANY}
    assert target.blocks(phones[0].address) == []


def test_B2_they_may_restart_and_meet_R4_without_a_block(target: Target, network: Network) -> None:
    phones = crowd(target, network, 100, network.address())
    register_all(phones)
    assert shares(register_all(phones)) == {429: 100}
    assert target.blocks(phones[0].address) == []


def test_B3_a_flood_from_an_address_lets_pass_who_is_bound_there(limits_target: Target, network: Network) -> None:
    """On the TEST LIMITS instance, where two seconds lie between registrations."""
    phones = troubled(limits_target, network, 60)
    assert shares(refresh(phones[1:], 30)) == {200: 59}


def test_B3_a_flood_blocks_who_is_not_bound_there(
    limits_target: Target, limits_credential: Credential, network: Network
) -> None:
    bound = flooded(limits_target, network)
    stranger = network.phone(bound.gateway, limits_credential.login, bound.address)
    assert stranger.exchange(stranger.registration()).status == 429
    assert bound.register(expires=None, contact=None).status == 200


def test_B3_those_who_pass_do_so_at_a_bounded_rate(limits_target: Target, network: Network) -> None:
    bound = flooded(limits_target, network)
    start = monotonic()
    for _ in range(200):
        bound.send(bound.registration())
    assert any(answer.status == 401 for answer in bound.arrivals(10))
    passed = [answer for answer in bound.arrivals(0.7) if answer.status == 401]
    touched = int(monotonic() - start) + 2
    assert len(passed) < BOUND_RATE * touched


@pytest.mark.long
def test_B3_499_neighbours_keep_refreshing(target: Target, network: Network) -> None:
    """With the shipped limits: 100 seconds later, while the address is blocked."""
    phones = crowd(target, network, HOSTING_COMPANY, network.address())
    assert shares(register_all(phones)) == {200: HOSTING_COMPANY}
    start = monotonic()
    at(start + 85)
    trouble(phones, network, target)
    at(start + 101)
    assert shares(refresh(phones[1:], 50)) == {200: HOSTING_COMPANY - 1}


def test_B3_refreshes_at_the_same_moment_also_pass(limits_target: Target, network: Network) -> None:
    """The rate that bounds them is each credential's own."""
    phones = troubled(limits_target, network, 40)
    firsts = [phone.registration() for phone in phones[1:]]
    challenges = together(phones[1:], firsts)
    assert shares(challenges) == {401: 39}
