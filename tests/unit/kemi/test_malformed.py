"""W2: what cannot be registered, and what cannot even be read."""

import pytest

from kemi.region import Thresholds
from tests.sip.message import Message
from tests.unit.kemi.conftest import Make
from tests.unit.kemi.world import Pbx


@pytest.mark.parametrize(
    "headers",
    [
        {"Contact": "*", "Expires": "300"},
        {"Contact": "<sip:a@h>, <sip:b@h>"},
        {"Contact": "<mailto:a@h>"},
        {"Contact": "*"},
    ],
)
def test_W2_contacts_that_cannot_be_registered_are_malformed(alice: Pbx, headers: dict[str, str]) -> None:
    assert alice.register(**headers).code == 400
    assert alice.world.causes() == ["malformed"]
    assert alice.world.state("alice").binding is None


def test_W2_two_Contact_headers_are_malformed(alice: Pbx) -> None:
    message = alice.answering(alice.challenge())
    reply = alice.send(Message(message.start, (*message.headers, ("Contact", "<sip:b@h>"))))
    assert reply is not None
    assert reply.code == 400


def test_W2_a_User_Agent_in_Latin_1_is_accepted(alice: Pbx) -> None:
    alice.user_agent = "PBX \udce9"
    assert alice.register().code == 200


@pytest.mark.parametrize("header", ["From", "To", "Call-ID", "Contact", "Via"])
def test_W2_other_headers_that_are_not_UTF_8_are_malformed(alice: Pbx, header: str) -> None:
    message = alice.answering(alice.challenge())
    broken = message.having(header, message.one(header).replace("a", "\udce9"))
    reply = alice.send(broken)
    assert reply is not None
    assert reply.code == 400
    assert alice.world.causes() == ["malformed"]


def test_B1_what_is_not_UTF_8_passes_no_block(make_world: Make) -> None:
    world = make_world(Thresholds(flood_requests=20))
    pbx = Pbx(world, "b\udce9b")
    codes = [reply and reply.code for reply in (pbx.send(pbx.message()) for _ in range(40))]
    assert codes == [400] * 20 + [429] + [None] * 19


def test_R3_and_B6_long_User_Agents_are_cut(alice: Pbx) -> None:
    alice.user_agent = "x" * 10_000
    assert alice.register().code == 200
    assert len(alice.world.records("s")[0]["b"]["ua"]) == 255


def test_W2_an_oversized_message_is_malformed(alice: Pbx) -> None:
    sent = alice.send(alice.message(**{"X-Long": "x" * 60_000}))
    assert sent is not None
    assert sent.code == 400


def test_W2_a_message_without_the_line_that_ends_its_headers_is_malformed(alice: Pbx) -> None:
    alice.world.ksr.receive(alice.message(), alice.source)
    alice.world.ksr.exchange.body = None
    alice.world.worker.ksr_request_route(None)
    assert alice.world.ksr.replies[-1].code == 400
