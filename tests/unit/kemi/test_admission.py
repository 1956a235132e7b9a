"""W2 to W4, B6: who is heard at all."""

import pytest

from tests.sip.message import Message
from tests.unit.kemi.callers import dial
from tests.unit.kemi.fake_ksr import Sent
from tests.unit.kemi.world import ADDRESS, Pbx

HOST = "sip.example.org"


def _code(pbx: Pbx, method: str, **headers: str | None) -> int | None:
    reply = pbx.send(pbx.message(method, **headers))
    return reply.code if reply else None


def test_W3_OPTIONS_is_answered(alice: Pbx) -> None:
    reply = alice.send(alice.message("OPTIONS"))
    assert reply is not None
    assert (reply.code, reply.reason) == (200, "OK")


@pytest.mark.parametrize("method", ["SUBSCRIBE", "PUBLISH", "MESSAGE", "REFER", "BYE", "INFO", "PRACK", "XYZZY"])
def test_W3_other_methods_are_405_with_Allow(alice: Pbx, method: str) -> None:
    reply = alice.send(alice.message(method))
    assert reply is not None
    assert (reply.code, reply.get("Allow")) == (405, "INVITE, ACK, BYE, CANCEL, OPTIONS, REGISTER")
    assert alice.world.causes() == ["method"]


@pytest.mark.parametrize("method", ["REGISTER", "INVITE", "OPTIONS", "BYE"])
def test_W3_Max_Forwards_0_is_483(alice: Pbx, method: str) -> None:
    assert _code(alice, method, Max_Forwards="0") == 483
    assert alice.world.causes() == ["hops"]


@pytest.mark.parametrize("hops", ["1", None])
def test_W3_Max_Forwards_1_or_none_goes_on(alice: Pbx, hops: str | None) -> None:
    assert _code(alice, "REGISTER", Max_Forwards=hops) == 401


def test_W2_malformed_is_400(alice: Pbx) -> None:
    reply = alice.world.send(alice.message(), alice.source, well_formed=False)
    assert reply is not None
    assert (reply.code, reply.reason) == (400, "Bad Request")
    assert alice.world.causes() == ["malformed"]


def test_W2_a_malformed_ACK_gets_silence(alice: Pbx) -> None:
    assert alice.world.send(alice.message("ACK"), alice.source, well_formed=False) is None


def test_W4_an_ACK_of_no_call_gets_silence(alice: Pbx) -> None:
    assert _code(alice, "ACK") is None
    assert _code(alice, "ACK", To=f"<sip:x@{HOST}>;tag=t") is None


@pytest.mark.parametrize("method", ["INVITE", "BYE", "OPTIONS", "UPDATE", "INFO"])
def test_W4_a_request_within_an_unknown_dialog_is_481(alice: Pbx, method: str) -> None:
    assert _code(alice, method, To=f"<sip:x@{HOST}>;tag=t") == 481
    assert alice.world.causes() == ["dialog"]


def test_W4_a_CANCEL_of_nothing_is_481(alice: Pbx) -> None:
    assert _code(alice, "CANCEL") == 481


def test_a_REGISTER_may_have_a_tag_in_To(alice: Pbx) -> None:
    assert _code(alice, "REGISTER", To=f"<sip:alice@{HOST}>;tag=t") == 401


@pytest.mark.parametrize("method", ["REGISTER", "INVITE", "OPTIONS"])
@pytest.mark.parametrize(
    "route",
    [
        "<sip:127.0.17.99;lr>",
        "<sip:127.0.17.99:5060;lr>",
        f"<sip:{ADDRESS}:5080;lr>",
        f"<sip:{ADDRESS};lr>, <sip:127.0.17.99;lr>",
        f"<sip:{ADDRESS}@127.0.17.99;lr>",
        "<sip:evil.example.net;lr>",
        "junk",
        "",
    ],
)
def test_W4_a_route_to_anybody_else_is_refused(alice: Pbx, method: str, route: str) -> None:
    assert _code(alice, method, Route=route) == 403
    assert alice.world.causes() == ["route"]


def test_W4_a_second_route_is_refused(alice: Pbx) -> None:
    message = alice.message("INVITE", Route=f"<sip:{ADDRESS};lr>")
    reply = alice.send(Message(message.start, (*message.headers, ("Route", "<sip:127.0.17.99;lr>"))))
    assert reply is not None
    assert reply.code == 403


@pytest.mark.parametrize("route", [f"<sip:{ADDRESS};lr>", f"<sip:{ADDRESS}:5060>", f"<sip:{HOST};lr>"])
def test_W4_an_outbound_proxy_that_is_the_gateway_does_no_harm(alice: Pbx, route: str) -> None:
    assert alice.register(Route=route).code == 200


@pytest.mark.parametrize("method", ["REGISTER", "INVITE", "OPTIONS", "ACK", "BYE"])
def test_B6_scanners_get_silence(alice: Pbx, method: str) -> None:
    alice.world.stored(("user_agent", ("u1", "scanner", "*friendly-scanner*")))
    alice.world.tick()
    alice.world.clock.advance(1)
    assert _code(alice, method, User_Agent="friendly-scanner") is None
    assert _code(alice, "OPTIONS") == 200
    assert alice.world.causes() == ["scanner"]


def _everything(alice: Pbx) -> list[Sent | None]:
    answers = [alice.send(alice.message(method)) for method in ("REGISTER", "INVITE", "OPTIONS", "BYE", "INFO")]
    answers += [alice.register(), alice.register(), dial(alice).reply, alice.register(Contact="*")]
    return [*answers, alice.send(alice.message("INVITE", Max_Forwards="0"))]


def test_W5_nothing_that_is_answered_names_the_software(alice: Pbx) -> None:
    for reply in _everything(alice):
        assert reply is not None
        text = f"{reply.reason} {reply.lines}".lower()
        assert not any(name in text for name in ("kamailio", "turnpike", "python", "kemi", "sanity"))


def test_R8_every_refusal_that_means_later_says_when(alice: Pbx) -> None:
    later = [reply for reply in _everything(alice) if reply and reply.code in (429, 480, 500, 503)]
    assert {reply.code for reply in later} == {429, 503}
    assert all(reply.retry_after for reply in later)
