"""B1, B2, B5, B6: what blocks a sender, what a blocked one gets, and how it ends. Thresholds are the shipped ones."""

from time import monotonic, time

import pytest

from tests.sip.crowd import shares, together
from tests.sip.message import token
from tests.sip.network import Network
from tests.sip.phone import Phone
from tests.sip.target import Block, Credential, Target
from tests.sip.waiting import at, soonest, undivided, until
from tests.wire.conftest import Pbx

WRONG_PASSWORDS = 40
GUESSED_USERNAMES = 50
SCANNERS = ["friendly-scanner", "sipvicious", "sipcli/v1.8", "sip-scan", "pplsip"]


def shown(target: Target, phone: Phone) -> Block:
    return until(lambda: target.blocks(phone.address), 8, "the block is shown")[0]


def blocked(phone: Phone) -> bool:
    """Whether a REGISTER without credentials is refused: 429, or nothing because one was answered this second."""
    phone.send(phone.registration())
    first = next(phone.arrivals(0.3), None)
    return first is None or first.status == 429


@pytest.fixture
def guesser(pbx: Pbx) -> Phone:
    return guessing(pbx)


def guessing(pbx: Pbx) -> Phone:
    """A PBX whose credential is blocked for wrong passwords."""
    phone = pbx()
    undivided()
    for _ in range(WRONG_PASSWORDS):
        assert phone.wrong().status == 401
    return phone


def test_B1_a_blocked_sender_gets_429_with_the_seconds_left(guesser: Phone) -> None:
    response = guesser.exchange(guesser.registration())
    assert response.status == 429
    assert response.reason == "Too Many Requests"
    assert 880 <= (response.retry_after or 0) <= 900


def test_B1_at_most_one_answer_a_second_then_silence(guesser: Phone) -> None:
    """Three seconds can touch four of the clock's seconds. Whoever asks on is answered again."""
    start, answers = monotonic(), []
    for step in range(60):
        guesser.send(guesser.registration())
        at(start + step * 0.05)
        answers += list(guesser.arrivals(0.001))
    seconds = int(monotonic() - start) + 2
    answers += list(guesser.arrivals(0.3))
    assert {answer.status for answer in answers} == {429}
    assert len(answers) <= seconds
    assert guesser.exchange(guesser.registration()).status == 429


@pytest.mark.parametrize("method", ["INVITE", "OPTIONS"])
def test_B1_a_block_holds_for_every_method(guesser: Phone, method: str) -> None:
    message = guesser.request(method, f"sip:{guesser.login.username}@{guesser.domain}")
    assert guesser.exchange(message).status == 429


def test_B2_forty_wrong_passwords_block_this_credential_at_this_address(target: Target, guesser: Phone) -> None:
    block = shown(target, guesser)
    assert (block.username, block.rule, block.cause) == (guesser.login.username, "B2", "wrong_passwords")


def test_B2_fewer_do_not(pbx: Pbx) -> None:
    """A PBX with a mistyped password sends 16 REGISTERs at once, and again."""
    phone = pbx()
    for _ in range(WRONG_PASSWORDS - 1):
        phone.wrong()
    assert phone.register().status == 200


def test_B2_unknown_usernames_are_treated_alike(target: Target, pbx: Pbx) -> None:
    phone = pbx(Credential("", token(6), "nothing"))
    undivided()
    for _ in range(WRONG_PASSWORDS):
        assert phone.register().status == 401
    assert phone.exchange(phone.registration()).status == 429
    assert shown(target, phone).cause == "wrong_passwords"


def test_B2_success_clears_the_count(target: Target, pbx: Pbx) -> None:
    phone = pbx()
    for _ in range(2):
        for _ in range(WRONG_PASSWORDS - 5):
            phone.wrong()
        assert phone.register(expires=None, contact=None).status == 200
    assert target.blocks(phone.address) == []


def test_B2_success_of_one_credential_does_not_clear_the_count_of_another(
    target: Target, pbx: Pbx, guesser: Phone
) -> None:
    neighbour = pbx(source=guesser.address)
    assert neighbour.register().status == 200
    assert shown(target, guesser).username == guesser.login.username
    assert blocked(guesser)


