"""The two user agents of the toolkit under odd conditions: what they count, ignore, forget, and let a test send."""

import time
from itertools import pairwise

import pytest

from tests.sip.call import Exchange
from tests.sip.caller import Pbx, codes, until_decided, until_over
from tests.sip.conftest import QUICK
from tests.sip.core import Core
from tests.sip.dialogs import request_uri
from tests.sip.message import Message
from tests.sip.network import Network
from tests.sip.scripts import SILENCE, Step, answers, refuses, rings, stays_silent
from tests.sip.tally import Tally
from tests.sip.waiting import until


def answered(exchange: Exchange) -> int | None:
    """The final code, None when the transaction gave up."""
    until(lambda: exchange.final or exchange.timed_out, 5, "the transaction ends")
    return exchange.final.status if exchange.final else None


def test_the_core_calls_the_pbx(pbx: Pbx, core: Core) -> None:
    pbx.script = answers(0.1, ring=0.02)
    call = core.call((pbx.address, pbx.port), "+12125550123", caller="+13055550100")
    call.until_answered()
    there = pbx.calls[0]
    assert (there.dialled, there.caller) == ("+12125550123", "+13055550100")
    assert call.post_dial_delay is not None
    assert call.setup_time is not None
    assert 0.01 < call.post_dial_delay < call.setup_time
    assert call.setup_time >= 0.1
    there.hang_up()
    there.until_gone()
    assert (call.ended_by, there.bye_code) == ("them", 200)


@pytest.mark.parametrize("code", [486, 603, 480])
def test_the_pbx_refuses(pbx: Pbx, core: Core, code: int) -> None:
    pbx.script = refuses(code)
    call = core.call((pbx.address, pbx.port), "+12125550123")
    call.until_ended()
    assert call.code == code


def test_a_tally_counts_by_kind_over_several_cores(network: Network, pbx: Pbx) -> None:
    tally = Tally(lambda invite: invite.one("X-Tenant"))
    cores = [network.core(tally=tally, timers=QUICK) for _ in range(2)]
    calls = [
        pbx.call(targets=[(core.address, core.port)], headers=(("X-Tenant", tenant),))
        for core, tenant in zip(cores * 3, "aababb", strict=True)
    ]
    until_decided(calls, 6, 5)
    assert (tally.count, dict(tally.counts)) == (6, {"a": 3, "b": 3})
    calls[0].hang_up()
    pbx.hang_up_all()
    until_over(calls, 5)
    assert (tally.count, tally.highest, dict(tally.highests)) == (0, 6, {"a": 3, "b": 3})
    for core in cores:
        core.close()


def test_the_count_falls_before_the_other_end_hears_of_it(pbx: Pbx, core: Core) -> None:
    core.script = refuses(486)
    for _ in range(50):
        call = pbx.call()
        call.until_ended()
        assert core.in_progress == 0


def test_silence_within_and_outside_of_dialogs(pbx: Pbx, core: Core) -> None:
    call = pbx.call()
    call.until_answered()
    gateway = pbx.gateway
    core.outside["OPTIONS"] = SILENCE
    assert answered(pbx.options()) is None
    assert answered(call.request("OPTIONS")) == 200
    core.within["OPTIONS"] = SILENCE
    core.fail_probes(503)
    assert answered(pbx.options(gateway)) == 503
    assert answered(call.request("OPTIONS")) is None


def test_a_dead_core_answers_nothing_until_it_is_revived(pbx: Pbx, core: Core) -> None:
    call = pbx.call()
    call.until_answered()
    until(lambda: core.calls[0].acked, 5, "the core has the ACK")
    core.die()
    assert answered(call.request("OPTIONS")) is None
    core.revive()
    assert answered(call.request("OPTIONS")) == 481
    assert (core.in_progress, core.calls[0].ended_by) == (0, "nobody")


def test_a_stopped_core_keeps_what_it_knows(pbx: Pbx, core: Core) -> None:
    call = pbx.call()
    call.until_answered()
    until(lambda: core.calls[0].acked, 5, "the core has the ACK")
    core.stop()
    assert answered(call.request("OPTIONS")) is None
    core.start()
    assert answered(call.request("OPTIONS")) == 200
    assert core.in_progress == 1


