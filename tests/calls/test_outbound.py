"""Calls out: who may, what the core sees, and to which core (rules O1, O5, O6, R2, R3, R8)."""

import time

import pytest

from tests.calls.carrier import Carrier
from tests.sip.core import Core
from tests.sip.message import Message
from tests.sip.scripts import answers, refuses, stays_silent
from tests.sip.waiting import at, until


def _invite_at(core: Core, dialled: str) -> Message:
    return until(lambda: [call.invite for call in core.calls if call.dialled == dialled], 5, "the core has it")[0]


def test_O1_O5_what_the_core_sees_of_a_call(carrier: Carrier) -> None:
    api = carrier.service.api
    api.send("POST", "/v1/tenants", {"account_id": "acme-42", "name": "Acme"})
    credential = carrier.service.new_credential()
    api.send("PATCH", f"/v1/credentials/{credential.id}", {"tenant": "acme-42"})
    carrier.service.settled()
    pbx, dialled = carrier.pbx(credential=credential), carrier.subscriber(answers())
    identity = "<sip:+14155550199@example.net>"
    call = pbx.call(
        dialled, caller="+14155550198", headers=(("X-Tenant", "somebody-else"), ("P-Asserted-Identity", identity))
    )
    call.until_answered()
    invite = _invite_at(carrier.cores["nw1"], dialled)
    assert invite.all("X-Tenant") == ["acme-42"]
    assert invite.get("Authorization") is None
    assert invite.get("Proxy-Authorization") is None
    assert "sip:+14155550198@" in invite.one("From")
    assert invite.one("P-Asserted-Identity") == identity
    core = carrier.cores["nw1"]
    assert invite.start == f"INVITE sip:{dialled}@{core.address}:{core.port} SIP/2.0"
    assert invite.one("Max-Forwards") == "69"
    call.hang_up()
    call.until_gone()
    record = carrier.cdr(call.dial.call_id)
    assert (record["tenant"], record["credential"], record["code"]) == ("acme-42", credential.id, 200)
    assert (record["caller"], record["callee"], record["ended_by"]) == ("+14155550198", dialled, "caller")


def test_O5_a_credential_without_tenant_sends_none(carrier: Carrier) -> None:
    pbx, dialled = carrier.pbx(), carrier.subscriber(answers(hold=0.1))
    pbx.call(dialled, headers=(("X-Tenant", "somebody"),)).until_answered()
    assert _invite_at(carrier.cores["nw1"], dialled).get("X-Tenant") is None


def test_O1_stolen_credentials_call_from_nowhere_else_while_the_PBX_is_registered_anywhere(carrier: Carrier) -> None:
    credential = carrier.service.new_credential()
    owner = carrier.pbx("se1", credential)
    assert owner.register().status == 200
    thief = carrier.pbx("nw1", credential)
    until(lambda: thief.leave().status == 503, 5, "the other region knows of the binding")
    assert thief.register().status == 503
    call = thief.call(carrier.subscriber())
    call.until_ended()
    assert (call.code, call.retry_after) == (403, None)
    refused = until(
        lambda: [row for row in carrier.service.events(credential) if row.rule == "O1"], 5, "an event of the call"
    )[0]
    second = next(row for row in carrier.service.events(credential) if row.rule == "R6")
    for event in (refused, second):
        assert owner.address in event.sentence
        assert thief.address in event.sentence
    assert carrier.cdr(call.dial.call_id)["rule"] == "O1"
    own = owner.call(carrier.subscriber(answers()))
    own.until_answered()
    own.hang_up()
    own.until_gone()


def test_R2_R3_who_is_refused_after_the_password(carrier: Carrier) -> None:
    credential = carrier.service.new_credential()
    phone = carrier.pbx(credential=credential, user_agent="Yealink SIP-T46S 66.85.0.5")
    call = phone.call(carrier.subscriber())
    call.until_ended()
    assert (call.code, carrier.cdr(call.dial.call_id)["rule"]) == (403, "R3")
    carrier.service.disable(credential)
    call = carrier.pbx(credential=credential).call(carrier.subscriber())
    call.until_ended()
    assert (call.code, call.retry_after) == (503, 300)