def test_B2_a_stale_nonce_counts_as_nothing(target: Target, pbx: Pbx) -> None:
    phone = pbx()
    first, challenge = phone.challenge()
    used = phone.authorized(first, challenge, login=Credential("", phone.login.username, "wrong").login)
    phone.exchange(used)
    for _ in range(WRONG_PASSWORDS + 5):
        assert phone.exchange(phone.again(used)).status == 401
    assert phone.register().status == 200
    assert target.blocks(phone.address) == []


def test_B2_a_nonce_that_was_given_to_another_address_counts_as_nothing(
    target: Target, pbx: Pbx, network: Network
) -> None:
    """Else somebody could have a neighbour blocked whose address he writes on his packets."""
    phone = pbx()
    for _ in range(WRONG_PASSWORDS + 5):
        first, challenge = network.phone(phone.gateway, phone.login).challenge()
        answer = phone.authorized(first, challenge, login=Credential("", phone.login.username, "wrong").login)
        assert phone.exchange(answer).status == 401
    assert phone.register().status == 200
    assert target.blocks(phone.address) == []


def test_B2_the_credential_is_not_blocked_elsewhere(target: Target, pbx: Pbx) -> None:
    credential = target.new_credential()
    phone = pbx(credential)
    undivided()
    for _ in range(WRONG_PASSWORDS):
        phone.wrong()
    assert blocked(phone)
    assert pbx(credential).register().status == 200


def test_B2_guessing_many_usernames_blocks_the_address(target: Target, pbx: Pbx, network: Network) -> None:
    bound = pbx()
    assert bound.register().status == 200
    guess(target, network, bound.address)
    other = pbx(source=bound.address)
    assert blocked(other)
    block = shown(target, bound)
    assert (block.username, block.rule, block.cause) == (None, "B2", "guessing")
    assert bound.register(expires=None, contact=None).status == 200, "B3: who is bound there passes"


def guess(target: Target, network: Network, source: str) -> None:
    undivided()
    for _ in range(GUESSED_USERNAMES):
        phone = network.phone(target.regions[0], Credential("", token(6), "guess").login, source)
        phone.register()
        phone.close()


def test_B5_every_block_is_shown_with_cause_and_end(target: Target, guesser: Phone) -> None:
    block = shown(target, guesser)
    assert (block.address, block.region) == (guesser.address, "nw1")
    left = guesser.exchange(guesser.registration()).retry_after or 0
    assert abs(block.until - time() - left) < 5


def test_B5_lifting_takes_effect_within_a_second(target: Target, pbx: Pbx) -> None:
    assert soonest(lambda: lifting(target, pbx), 1.0) < 1.0


def lifting(target: Target, pbx: Pbx) -> float:
    """Seconds from the API's answer until a PBX that was blocked may register."""
    phone = guessing(pbx)
    target.lift(shown(target, phone))
    start = monotonic()
    until(lambda: not blocked(phone), 4, "the block is lifted", pause=0.01)
    took = monotonic() - start
    assert phone.register().status == 200
    until(lambda: not target.blocks(phone.address), 5, "the block is no longer shown")
    return took


@pytest.mark.parametrize("agent", SCANNERS)
@pytest.mark.parametrize("method", ["REGISTER", "INVITE", "OPTIONS"])
def test_B6_known_scanners_get_silence(target: Target, network: Network, method: str, agent: str) -> None:
    phone = network.phone(target.regions[0], user_agent=agent)
    assert phone.silent(phone.request(method), 0.3)


def test_B2_sixteen_wrong_registers_at_once_do_not_lock_a_pbx_out(target: Target, network: Network, pbx: Pbx) -> None:
    """baresip does so when its password is mistyped ."""
    phone = pbx()
    lines = [network.phone(phone.gateway, phone.login, phone.address) for _ in range(16)]
    challenges = together(lines, [line.registration() for line in lines])
    wrong = Credential("", phone.login.username, "mistyped").login
    answers = [
        line.authorized(line.registration(), challenge, login=wrong)
        for line, challenge in zip(lines, challenges, strict=True)
    ]
    assert shares(together(lines, answers)) == {401: 16}
    assert phone.register().status == 200
    assert target.blocks(phone.address) == []