def test_a_single_call_is_forgotten(pbx: Pbx, core: Core) -> None:
    calls = [pbx.call(), pbx.call()]
    until_decided(calls, 2, 5)
    core.forget_call(core.calls[0])
    assert [answered(call.request("OPTIONS")) for call in calls] == [481, 200]


def test_an_answer_that_the_pbx_never_acknowledges_is_hung_up(pbx: Pbx, core: Core) -> None:
    call = pbx.call(acknowledges=False)
    call.until_answered()
    call.until_ended()
    assert (call.ended_by, core.calls[0].unacknowledged, core.calls[0].acked) == ("them", True, None)


def test_odd_things_are_sent_as_they_are(pbx: Pbx, core: Core) -> None:
    headers = (
        ("Route", "<sip:192.0.2.1;lr>"),
        ("X-Tenant", "not-mine"),
        ("P-Asserted-Identity", "<sip:+1@x>"),
        ("Max-Forwards", "3"),
    )
    pbx.call("+1", headers=headers, uri="sip:+2@192.0.2.2", cseq=7, call_id="mine").until_answered()
    invite = core.calls[0].invite
    assert [invite.one(name) for name, _ in headers] == [value for _, value in headers]
    assert (request_uri(invite), invite.one("CSeq"), invite.one("Call-ID")) == ("sip:+2@192.0.2.2", "7 INVITE", "mine")


def test_a_foreign_to_tag_is_481(pbx: Pbx, core: Core) -> None:
    call = pbx.call(to_tag="foreign")
    call.until_ended()
    assert (call.code, len(core.calls)) == (481, 0)


def test_the_same_invite_over_another_path_is_no_second_call(pbx: Pbx, core: Core) -> None:
    core.script = rings()
    call = pbx.call()
    call.until_ringing()
    via = f"SIP/2.0/UDP {pbx.via};rport;branch=z9hG4bKother"
    assert answered(pbx.send_request(call.invite.having("Via", via), pbx.gateway)) == 482
    assert core.highest == 1
    call.cancel()


def test_a_cancel_of_nothing_is_481(pbx: Pbx, core: Core) -> None:
    core.script = stays_silent()
    call = pbx.call()
    other = call.invite.having("Via", f"SIP/2.0/UDP {pbx.via};rport;branch=z9hG4bKother").having("CSeq", "1 CANCEL")
    cancel = Message(other.start.replace("INVITE", "CANCEL", 1), other.headers)
    assert answered(pbx.send_request(cancel, pbx.gateway)) == 481


def test_a_call_is_answered_by_hand(pbx: Pbx, core: Core) -> None:
    core.script = rings()
    call = pbx.call()
    call.until_ringing()
    core.calls[0].play(Step(0, 200, session=True))
    call.until_answered()


def test_an_impatient_caller_cancels(pbx: Pbx, core: Core) -> None:
    core.script = rings()
    call = pbx.call(patience=0.1)
    call.until_ended()
    assert (call.code, call.ended_by) == (487, "us")


def test_calls_begin_at_their_moments(pbx: Pbx) -> None:
    moments = [0.0, 0.1, 0.2, 0.3]
    began = time.time()
    calls = pbx.call_many(["+12125550123"] * 4, at=moments, hold=0.05)
    until_decided(calls, 4, 5)
    until_over(calls, 5)
    assert all(call.started - began >= moment - 0.01 for call, moment in zip(calls, moments, strict=True))
    assert codes(calls) == {200: 4}


def test_calls_in_turn_are_not_bunched_by_a_stall(pbx: Pbx) -> None:
    calls = pbx.call_in_turn(["+12125550123"] * 4, 0.1, hold=0.05)
    pbx.do(lambda: time.sleep(0.35))
    until_decided(calls, 4, 5)
    until_over(calls, 5)
    assert all(later.started - earlier.started > 0.099 for earlier, later in pairwise(calls))