def test_a_credential_with_live_calls_is_deleted(carrier: Carrier) -> None:
    """The call goes on, the next is refused like a stranger's."""
    credential = carrier.service.new_credential()
    pbx = carrier.pbx(credential=credential)
    call = pbx.call(carrier.subscriber(answers()))
    call.until_answered()
    carrier.service.delete(credential)
    following = pbx.call(carrier.subscriber())
    following.until_ended()
    assert following.code == 407
    assert call.request("INFO").until_final().status == 200
    call.hang_up()
    call.until_gone()
    assert call.bye_code == 200


@pytest.mark.parametrize("code", [302, 404, 486, 500, 600, 603])
def test_a_refusal_of_the_core_is_the_PBXs(carrier: Carrier, code: int) -> None:
    call = carrier.pbx().call(carrier.subscriber(refuses(code, 0.3, ring=0.01)))
    call.until_ended()
    assert call.code == code
    record = carrier.cdr(call.dial.call_id)
    assert (record["code"], record["ended_by"], record["rule"]) == (code, "callee", None)
    assert record["rang_at"] is not None


class Pair:
    """Two cores in nw1: the carrier's own, and another that fails."""

    def __init__(self, carrier: Carrier) -> None:
        self.carrier = carrier
        self.other = carrier.network.core(script=answers())
        row = {"region": "nw1", "address": self.other.address, "port": self.other.port}
        self.id = carrier.service.api.one("POST", "/v1/cores", row)["id"]
        carrier.service.settled()
        until(lambda: any(each.method == "OPTIONS" for each in self.other.requests), 15, "it is probed")

    def close(self) -> None:
        self.carrier.service.api.send("DELETE", f"/v1/cores/{self.id}")
        self.carrier.service.settled()
        self.other.close()


def test_O6_round_robin_and_failover_before_the_PBX_hears_of_it(carrier: Carrier) -> None:
    pair = Pair(carrier)
    try:
        dialled = carrier.subscriber(answers(hold=0.05))
        for _ in range(4):
            carrier.pbx().call(dialled).until_answered()
        assert [len([call for call in core.calls if call.dialled == dialled]) for core in _both(pair)] == [2, 2]
        pair.other.script = refuses(503)
        for _ in range(4):
            carrier.pbx().call(dialled).until_answered()
        pair.other.script = stays_silent()
        slowest = 0.0
        for _ in range(2):
            began = time.monotonic()
            carrier.pbx().call(dialled).until_answered()
            slowest = max(slowest, time.monotonic() - began)
        assert slowest < 20
    finally:
        pair.close()


def test_O6_a_core_that_has_died_is_left_out_until_it_is_back(carrier: Carrier) -> None:
    """Two probes, 5 s apart, that it does not answer within 4 s."""
    pair = Pair(carrier)
    try:
        dialled = carrier.subscriber(answers(hold=0.05))
        pair.other.die()
        until(lambda: _is_left_out(pair, dialled), 30, "the dead core is found by its probes")
        begun = time.monotonic()
        for second in range(12):
            at(begun + second)
            assert _is_left_out(pair, dialled, 1), f"called again after {second} s"
        pair.other.revive()
        until(lambda: _is_called(pair, dialled), 15, "it is called again", 0.5)
    finally:
        pair.close()


def _is_called(pair: Pair, dialled: str) -> bool:
    """By the newer of two calls at most."""
    return _is_left_out(pair, dialled, 2) and bool(pair.other.calls)


def _both(pair: Pair) -> tuple[Core, Core]:
    return pair.carrier.cores["nw1"], pair.other


def _is_left_out(pair: Pair, dialled: str, calls: int = 3) -> bool:
    """So many calls in a row are answered at once."""
    for _ in range(calls):
        call = pair.carrier.pbx().call(dialled)
        call.until_answered()
        if (call.setup_time or 9.0) > 3.5:
            return False
    return True


def test_O6_R8_without_a_core_that_answers_the_call_is_for_later(carrier: Carrier) -> None:
    core = carrier.cores["se1"]
    for script in (refuses(503), refuses(408)):
        call = carrier.pbx("se1").call(carrier.subscriber(script))
        call.until_ended()
        assert (call.code, bool(call.retry_after)) == (503, True)
        assert carrier.cdr(call.dial.call_id)["rule"] == "O6"
        until(lambda: _takes_calls(carrier), 20, "the probes bring the core back", 1.0)
    assert core.in_progress == 0


def _takes_calls(carrier: Carrier) -> bool:
    call = carrier.pbx("se1").call(carrier.subscriber(answers(hold=0.0)))
    call.until_ended()
    return call.code == 200
