"""Calls of the toolkit: a PBX calls a core without a service between them."""

from collections.abc import Callable
from dataclasses import replace
from itertools import groupby

import pytest

from tests.sip.call import Call
from tests.sip.caller import Pbx, codes, until_decided, until_over
from tests.sip.conftest import LOGIN
from tests.sip.core import Core
from tests.sip.digest import Login, ha1, parameters, response
from tests.sip.endpoint import Timers
from tests.sip.message import Message
from tests.sip.network import Network
from tests.sip.scripts import (
    Script,
    Step,
    answers,
    answers_after_early_media,
    forks,
    redirects,
    refuses,
    rings,
    stays_silent,
)
from tests.sip.waiting import until

CHALLENGE = 'Digest realm="r", nonce="n1", qop="auth"'


def challenging(then: Script) -> Callable[[Message], Script]:
    """407 unless the INVITE proves the password."""

    def choose(invite: Message) -> Script:
        value = invite.get("Proxy-Authorization")
        if value is not None:
            sent = parameters(value)
            secret = ha1(LOGIN.username, "r", LOGIN.password)
            proof = response(secret, "INVITE", sent["uri"], parameters(CHALLENGE), nc=sent["nc"], cnonce=sent["cnonce"])
            if sent["response"] == proof:
                return then
        return refuses(407, headers=(("Proxy-Authenticate", CHALLENGE),))

    return choose


def test_a_call_rings_is_answered_and_hung_up_by_the_caller(pbx: Pbx, core: Core) -> None:
    core.script = answers(0.1, ring=0.05)
    call = pbx.call("+12125550123", headers=(("X-Tenant", "mine"),))
    call.until_ringing()
    call.until_answered()
    there = core.calls[0]
    assert (there.dialled, there.caller, there.invite.one("X-Tenant")) == ("+12125550123", "+14155550100", "mine")
    assert (core.in_progress, core.highest) == (1, 1)
    call.hang_up()
    call.until_gone()
    assert (core.in_progress, there.ended_by, call.ended_by, call.code) == (0, "them", "us", 200)


def test_the_core_hangs_up(pbx: Pbx, core: Core) -> None:
    call = pbx.call()
    call.until_answered()
    core.calls[0].hang_up()
    core.calls[0].until_gone()
    assert (call.ended_by, core.in_progress) == ("them", 0)


def test_the_core_hangs_up_after_a_while(pbx: Pbx, core: Core) -> None:
    core.script = answers(hold=0.1)
    call = pbx.call()
    call.until_ended()
    there = core.calls[0]
    assert there.acked is not None
    assert (there.ended - there.acked if there.ended else 0) >= 0.09


def test_a_challenge_is_answered_once(pbx: Pbx, core: Core) -> None:
    core.script = challenging(answers())
    call = pbx.call(cseq=4000)
    call.until_answered()
    assert call.invite.one("CSeq") == "4001 INVITE"
    assert core.highest == 1
    wrong = pbx.call(login=Login("alice", "wrong"))
    wrong.until_ended()
    assert (wrong.code, len(wrong.refusals)) == (407, 1)


@pytest.mark.parametrize("script", [refuses(486, ring=0.0), refuses(603, 0.05), redirects("<sip:1@127.0.0.1>")])
def test_refusals_end_the_call(pbx: Pbx, core: Core, script: Script) -> None:
    core.script = script
    call = pbx.call()
    call.until_ended()
    assert call.code == script.steps[-1].code
    assert (call.ended_by, core.in_progress, core.highest) == ("them", 0, 1)


def test_a_ringing_call_is_cancelled(pbx: Pbx, core: Core) -> None:
    core.script = rings()
    call = pbx.call()
    call.until_ringing()
    call.cancel()
    call.until_ended()
    assert (call.code, core.calls[0].cancelled, core.in_progress) == (487, True, 0)


def test_an_answer_that_crosses_the_cancel_is_hung_up(pbx: Pbx, core: Core) -> None:
    core.script = replace(rings(), heeds_cancel=False)
    call = pbx.call()
    call.until_ringing()
    call.cancel()
    core.calls[0].play(Step(0, 200, session=True))
    until(lambda: call.bye_exchange, 5, "the caller sends a BYE")
    call.until_gone()
    assert (call.code, core.in_progress) == (200, 0)


