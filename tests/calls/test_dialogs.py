"""What happens within a call, and every way it can end (rules W3, W4, B4, O3)."""

from dataclasses import replace
from typing import Any

import pytest

from tests.calls.carrier import Carrier
from tests.sip.agent import UserAgent
from tests.sip.caller import Pbx
from tests.sip.dialogs import Routing
from tests.sip.message import token
from tests.sip.outgoing import OutgoingCall
from tests.sip.scripts import Step, answers, answers_after_early_media, forks, rings
from tests.sip.waiting import until


@pytest.fixture
def pbx(crowd: Carrier) -> Pbx:
    return crowd.pbx()


def _answered(crowd: Carrier, pbx: Pbx, **dial: object) -> OutgoingCall:
    call = pbx.call(crowd.subscriber(answers()), **dial)
    call.until_answered()
    return call


@pytest.mark.parametrize("method", ["INVITE", "UPDATE", "INFO", "REFER", "OPTIONS", "MESSAGE", "NOTIFY"])
def test_requests_within_a_call_pass_both_ways(crowd: Carrier, pbx: Pbx, method: str) -> None:
    call = _answered(crowd, pbx)
    there = crowd.cores["nw1"].calls[-1]
    expected = 202 if method == "REFER" else 200
    assert call.request(method).until_final().status == expected
    assert there.request(method).until_final().status == expected
    there.hang_up()
    there.until_gone()
    assert call.ended_by == "them"
    crowd.until_free("nw1", 5)


def test_PRACK_and_early_media(crowd: Carrier, pbx: Pbx) -> None:
    call = pbx.call(crowd.subscriber(answers_after_early_media(0.3)), reliable=True)
    call.until_answered()
    assert 183 in [response.status for response in call.responses]
    there = crowd.cores["nw1"].calls[-1]
    until(lambda: there.requests, 10, "the PRACK")
    assert [request.method for request in there.requests] == ["PRACK"]
    call.hang_up()
    call.until_gone()


@pytest.mark.parametrize("routing", [Routing.LOOSE, Routing.STRICT])
def test_a_PBX_that_routes_in_its_own_way_hangs_up(crowd: Carrier, routing: Routing) -> None:
    call = _answered(crowd, crowd.pbx(), routing=routing)
    call.hang_up()
    call.until_gone()
    assert call.bye_code == 200
    crowd.until_free("nw1", 5)


def test_O3_copies_of_one_INVITE_are_one_call(crowd: Carrier, pbx: Pbx) -> None:
    core = crowd.cores["nw1"]
    before = len(core.calls)
    call = _answered(crowd, pbx, copies=20)
    assert len(core.calls) == before + 1
    until(lambda: crowd.channels("nw1") == 1, 3, "it counts once")
    call.hang_up()
    call.until_gone()
    crowd.until_free("nw1", 5)


def test_O3_forked_answers_leak_nothing(crowd: Carrier, pbx: Pbx) -> None:
    call = pbx.call(crowd.subscriber(forks(3, 0.1)))
    call.until_answered()
    until(lambda: len(call.dialogs) == 3, 5, "three answers")
    assert call.request("INFO").until_final().status == 200
    until(lambda: crowd.channels("nw1") == 1, 3, "it counts once")
    call.hang_up()
    call.until_gone()
    crowd.until_free("nw1", 5)


def test_O3_a_cancel_that_crosses_the_answer_leaks_nothing(crowd: Carrier, pbx: Pbx) -> None:
    call = pbx.call(crowd.subscriber(replace(rings(), heeds_cancel=False)))
    call.until_ringing()
    call.cancel()
    crowd.cores["nw1"].calls[-1].play(Step(0, 200, session=True))
    call.until_gone()
    late = _answered(crowd, pbx)
    late.cancel_anyway().until_final()
    assert late.request("INFO").until_final().status == 200
    late.hang_up()
    late.until_gone()
    crowd.until_free("nw1", 5)


def test_O3_a_cancelled_call_gives_its_slot_back(crowd: Carrier, pbx: Pbx) -> None:
    call = pbx.call(crowd.subscriber(rings()))
    call.until_ringing()
    call.cancel()
    call.until_gone()
    assert call.code == 487
    record = crowd.cdr(call.dial.call_id)
    assert (record["code"], record["ended_by"], record["answered_at"]) == (487, "caller", None)
    crowd.until_free("nw1", 5)


def test_W4_a_request_of_no_known_call_goes_nowhere(crowd: Carrier, pbx: Pbx) -> None:
    call = _answered(crowd, pbx)
    there = crowd.cores["nw1"].calls[-1]
    for method in ("INVITE", "BYE", "INFO", "OPTIONS"):
        message = pbx.message(method, "sip:+1@elsewhere", "<sip:a@b>", "<sip:b@a>;tag=none", "no-such-call", "tag", 9)
        assert pbx.send_request(message, pbx.gateway).until_final().status == 481
    assert there.requests == []
    call.hang_up()
    call.until_gone()


