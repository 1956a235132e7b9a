"""O4: emergency calls pass O2, O3 and blocks; they are authenticated, and have a limit of their own."""

from tests.calls.carrier import Carrier
from tests.sip.caller import codes, until_decided
from tests.sip.digest import Login
from tests.sip.scripts import answers, rings
from tests.sip.waiting import undivided, until


def test_O4_emergency_calls_pass_when_all_channels_are_taken(crowd: Carrier) -> None:
    pbx = crowd.pbx()
    held = pbx.call_many([crowd.subscriber(rings())] * 101)
    until(lambda: codes(held).get(503) == 1 and sum(call.rang is not None for call in held) == 100, 20, "100 ring")
    crowd.expect("911", answers())
    urgent = pbx.call_many(["911"] * 10)
    until_decided(urgent, 10, 20)
    assert codes(urgent) == {200: 10}
    eleventh = pbx.call("911")
    eleventh.until_ended()
    assert (eleventh.code, bool(eleventh.retry_after)) == (503, True)
    assert crowd.cdr(eleventh.dial.call_id)["rule"] == "O4"
    pbx.hang_up_all()
    crowd.until_free("nw1")


def test_O4_emergency_calls_pass_the_pace(carrier: Carrier) -> None:
    pbx = carrier.pbx()
    carrier.expect("112", answers(hold=0.1))
    calls = pbx.call_many(["112"] * 5)
    until_decided(calls, 5, 10)
    assert codes(calls) == {200: 5}


def test_O4_a_blocked_PBX_reaches_911_and_a_wrong_password_counts_there_too(carrier: Carrier) -> None:
    """Forty wrong passwords, all with 911, block (address, credential); the right one then still gets through."""
    pbx = carrier.pbx()
    carrier.expect("911", answers(hold=0.1))
    wrong = Login(pbx.login.username, "not-the-password")
    undivided()
    while not carrier.service.blocks(pbx.address):
        call = pbx.call("911", login=wrong)
        call.until_ended()
        assert call.code in (407, 429)
        assert len(pbx.placed) < 200
    ordinary = pbx.call(carrier.subscriber())
    ordinary.until_ended()
    assert ordinary.code in (429, None)
    help_call = until(lambda: _answered(pbx.call("911")), 5, "911 is answered")
    assert help_call


def _answered(call: object) -> bool:
    call.until_ended()  # type: ignore[attr-defined]
    return call.code == 200  # type: ignore[attr-defined]
