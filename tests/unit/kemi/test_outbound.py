"""Calls out (rules O): who may, how many, how fast, and to which core."""

from typing import Any

import pytest

from kemi.holder import elsewhere
from kemi.state import Binding, Peer
from tests.unit.kemi.callers import CORE, OTHER_CORE, answered, channels, dial, lines, with_cores
from tests.unit.kemi.conftest import Make
from tests.unit.kemi.world import Pbx, World

T = 1_764_000_000_000
HERE, THERE = "192.0.2.7", "192.0.2.9"


@pytest.fixture
def world(make_world: Make) -> World:
    """One core; alice's calls are acme's."""
    world = make_world()
    world.credential("alice", tenant="acme")
    world.credential("bob")
    return with_cores(world, CORE)


def _binding(address: str = HERE, expires: int = T + 1) -> Binding:
    return Binding("b-1", address, 5060, "sip:a@h", "PBX", "call", 1, T - 5, expires)


def _peer(address: str = HERE, expires: int = T + 1) -> Peer:
    return Peer("se1", "b-2", address, 5060, "Other", T - 5, expires, False)


@pytest.mark.parametrize(
    ("own", "peers", "region"),
    [
        (None, [], "nobody"),
        (_binding(), [], "nobody"),
        (_binding(THERE), [], None),
        (_binding(THERE, T), [], "nobody"),
        (None, [_peer(THERE)], "se1"),
        (_binding(THERE), [_peer()], "nobody"),
        (_binding(THERE), [_peer(THERE)], None),
        (_binding(THERE, T), [_peer(THERE)], "se1"),
    ],
)
def test_O1_a_live_binding_anywhere_ties_calls_to_its_address(
    own: Binding | None, peers: list[Peer], region: str | None
) -> None:
    place = elsewhere(HERE, own, peers, T)
    assert (place.region if place is not None else "nobody") == region


def test_O1_a_call_is_challenged_and_goes_to_the_core(alice: Pbx) -> None:
    line = dial(alice, P_Asserted_Identity="<sip:+14155550199@x>")
    assert (line.code, line.leg.to, line.leg.uri) == (0, CORE, "sip:+12125550123@127.0.17.200:5060")
    assert line.leg.message.get("P-Asserted-Identity") == "<sip:+14155550199@x>"
    assert line.leg.message.one("From") == line.invite.one("From")


def test_O1_the_event_of_a_stranger_names_both(alice: Pbx) -> None:
    alice.register()
    thief = Pbx(alice.world, address="127.0.17.66", user_agent="Thief")
    assert dial(thief).code == 403
    (event,) = alice.world.records("e")
    both = ("address", "user_agent", "holder_address", "holder_user_agent", "holder_region")
    assert (event["rule"], event["cause"]) == ("O1", "elsewhere")
    assert [event["with"][key] for key in both] == ["127.0.17.66", "Thief", alice.address, alice.user_agent, None]


def test_O1_a_binding_of_another_region_counts_as_well(alice: Pbx) -> None:
    now = alice.world.clock.now
    alice.world.peer("alice", Peer("se1", "b-9", "127.0.17.30", 5060, "Other", now, now + 300_000, False))
    alice.world.tick()
    assert dial(alice).code == 403
    assert alice.world.records("e")[0]["with"]["holder_region"] == "se1"


def test_O2_of_two_at_once_one_goes_and_the_other_spends_nothing(alice: Pbx) -> None:
    assert [dial(alice).code for _ in range(2)] == [0, 503]
    refused = dial(alice)
    assert (refused.reply and refused.reply.retry_after, alice.world.causes()) == (1, ["rate", "rate"])
    alice.world.clock.advance(1)
    assert dial(alice).code == 0
    assert channels(alice.world) == 2


def test_O3_the_101st_call_gets_503_and_a_call_that_ends_makes_room(alice: Pbx) -> None:
    calls = [answered(alice) for _ in range(100)]
    alice.world.clock.advance(1)
    refused = dial(alice)
    assert (refused.code, refused.reply and refused.reply.retry_after, channels(alice.world)) == (503, 10, 100)
    assert calls[0].within("BYE").answer("200 OK") == 200
    assert (channels(alice.world), dial(alice).code) == (99, 0)


def test_O3_another_credentials_calls_do_not_count(alice: Pbx, bob: Pbx) -> None:
    assert [dial(pbx).code for pbx in (alice, bob)] == [0, 0]
    assert [channels(alice.world, name) for name in ("alice", "bob")] == [1, 1]


def test_O3_a_retransmitted_INVITE_is_one_call(alice: Pbx) -> None:
    line = dial(alice)
    alice.world.ksr.tm.known.clear()  # both copies passed tm's look at once
    line.dial()
    assert (len(line.sent), channels(alice.world), line.reply) == (1, 1, None)


def test_O3_the_same_call_id_again_gets_503_and_the_old_call_is_cancelled(alice: Pbx) -> None:
    dial(alice, Call_ID="twice")
    alice.world.clock.advance(1)
    assert dial(alice, Call_ID="twice").code == 503
    assert (channels(alice.world), alice.world.causes(), len(lines(alice.world, "cx"))) == (1, ["repeated"], 1)


