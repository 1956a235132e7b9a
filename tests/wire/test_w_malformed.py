"""W2: whatever arrives, the gateway answers 400 or nothing, and goes on."""

import random
from collections.abc import Iterator, Sequence, Set
from itertools import count
from time import monotonic

import pytest

from tests.sip.figures import Figures
from tests.sip.message import Message, token
from tests.sip.network import Network
from tests.sip.phone import Phone
from tests.sip.target import Target
from tests.sip.waiting import at
from tests.wire.conftest import Pbx

SEED = 20261123
MANDATORY = ["Via", "From", "To", "Call-ID", "CSeq"]


@pytest.fixture(autouse=True)
def goes_on(target: Target, network: Network) -> Iterator[None]:
    """After each batch the gateway still answers, with the same processes."""
    before = target.workers()
    yield
    for gateway in target.regions:
        assert network.phone(gateway).options().status == 200
    assert target.workers() == before


@pytest.fixture
def strangers(target: Target, network: Network) -> Iterator[Phone]:
    """As many as are asked for, each at an address of its own."""
    return (network.phone(target.regions[0]) for _ in count())


def refused(phone: Phone, data: bytes, seconds: float = 0.4) -> None:
    all_refused([(phone, data)], seconds)


def all_refused(
    messages: Sequence[tuple[Phone, Message | bytes]], seconds: float = 0.4, allowed: Set[int] = frozenset({400})
) -> None:
    """400 or silence: any other answer would mean that a message was taken seriously."""
    for phone, message in messages:
        phone.send(message)
    at(monotonic() + seconds)
    for phone, message in messages:
        statuses = phone.statuses(0.01)
        assert statuses <= allowed, (message, statuses)


def registration(phone: Phone) -> Message:
    return phone.registration(call_id=token())


@pytest.mark.parametrize("method", ["REGISTER", "INVITE", "OPTIONS"])
def test_W2_a_mandatory_header_is_missing(strangers: Iterator[Phone], method: str) -> None:
    all_refused([(phone := next(strangers), phone.request(method).without(name)) for name in MANDATORY])


def test_W2_no_header_at_all(stranger: Phone) -> None:
    refused(stranger, b"REGISTER sip:reg.example.net SIP/2.0\r\n\r\n")


def test_W2_a_header_that_may_come_once_comes_twice(strangers: Iterator[Phone]) -> None:
    def twice(message: Message, name: str) -> Message:
        return Message(message.start, (*message.headers, (name, message.one(name))))

    names = ["From", "To", "Call-ID", "CSeq"]
    all_refused([(phone := next(strangers), twice(registration(phone), name)) for name in names])


CSEQS = ["x REGISTER", "1", "-1 REGISTER", "99999999999999999999 REGISTER", "1 INVITE", ""]
LENGTHS = ["-1", "99999", "x", "99999999999999999999"]
ADDRESSES = ["", "<sip:", '"', '<sip:a@b>;tag="', "\x00", "<>", ",,,"]


@pytest.mark.parametrize(("name", "values"), [("CSeq", CSEQS), ("Content-Length", LENGTHS)])
def test_W2_a_number_is_none(strangers: Iterator[Phone], name: str, values: list[str]) -> None:
    all_refused([(phone := next(strangers), registration(phone).having(name, value)) for value in values])


@pytest.mark.parametrize("name", ["From", "To", "Contact", "Via"])
def test_W2_an_address_is_none(strangers: Iterator[Phone], name: str) -> None:
    """With a Contact that is not looked at before the password is proven, a challenge is the right answer."""
    messages = [(phone := next(strangers), registration(phone).having(name, value)) for value in ADDRESSES]
    all_refused(messages, allowed={400, 401} if name == "Contact" else {400})


def test_W2_a_very_long_address_is_refused_or_challenged(strangers: Iterator[Phone]) -> None:
    names, address = ["From", "To", "Contact"], "sip:" + "a" * 3000
    messages = [(phone := next(strangers), registration(phone).having(name, address)) for name in names]
    all_refused(messages, allowed={400, 401})


def test_W2_cut_at_every_byte(stranger: Phone) -> None:
    whole = registration(stranger).bytes()
    for end in range(1, len(whole) - 4):
        stranger.send(whole[:end])
    assert stranger.statuses(1.0) <= {400}


