"""R1: one challenge, nonces that expire, and the difference between a replay and a retransmission."""

from collections.abc import Callable
from time import monotonic

import pytest

from tests.sip.digest import parameters
from tests.sip.message import Message, token
from tests.sip.network import Network
from tests.sip.phone import Phone, branch, same_transaction
from tests.sip.target import Credential, Target
from tests.sip.waiting import at
from tests.wire.conftest import Pbx
from tests.wire.early import early, early_given


def test_R1_there_is_one_challenge_md5_with_qop_auth(stranger: Phone, target: Target) -> None:
    _, response = stranger.challenge()
    asked = parameters(response.one("WWW-Authenticate"))
    assert (asked["realm"], asked["qop"], asked.get("algorithm", "MD5")) == (target.realm, "auth", "MD5")


def test_R1_the_realm_is_the_same_in_every_region_and_domain(target: Target, network: Network) -> None:
    realms = set()
    for gateway in target.regions:
        for domain in ("reg.example.net", "reg.example.org", gateway[0]):
            phone = network.phone(gateway)
            phone.domain = domain
            realms.add(parameters(phone.challenge()[1].one("WWW-Authenticate"))["realm"])
    assert realms == {target.realm}


def test_R1_every_challenge_has_a_nonce_of_its_own(stranger: Phone) -> None:
    nonces = [parameters(stranger.challenge()[1].one("WWW-Authenticate"))["nonce"] for _ in range(20)]
    assert len(set(nonces)) == 20


def test_R1_a_registration_with_the_right_answer_is_accepted(pbx: Pbx) -> None:
    assert pbx().register().status == 200


def test_R1_a_pbx_that_reuses_its_nonce_is_not_taken_for_an_attacker(target: Target, pbx: Pbx) -> None:
    """linphone and chan_sip do so for long: accepted, or stale, which makes them take the new one."""
    phone = pbx()
    first, challenge = phone.challenge()
    assert phone.exchange(phone.authorized(first, challenge, nc=1)).status == 200
    query = phone.registration(contact=None, expires=None)
    response = phone.exchange(phone.authorized(query, challenge, nc=2))
    if response.status == 401:
        assert parameters(response.one("WWW-Authenticate"))["stale"].lower() == "true"
        response = phone.exchange(phone.authorized(query, response))
    assert response.status == 200
    assert target.blocks(phone.address) == []


def _other_call(phone: Phone, used: Message) -> Message:
    return phone.again(used).having("Call-ID", token())


def _other_branch(_phone: Phone, used: Message) -> Message:
    via = used.one("Via").replace(branch(used), "z9hG4bK" + token())
    return used.having("Via", via)


def _other_cseq(phone: Phone, used: Message) -> Message:
    return phone.again(used).having("Via", used.one("Via"))


REPLAYS = [_other_call, _other_branch, _other_cseq]


@pytest.mark.parametrize("change", REPLAYS, ids=["Call-ID", "branch", "CSeq"])
def test_R1_a_replayed_answer_is_stale(pbx: Pbx, change: Callable[[Phone, Message], Message]) -> None:
    phone = pbx()
    first, challenge = phone.challenge()
    used = phone.authorized(first, challenge)
    assert phone.exchange(used).status == 200
    refused(phone, change(phone, used))


def refused(phone: Phone, replay: Message) -> None:
    assert is_stale(phone.exchange(replay))


def is_stale(response: Message) -> bool:
    """A challenge that says so."""
    return response.status == 401 and parameters(response.one("WWW-Authenticate"))["stale"].lower() == "true"


def test_R1_a_replay_from_another_address_is_stale(pbx: Pbx, network: Network) -> None:
    phone = pbx()
    first, challenge = phone.challenge()
    used = phone.authorized(first, challenge)
    assert phone.exchange(used).status == 200
    refused(network.phone(phone.gateway), used)


def test_R1_a_replay_is_no_strike_and_leads_to_no_block(target: Target, pbx: Pbx) -> None:
    phone = pbx()
    first, challenge = phone.challenge()
    used = phone.authorized(first, challenge)
    assert phone.exchange(used).status == 200
    for _ in range(60):
        refused(phone, _other_call(phone, used))
    assert target.blocks(phone.address) == []


