"""W2: whatever arrives, the gateway answers 400 or nothing, and goes on."""

import random
from collections.abc import Iterator

import pytest

from tests.sip.figures import Figures
from tests.sip.message import Message, token
from tests.sip.network import Network
from tests.sip.phone import Phone
from tests.sip.target import Target
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


def refused(phone: Phone, data: bytes, seconds: float = 0.4) -> None:
    """400 or silence: any other answer would mean that the message was taken seriously."""
    phone.send(data)
    statuses = phone.statuses(seconds)
    assert statuses <= {400}, statuses


def registration(phone: Phone) -> Message:
    return phone.registration(call_id=token())


@pytest.mark.parametrize("name", MANDATORY)
@pytest.mark.parametrize("method", ["REGISTER", "INVITE", "OPTIONS"])
def test_W2_a_mandatory_header_is_missing(stranger: Phone, method: str, name: str) -> None:
    refused(stranger, stranger.request(method).without(name).bytes())


def test_W2_no_header_at_all(stranger: Phone) -> None:
    refused(stranger, b"REGISTER sip:reg.example.net SIP/2.0\r\n\r\n")


@pytest.mark.parametrize("name", ["From", "To", "Call-ID", "CSeq"])
def test_W2_a_header_that_may_come_once_comes_twice(stranger: Phone, name: str) -> None:
    message = registration(stranger)
    twice = Message(message.start, (*message.headers, (name, message.one(name))))
    refused(stranger, twice.bytes())


@pytest.mark.parametrize("cseq", ["x REGISTER", "1", "-1 REGISTER", "99999999999999999999 REGISTER", "1 INVITE", ""])
def test_W2_cseq_is_none(stranger: Phone, cseq: str) -> None:
    refused(stranger, registration(stranger).having("CSeq", cseq).bytes())


@pytest.mark.parametrize("length", ["-1", "99999", "x", "99999999999999999999"])
def test_W2_content_length_is_wrong(stranger: Phone, length: str) -> None:
    refused(stranger, registration(stranger).having("Content-Length", length).bytes())


@pytest.mark.parametrize("name", ["From", "To", "Contact", "Via"])
@pytest.mark.parametrize("value", ["", "<sip:", '"', '<sip:a@b>;tag="', "\x00", "<>", ",,,"])
def test_W2_an_address_is_none(stranger: Phone, name: str, value: str) -> None:
    """With a Contact that is not looked at before the password is proven, a challenge is the right answer."""
    stranger.send(registration(stranger).having(name, value))
    assert stranger.statuses(0.3) <= ({400, 401} if name == "Contact" else {400})


@pytest.mark.parametrize("name", ["From", "To", "Contact"])
def test_W2_a_very_long_address_is_refused_or_challenged(stranger: Phone, name: str) -> None:
    stranger.send(registration(stranger).having(name, "sip:" + "a" * 3000))
    assert stranger.statuses(0.3) <= {400, 401}


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
