"""Requests of the gateway's own within a call, as text."""

from typing import Any

import pytest

from kemi.leg import CALLEE, CALLER, LAST_CSEQ, Leg
from tests.sip.message import Message, parse

HOST = "192.0.2.1"
KNOWN: dict[str, Any] = {
    **{"id": "c-1", "ci": "call", "ft": "f", "tt": "b", "cs": 7, "a": "192.0.2.7:5062", "b0": "192.0.2.200:5060"},
    **{"fu": "sip:alice@h", "tu": "sip:+12125550123@h", "ru": "sip:+12125550123@192.0.2.200:5060"},
    **{"ct": "<sip:pbx@10.0.0.9:5060>", "cc": "<sip:core@192.0.2.200>"},
    "via": f"SIP/2.0/UDP {HOST};branch=z9hG4bKabc.1;rport",
    "rr": f"<sip:192.0.2.99;lr>,<sip:{HOST};lr;ftag=f>,<sip:192.0.2.50;lr>",
}


def _read(text: str | None) -> Message:
    assert text is not None
    return parse(text.encode())


def _leg(side: str, **known: object) -> Leg:
    return Leg({**KNOWN, **known}, side, HOST, 5060)


def test_O7_the_core_is_asked_in_the_callers_name() -> None:
    asked = _read(_leg(CALLEE).options(3))
    assert asked.start == "OPTIONS sip:core@192.0.2.200 SIP/2.0"
    assert (asked.one("From"), asked.one("To")) == ("<sip:alice@h>;tag=f", "<sip:+12125550123@h>;tag=b")
    assert (asked.one("CSeq"), asked.one("Call-ID"), asked.all("Route")) == (
        "7 OPTIONS",
        "call",
        ["<sip:192.0.2.99;lr>"],
    )


def test_O7_the_PBX_is_asked_in_the_callees_name() -> None:
    asked = _read(_leg(CALLER).options(3))
    assert asked.start == "OPTIONS sip:pbx@10.0.0.9:5060 SIP/2.0"
    assert (asked.one("From"), asked.one("To")) == ("<sip:+12125550123@h>;tag=b", "<sip:alice@h>;tag=f")
    assert (asked.one("CSeq"), asked.all("Route")) == ("0 OPTIONS", ["<sip:192.0.2.50;lr>"])


@pytest.mark.parametrize("side", [CALLER, CALLEE])
def test_a_BYE_is_always_the_same(side: str) -> None:
    leg = _leg(side)
    assert leg.bye() == leg.bye()
    assert _read(leg.bye()).one("CSeq") == f"{LAST_CSEQ} BYE"
    assert "c-1" in _read(leg.bye()).one("Via")


def test_a_CANCEL_is_the_INVITEs_and_has_one_Via() -> None:
    cancel = _read(_leg(CALLEE).cancel())
    assert cancel.start == "CANCEL sip:+12125550123@192.0.2.200:5060 SIP/2.0"
    assert cancel.all("Via") == [f"SIP/2.0/UDP {HOST};branch=z9hG4bKabc.1"]
    assert (cancel.one("To"), cancel.one("CSeq"), cancel.all("Route")) == ("<sip:+12125550123@h>", "7 CANCEL", [])


def test_nothing_is_cancelled_before_anything_came_back() -> None:
    assert (_leg(CALLEE, via=None).cancel(), _leg(CALLEE, via=None).ack_refusal("x")) == (None, None)


def test_an_ACK_of_a_refusal_carries_its_tag() -> None:
    ack = _read(_leg(CALLEE).ack_refusal("x"))
    assert (ack.one("To"), ack.one("CSeq")) == ("<sip:+12125550123@h>;tag=x", "7 ACK")


@pytest.mark.parametrize(
    ("contact", "target"),
    [
        ("<sip:pbx@10.0.0.9>;expires=60", "sip:pbx@10.0.0.9"),
        ('"Front desk" <sip:pbx@10.0.0.9;transport=udp>', "sip:pbx@10.0.0.9;transport=udp"),
        ("Desk <sip:pbx@10.0.0.9>", "sip:pbx@10.0.0.9"),
        ('"a <b>; \\"c\\"" <sip:pbx@10.0.0.9>', "sip:pbx@10.0.0.9"),
        ("sip:pbx@10.0.0.9;expires=60", "sip:pbx@10.0.0.9"),
        ("", "sip:192.0.2.7:5062"),
        (None, "sip:192.0.2.7:5062"),
    ],
)
def test_O7_a_side_is_asked_at_its_Contact(contact: str | None, target: str) -> None:
    assert _read(_leg(CALLER, ct=contact).options(1)).start == f"OPTIONS {target} SIP/2.0"


@pytest.mark.parametrize("routes", [None, "", "<sip:192.0.2.50;lr>"])
def test_no_route_is_taken_from_a_set_that_the_gateway_is_not_in(routes: str | None) -> None:
    assert [_read(_leg(side, rr=routes).bye()).all("Route") for side in (CALLER, CALLEE)] == [[], []]


def test_it_goes_to_who_answered_rather_than_to_who_was_asked() -> None:
    assert (_leg(CALLEE).place, _leg(CALLEE, b="192.0.2.201:5060").place) == ("192.0.2.200:5060", "192.0.2.201:5060")
