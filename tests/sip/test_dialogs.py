"""Route sets and addresses of dialogs, as RFC 3261 writes them down."""

import pytest

from tests.sip.dialogs import Dialog, Routing, host, listed, request_uri, tag, uri, user
from tests.sip.message import Message

ROUTES = (("Record-Route", "<sip:p2.example;lr>, <sip:p3.example:5070>"), ("Record-Route", "<sip:p1.example;lr>"))
BASE = (
    ("Via", "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1"),
    ("From", "<sip:a@example>;tag=1"),
    ("To", "<sip:b@example>;tag=2"),
    ("Call-ID", "c"),
    ("CSeq", "7 INVITE"),
    ("Contact", "<sip:b@192.0.2.9:5062;ob>;expires=1"),
)
INVITE = Message("INVITE sip:b@example SIP/2.0", (*BASE, *ROUTES))
OK = Message("SIP/2.0 200 OK", (*BASE, *ROUTES))


def test_the_callers_route_is_the_record_route_backwards() -> None:
    dialog = Dialog.of_caller(INVITE, OK)
    message, hop = dialog.request("BYE", "192.0.2.1:5060", Routing.LOOSE)
    assert hop == ("p1.example", 5060)
    assert request_uri(message) == "sip:b@192.0.2.9:5062;ob"
    assert message.all("Route") == ["<sip:p1.example;lr>", "<sip:p3.example:5070>", "<sip:p2.example;lr>"]
    assert (message.one("CSeq"), message.one("From"), message.one("To")) == ("8 BYE", BASE[1][1], BASE[2][1])


def test_the_callees_route_is_the_record_route_forwards() -> None:
    dialog = Dialog.of_callee(INVITE, "<sip:b@example>;tag=2")
    message, hop = dialog.request("BYE", "192.0.2.9:5062", Routing.LOOSE)
    assert hop == ("p2.example", 5060)
    assert message.all("Route") == ["<sip:p2.example;lr>", "<sip:p3.example:5070>", "<sip:p1.example;lr>"]
    assert (message.one("From"), message.one("To")) == ("<sip:b@example>;tag=2", BASE[1][1])
    assert dialog.key == ("c", "2", "1")


def test_a_strict_router_puts_the_next_hop_into_the_request_uri() -> None:
    message, hop = Dialog.of_caller(INVITE, OK).request("INFO", "192.0.2.1", Routing.STRICT)
    assert (request_uri(message), hop) == ("sip:p1.example;lr", ("p1.example", 5060))
    assert message.all("Route")[-1] == "<sip:b@192.0.2.9:5062;ob>"


def test_without_a_route_it_goes_to_the_contact() -> None:
    message, hop = Dialog.of_caller(INVITE, OK).request("INFO", "192.0.2.1", Routing.NONE)
    assert (hop, message.all("Route")) == (("192.0.2.9", 5062), [])


def test_the_ack_has_the_number_of_the_invite() -> None:
    dialog = Dialog.of_caller(INVITE, OK)
    ack, _ = dialog.request("ACK", "192.0.2.1", Routing.LOOSE, 7)
    bye, _ = dialog.request("BYE", "192.0.2.1", Routing.LOOSE)
    assert (ack.one("CSeq"), bye.one("CSeq")) == ("7 ACK", "8 BYE")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("<sip:a@192.0.2.1:5062;ob>;x", ("sip:a@192.0.2.1:5062;ob", "a", ("192.0.2.1", 5062))),
        ("sip:a@192.0.2.1;tag=1", ("sip:a@192.0.2.1", "a", ("192.0.2.1", 5060))),
        ('"A, <b>" <sip:192.0.2.1>', ("sip:192.0.2.1", "", ("192.0.2.1", 5060))),
        ("sip:+1@h:1?x=y", ("sip:+1@h:1?x=y", "+1", ("h", 1))),
    ],
)
def test_addresses_are_read(value: str, expected: tuple[str, str, tuple[str, int]]) -> None:
    assert (uri(value), user(value), host(uri(value))) == expected


def test_lists_and_tags_are_read() -> None:
    assert list(listed(['"a,b" <sip:x,y@z>;q=1, <sip:b>', "<sip:c>"])) == [
        '"a,b" <sip:x,y@z>;q=1',
        "<sip:b>",
        "<sip:c>",
    ]
    assert (tag("<sip:a>;tag=1;x=y"), tag("<sip:a;tag=no>"), tag("<sip:a>")) == ("1", "", "")