def test_R1_a_retransmission_gets_the_stored_answer(pbx: Pbx) -> None:
    phone = pbx()
    first, challenge = phone.challenge()
    used = phone.authorized(first, challenge)
    original = phone.exchange(used)
    again = [phone.exchange(used, retransmit=False) for _ in range(5)]
    assert original.status == 200
    assert {answer.bytes() for answer in again} == {original.bytes()}


def test_R1_twenty_copies_at_once_are_one_registration(pbx: Pbx) -> None:
    phone = pbx()
    first, challenge = phone.challenge()
    used = phone.authorized(first, challenge)
    for _ in range(20):
        phone.send(used)
    answers = [phone.exchange(used), *(each for each in phone.arrivals(1.5) if same_transaction(used, each))]
    assert {answer.status for answer in answers} == {200}
    assert {answer.bytes() for answer in answers} == {answers[0].bytes()}


def test_R1_a_refusal_is_retransmitted_as_it_was(pbx: Pbx) -> None:
    """R4: a retransmission is no second early registration."""
    phone = pbx()
    phone.register()
    first, challenge = phone.challenge()
    used = phone.authorized(first, challenge)
    original = phone.exchange(used)
    assert original.status == 429
    assert phone.exchange(used, retransmit=False).bytes() == original.bytes()


def retransmissions(target: Target, network: Network) -> tuple[bytes, bytes | None, Message]:
    """The answer, what its retransmission got 31 s later, and what it got after 36 s. None: the machine stood still
    until the 32 seconds were over.
    """
    phone = network.phone(target.regions[0], target.new_credential().login)
    phone.keeps_alive = False
    first, challenge = phone.challenge()
    used = phone.authorized(first, challenge)
    sent = monotonic()
    original = phone.exchange(used)
    answered = monotonic()
    at(sent + 31)
    late = phone.exchange(used, retransmit=False)
    is_late = monotonic() - sent >= 32
    at(answered + 36)
    return original.bytes(), None if is_late else late.bytes(), phone.exchange(used, retransmit=False)


@early(retransmissions)
def test_R1_a_retransmission_is_known_for_32_seconds(outcome: tuple[bytes, bytes | None, Message]) -> None:
    original, late, too_late = outcome
    assert original.startswith(b"SIP/2.0 200 ")
    assert late in (original, None)
    assert too_late.status == 401


def test_R1_a_nonce_of_nobody_is_stale(pbx: Pbx) -> None:
    phone = pbx()
    first, challenge = phone.challenge()
    other = challenge.having("WWW-Authenticate", f'Digest realm="registration", nonce="{token(20)}", qop="auth"')
    response = phone.exchange(phone.authorized(first, other))
    assert response.status == 401
    assert phone.register().status == 200


def two_nonces(target: Target, network: Network) -> tuple[Message, Message]:
    """The answers to one that is used at once, and to one that is used eight seconds later."""
    phone = network.phone(target.regions[0], target.new_credential().login)
    query = phone.registration(contact=None, expires=None)
    early, late = phone.exchange(query), phone.exchange(phone.again(query))
    start = monotonic()
    accepted = phone.exchange(phone.authorized(query, early))
    at(start + 8)
    return accepted, phone.exchange(phone.authorized(query, late))


@early_given("limits_target", two_nonces)
def test_R1_a_nonce_expires(outcome: tuple[Message, Message]) -> None:
    """On the TEST LIMITS instance, where nonces live six seconds."""
    accepted, refusal = outcome
    assert accepted.status == 200
    assert is_stale(refusal)


@pytest.mark.parametrize("method", ["REGISTER", "INVITE"])
def test_R1_an_answer_for_another_realm_is_challenged_again(pbx: Pbx, method: str) -> None:
    phone = pbx()
    message = phone.registration() if method == "REGISTER" else phone.request("INVITE")
    challenge = phone.exchange(message)
    name = "WWW-Authenticate" if method == "REGISTER" else "Proxy-Authenticate"
    other = challenge.having(name, challenge.one(name).replace("registration", "elsewhere"))
    assert phone.exchange(phone.authorized(message, other)).status == challenge.status


def test_R1_the_password_of_another_credential_does_not_help(target: Target, pbx: Pbx) -> None:
    mine, theirs = target.new_credentials(2)
    crossed = Credential(theirs.id, theirs.username, mine.password)
    assert pbx(crossed).register().status == 401
