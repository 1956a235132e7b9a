"""C4: calls go out with both passwords for a while, also of a PBX that has never registered."""

from tests.calls.carrier import Carrier
from tests.sip.call import Call
from tests.sip.scripts import answers
from tests.sip.target import Credential
from tests.sip.waiting import until


def called(carrier: Carrier, credential: Credential) -> int:
    """The final code of one short call."""
    call: Call = carrier.pbx(credential=credential).call(carrier.subscriber(answers(hold=0.0)))
    call.until_ended()
    return call.code


def test_C4_both_passwords_call_until_the_old_one_is_ended(crowd: Carrier) -> None:
    service = crowd.service
    old = service.new_credential()
    assert called(crowd, old) == 200
    new = service.rotate(old, 3600)
    assert called(crowd, old) == 200
    assert service.shown(old)["new_password_seen_at"] is None
    assert called(crowd, new) == 200
    until(lambda: service.shown(old)["new_password_seen_at"], 5, "the call was a use of the new password")
    service.end_grace(old)
    assert [called(crowd, credential) for credential in (old, new)] == [407, 200]


def test_C4_the_old_password_calls_until_its_time_is_over(crowd: Carrier) -> None:
    old = crowd.service.new_credential()
    new = crowd.service.rotate(old, 8)
    assert called(crowd, old) == 200
    until(lambda: called(crowd, old) == 407, 12, "the old password has ended")
    assert called(crowd, new) == 200