def test_W4_between_a_core_and_a_bound_PBX_a_request_of_a_lost_call_passes(crowd: Carrier, pbx: Pbx) -> None:
    core = crowd.cores["nw1"]
    there, here = (core.address, core.port), (pbx.address, pbx.port)

    def ask(sender: UserAgent, target: tuple[str, int]) -> tuple[int, bool]:
        """The answer, and whether the other side gave it."""
        call_id = token()
        uri, tagged = f"sip:x@{target[0]}:{target[1]}", "<sip:b@a>;tag=none"
        route = (("Route", f"<sip:{pbx.gateway[0]};lr>"),)
        message = pbx.message("INFO", uri, "<sip:a@b>", tagged, call_id, "tag", 9, route)
        message = message.having("Via", f"SIP/2.0/UDP {sender.via};rport;branch=z9hG4bK{call_id}")
        status = sender.send_request(message, pbx.gateway).until_final().status
        other = core if sender is pbx else pbx
        return status, any(each.one("Call-ID") == call_id for each in other.requests)

    assert (ask(pbx, there), ask(core, here)) == ((481, False), (481, False))
    assert pbx.register().status == 200
    until(lambda: ask(pbx, there)[1], 5, "the timer process knows the binding")
    assert ask(core, here)[1]
    victim = crowd.network.core()
    assert ask(pbx, (victim.address, victim.port)) == (481, False)
    assert ask(core, (victim.address, victim.port)) == (481, False)
    victim.close()


def test_O5_nothing_within_a_call_shows_a_proof_or_names_a_tenant(crowd: Carrier, pbx: Pbx) -> None:
    call = _answered(crowd, pbx)
    there = crowd.cores["nw1"].calls[-1]
    proof = 'Digest username="x"'
    own = (("Authorization", proof), ("Proxy-Authorization", proof), ("X-Tenant", "somebody"))
    assert call.request("INFO", own).until_final().status == 200
    seen = there.requests[-1]
    assert (seen.method, [name for name, _ in own if seen.get(name) is not None]) == ("INFO", [])
    call.hang_up()
    call.until_gone()


def test_O3_a_PBX_does_not_hang_up_in_the_cores_name(crowd: Carrier, pbx: Pbx) -> None:
    """The slot would come back while the core's call goes on."""
    call = _answered(crowd, pbx)
    there = crowd.cores["nw1"].calls[-1]
    (dialog,) = call.dialogs
    name, _, own = dialog.remote.rpartition(";tag=")
    bye = pbx.message("BYE", f"sip:x@{pbx.address}:{pbx.port}", name, dialog.local, call.call_id, own, 9)
    assert pbx.send_request(bye, pbx.gateway).until_final().status == 481
    there.hang_up()
    there.until_gone()
    assert call.ended_by == "them"
    crowd.until_free("nw1", 5)


def test_W4_a_Route_within_a_call_does_not_lead_away(crowd: Carrier, pbx: Pbx) -> None:
    """The request still goes to the call's other side."""
    call = _answered(crowd, pbx)
    victim = crowd.network.core()
    gateway = f"<sip:{pbx.gateway[0]};lr>"
    routed = call.request("INFO", (("Route", gateway), ("Route", f"<sip:{victim.address}:{victim.port};lr>")))
    routed.until_final()
    assert victim.requests == []
    call.hang_up()
    call.until_gone()
    victim.close()


def _shown(crowd: Carrier, call: OutgoingCall, state: str) -> dict[str, Any]:
    """The call in the list, once it is shown in this state."""
    wanted = (call.dial.call_id, state)
    rows = lambda: crowd.service.api.rows("/v1/calls")  # noqa: E731
    return until(lambda: [row for row in rows() if (row["call_id"], row["state"]) == wanted], 5, f"it is {state}")[0]


def test_an_administrator_ends_a_call_with_a_BYE_to_both_sides(crowd: Carrier, pbx: Pbx) -> None:
    call = _answered(crowd, pbx)
    there = crowd.cores["nw1"].calls[-1]
    api = crowd.service.api
    api.send("DELETE", f"/v1/calls/{_shown(crowd, call, 'answered')['id']}")
    until(lambda: call.bye and there.bye, 3, "both sides get a BYE")
    assert crowd.cdr(call.dial.call_id)["ended_by"] == "administrator"
    crowd.until_free("nw1", 5)
    ringing = pbx.call(crowd.subscriber(rings()))
    ringing.until_ringing()
    api.send("DELETE", f"/v1/calls/{_shown(crowd, ringing, 'ringing')['id']}")
    ringing.until_ended()
    assert ringing.code == 487
    crowd.until_free("nw1", 5)