def test_a_late_cancel_changes_nothing(pbx: Pbx, core: Core) -> None:
    call = pbx.call()
    call.until_answered()
    assert call.cancel_anyway().until_final().status == 200
    assert core.in_progress == 1
    assert not core.calls[0].cancelled


def test_silence_times_out(pbx: Pbx, core: Core) -> None:
    core.script = stays_silent()
    call = pbx.call()
    call.until_ended()
    assert (call.timed_out, call.code) == (True, None)


def test_every_fork_but_the_first_is_hung_up(pbx: Pbx, core: Core) -> None:
    core.script = forks(3)
    call = pbx.call()
    call.until_answered()
    there = core.calls[0]
    until(lambda: sum(dialog.ended for dialog in there.dialogs) == 2, 5, "two forks are hung up")
    assert core.in_progress == 1
    call.hang_up()
    there.until_ended()
    assert core.in_progress == 0


def test_a_reliable_provisional_answer_gets_its_prack(pbx: Pbx, core: Core) -> None:
    core.script = answers_after_early_media(0.1)
    call = pbx.call(reliable=True)
    call.until_answered()
    requests = until(lambda: core.calls[0].requests, 10, "the PRACK arrives")
    assert [request.method for request in requests] == ["PRACK"]
    assert [status for status, _ in groupby(response.status for response in call.responses)] == [100, 183, 200]


@pytest.mark.parametrize("method", ["OPTIONS", "INFO", "UPDATE", "INVITE", "REFER"])
def test_requests_within_a_call_are_answered_at_both_ends(pbx: Pbx, core: Core, method: str) -> None:
    call = pbx.call()
    call.until_answered()
    there = core.calls[0]
    until(lambda: there.acked, 5, "the ACK arrives")
    ends: list[Call] = [call, there]
    for end in ends:
        assert end.request(method).until_final().status in (200, 202)
    assert [request.method for request in there.requests] == [method]


def test_a_dialog_that_is_unknown_is_481(pbx: Pbx, core: Core) -> None:
    call = pbx.call()
    call.until_answered()
    core.revive()
    assert call.request("OPTIONS").until_final().status == 481
    assert core.in_progress == 0


def test_an_answer_that_nobody_acknowledges_is_hung_up(pbx: Pbx, core: Core) -> None:
    core.script = rings()
    call = pbx.call()
    call.until_ringing()
    pbx.silence()
    core.calls[0].play(Step(0, 200, session=True))
    core.calls[0].until_ended()
    assert core.calls[0].unacknowledged
    assert core.in_progress == 0


def test_copies_of_an_invite_are_one_call(pbx: Pbx, core: Core) -> None:
    call = pbx.call(copies=5)
    call.until_answered()
    assert (len(core.calls), core.highest) == (1, 1)


def test_a_thousand_calls_at_once(pbx: Pbx, core: Core) -> None:
    core.script, core.timers, pbx.timers = challenging(answers(0.2)), Timers(), Timers()
    calls = pbx.call_many([f"+1212555{number:04}" for number in range(1000)])
    until_decided(calls, 1000, 20)
    assert codes(calls) == {200: 1000}
    assert core.highest == 1000
    pbx.hang_up_all()
    until_over(calls, 20)
    assert core.in_progress == 0


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_is_left_when_packets_are_lost(network: Network, seed: int) -> None:
    core = network.core(script=answers(0.1, hold=0.3), timers=Timers(0.05, 0.4), loss=0.3, seed=seed)
    pbx = network.pbx([(core.address, core.port)], LOGIN, timers=Timers(0.05, 0.4), loss=0.3, seed=seed + 100)
    calls = pbx.call_many(["+12125550123"] * 200)
    until_decided(calls, 200, 60)
    until(lambda: core.in_progress == 0, 20, "the core counts none")
    assert pbx.lost > 100
    assert codes(calls)[200] > 190
    for end in (core, pbx):
        end.close()