def test_W2_a_datagram_as_large_as_udp_allows(stranger: Phone) -> None:
    message = registration(stranger)
    padding = 65507 - len(message.bytes()) - len("X: \r\n")
    refused(stranger, message.having("X", "a" * padding).bytes(), 1.0)


def test_W2_ten_thousand_headers(stranger: Phone) -> None:
    refused(stranger, registration(stranger).bytes()[:-4] + b"\r\nA: b" * 9000 + b"\r\n\r\n", 1.0)


def test_W2_binary(stranger: Phone) -> None:
    noise = random.Random(SEED)
    for size in (1, 4, 20, 100, 1400, 30000):
        refused(stranger, noise.randbytes(size), 0.1)


def test_W2_nul_bytes_in_names_and_values(stranger: Phone) -> None:
    whole = registration(stranger).bytes()
    for place in (b"Call-ID: ", b"From: <sip:", b"REGISTER", b"User-Agent: ", b"Contact: <"):
        stranger.send(whole.replace(place, place + b"\0", 1))
    assert stranger.statuses(0.5) <= {400, 401, 405}


@pytest.mark.parametrize("place", [b"Call-ID: ", b"From: <sip:", b"To: <sip:", b"User-Agent: ", b"Contact: <sip:"])
def test_W2_what_is_no_utf8_hurts_nobody(target: Target, network: Network, stranger: Phone, place: bytes) -> None:
    """Neither its sender gets a 500, nor whoever comes next and meets the same worker."""
    whole = registration(stranger).bytes().replace(place, place + b"\xff\xae", 1)
    for _ in range(20):
        stranger.send(whole)
    assert stranger.statuses(0.5) <= {400, 401}
    neighbours = [network.phone(target.regions[0]) for _ in range(20)]
    assert {phone.exchange(phone.registration()).status for phone in neighbours} == {401}


@pytest.mark.parametrize("data", [b"\r\n\r\n", b"\0\0\0\0", b"\r\n", b""], ids=["crlf", "nul", "short", "empty"])
def test_W2_keep_alive_packets_get_silence(stranger: Phone, data: bytes) -> None:
    assert stranger.silent(data, 0.3)


def test_W2_a_response_that_nobody_asked_for_gets_silence(stranger: Phone) -> None:
    message = registration(stranger)
    assert stranger.silent(Message("SIP/2.0 200 OK", message.headers), 0.4)


def test_W2_contact_star_with_expires_300_is_400(pbx: Pbx) -> None:
    assert pbx().register(expires=300, contact="*").status == 400


@pytest.mark.parametrize("spelling", ["two headers", "one header"])
def test_W2_two_contacts_are_400_and_bind_nothing(target: Target, pbx: Pbx, spelling: str) -> None:
    credential = target.new_credential()
    phone = pbx(credential)
    first = phone.registration(contact="<sip:a@192.0.2.1>, <sip:b@192.0.2.2>")
    if spelling == "two headers":
        headers = first.without("Contact").headers
        first = Message(first.start, (*headers, ("Contact", "<sip:a@192.0.2.1>"), ("m", "<sip:b@192.0.2.2>")))
    assert phone.finish(first, phone.exchange(first)).status == 400
    assert target.bindings(credential) == []


def mutated(whole: bytes, chance: random.Random) -> bytes:
    """The message with a few bytes changed, cut out, doubled or put in."""
    data = bytearray(whole)
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(data))
        match chance.randrange(4):
            case 0:
                data[place] = chance.randrange(256)
            case 1:
                del data[place : place + chance.randrange(1, 20)]
            case 2:
                data[place:place] = data[place : place + chance.randrange(1, 200)]
            case _:
                data[place:place] = chance.choice([b"\0", b"\r\n", b'"', b"<", b",", b";", b":", b"%", b"\xff"])
        if not data:
            return b"\0"
    return bytes(data)


def test_W2_three_thousand_mutations(target: Target, pbx: Pbx, network: Network, figures: Figures) -> None:
    """From a fresh address each hundred, so that no block protects the parser."""
    chance = random.Random(SEED)
    figures.measured("seed of the mutations", SEED)
    phone = pbx()
    first, challenge = phone.challenge()
    kinds = [registration(phone), phone.authorized(first, challenge), phone.request("INVITE"), phone.request("BYE")]
    for _ in range(30):
        sender = network.phone(target.regions[0])
        for _ in range(100):
            sender.send(mutated(chance.choice(kinds).bytes(), chance))
        sender.statuses(0.05)
        assert sender.options().status in (200, 429)