def test_O5_the_tenant_goes_out_and_what_the_PBX_says_does_not(alice: Pbx) -> None:
    sent = dial(alice, X_Tenant="someone-else").leg.message
    assert sent.all("X-Tenant") == ["acme"]
    assert [sent.get(name) for name in ("Authorization", "Proxy-Authorization", "Route")] == [None] * 3


def test_O5_a_credential_without_a_tenant_names_none(bob: Pbx) -> None:
    assert dial(bob, X_Tenant="acme").leg.message.all("X-Tenant") == []


def test_O5_the_first_line_of_a_call_says_what_the_record_needs(alice: Pbx) -> None:
    dial(alice)
    (line,) = lines(alice.world, "s")
    named = {name: line[name] for name in ("d", "u", "cr", "n", "tn", "f", "to", "a", "ft", "em")}
    assert named == {
        **{"d": "out", "u": "alice", "cr": "cr-alice", "n": None, "tn": "acme", "f": "alice"},
        **{"to": "+12125550123", "a": "127.0.17.20:5062", "ft": "f", "em": 0},
    }


def test_F2_an_attempt_that_was_refused_is_one_line(alice: Pbx) -> None:
    for _ in range(2):
        dial(alice)
    refused = lines(alice.world, "e")
    assert [(line["by"], line["code"], line["rule"], line["cause"], line["to"]) for line in refused] == [
        ("gateway", 503, "O2", "rate", "+12125550123")
    ]


def test_F2_a_call_that_cannot_be_recorded_does_not_go_out(alice: Pbx) -> None:
    (alice.world.home / "journal").write_text("a file where the folder should be")
    line = dial(alice)
    assert (line.code, line.reply and line.reply.retry_after) == (503, 60)
    assert (line.sent, channels(alice.world), line.call) == ([], 0, None)


def test_R3_a_phone_may_not_call(alice: Pbx) -> None:
    alice.world.stored(("user_agent", ("u1", "phone", "Yealink*")))
    alice.world.tick()
    alice.user_agent = "Yealink T46"
    assert (dial(alice).code, alice.world.causes(), channels(alice.world)) == (403, ["phone"], 0)


def test_O6_without_a_live_core_the_PBX_comes_later(alice: Pbx) -> None:
    alice.world.gateways.clear()
    refused = dial(alice)
    assert (refused.code, refused.reply and refused.reply.retry_after, alice.world.causes()) == (503, 60, ["no_core"])
    alice.world.gateways[1] = [f"sip:{OTHER_CORE.address}:5060"]
    assert dial(alice).leg.to == OTHER_CORE


def test_nobody_was_dialled(alice: Pbx) -> None:
    reply = alice.request("INVITE")
    assert (reply.code, alice.world.causes(), channels(alice.world)) == (404, ["nobody_dialled"], 0)
    assert dial(alice).code == 0


def test_a_call_that_cannot_be_sent_gives_its_slot_back(alice: Pbx) -> None:
    alice.world.ksr.unreachable.add(CORE.address)
    assert (dial(alice).code, channels(alice.world)) == (503, 0)
    assert [line["cause"] for line in lines(alice.world, "e")] == ["not_sent"]


def test_O6_a_core_that_this_machine_cannot_send_to_is_skipped(alice: Pbx) -> None:
    world = with_cores(alice.world, CORE, OTHER_CORE)
    world.ksr.unreachable.add(CORE.address)
    line = dial(alice)
    assert (line.code, line.leg.to, channels(world)) == (0, OTHER_CORE, 1)
    assert line.call is not None
    assert line.call.callee == f"{OTHER_CORE.address}:{OTHER_CORE.port}"
    assert line.answer("200 OK") == 200


def test_O2_a_call_that_never_goes_out_spends_no_token(alice: Pbx) -> None:
    world = alice.world
    line = answered(alice)
    world.clock.advance(5)
    assert dial(alice, Call_ID=line.invite.one("Call-ID")).code == 503
    assert dial(alice).code == 0
    world.clock.advance(5)
    world.ksr.unreachable.add(CORE.address)
    assert dial(alice).code == 503
    world.ksr.unreachable.discard(CORE.address)
    assert dial(alice).code == 0


def test_O6_a_call_that_is_refused_takes_no_cores_turn(alice: Pbx, monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[Any] = []
    relay = alice.world.worker._outbound._relay
    select = relay._select
    monkeypatch.setattr(relay, "_select", lambda *which: (turns.append(which), select(*which))[1])
    assert [dial(alice).code for _ in range(3)] == [0, 503, 503]
    assert len(turns) == 1


def test_F2_a_call_of_a_disabled_credential_has_a_record(alice: Pbx) -> None:
    world = alice.world
    world.credential("alice", enabled=False, tenant="acme")
    world.tick()
    line = dial(alice)
    assert (line.code, line.reply and line.reply.retry_after) == (503, 300)
    assert [(end["rule"], end["cause"], end["tn"]) for end in lines(world, "e")] == [("R2", "disabled", "acme")]
