"""C4 on the wire: two passwords for a while, and each registration goes with the one that made it."""

from datetime import datetime
from time import time

from tests.sip.network import Network
from tests.sip.passwords import asks, last_accepted
from tests.sip.phone import Phone
from tests.sip.target import Credential
from tests.sip.turnpike import Turnpike
from tests.sip.waiting import until

OVER = "the credential was given a new password and the old one's grace period is over."


def registers(phone: Phone) -> int:
    """The status once R4 allows it."""
    status = 429

    def is_answered() -> bool:
        nonlocal status
        status = phone.register().status
        return status != 429

    until(is_answered, 10, "R4 allows it", pause=0.3)
    return status


def bound(service: Turnpike, credential: Credential) -> set[str]:
    return {binding.region for binding in service.bindings(credential)}


def withdrawals(service: Turnpike, credential: Credential) -> list[str]:
    return [event.sentence for event in service.events(credential) if event.rule == "C5"]


def pair(service: Turnpike, network: Network, grace: int) -> tuple[Credential, Phone, Phone]:
    """A PBX that is registered in the first region with its old password, and in the second with its new one."""
    old = service.new_credential()
    new = service.rotate(old, grace)
    source = network.address()
    phones = [
        network.phone(gateway, each.login, source) for gateway, each in zip(service.regions, (old, new), strict=True)
    ]
    assert [phone.register().status for phone in phones] == [200, 200]
    until(lambda: bound(service, old) == {"nw1", "se1"}, 5, "both bindings are shown")
    return old, phones[0], phones[1]


def test_C4_both_passwords_register_and_the_first_use_of_the_new_one_is_shown(
    limits_turnpike: Turnpike, network: Network
) -> None:
    service = limits_turnpike
    old = service.new_credential()
    with_old = network.phone(service.regions[0], old.login)
    assert with_old.register().status == 200
    until(lambda: service.shown(old)["new_password_seen_at"], 5, "the first password was seen")
    new = service.rotate(old, 60)
    assert registers(with_old) == 200
    assert service.shown(old)["new_password_seen_at"] is None
    with_new = network.phone(service.regions[0], new.login, with_old.address)
    assert registers(with_new) == 200
    seen = until(lambda: service.shown(old)["new_password_seen_at"], 5, "the new password was seen")
    assert datetime.fromisoformat(seen) > datetime.fromisoformat(service.shown(old)["rotated_at"])
    assert with_new.wrong().status == 401


def test_C4_the_old_password_and_what_it_registered_end_by_time(limits_turnpike: Turnpike, network: Network) -> None:
    service = limits_turnpike
    credential, with_old, with_new = pair(service, network, 10)
    end = service.old_password_ends(credential)
    assert last_accepted(with_old, 30) - end < 0.5
    assert time() >= end
    until(lambda: bound(service, credential) == {"se1"}, 1.5, "what the old password registered is gone")
    until(lambda: withdrawals(service, credential), 5, "the event is recorded")
    assert [sentence[-len(OVER) :] for sentence in withdrawals(service, credential)] == [OVER]
    assert (asks(with_new), registers(with_new)) == (200, 200)


def test_C4_a_grace_period_is_ended_at_once(limits_turnpike: Turnpike, network: Network) -> None:
    service = limits_turnpike
    credential, with_old, with_new = pair(service, network, 3600)
    assert (asks(with_old), asks(with_new)) == (200, 200)
    service.end_grace(credential)
    assert (asks(with_old), asks(with_new)) == (401, 200)
    until(lambda: bound(service, credential) == {"se1"}, 1.5, "what the old password registered is gone")
    until(lambda: withdrawals(service, credential), 5, "the event is recorded")


def test_C4_a_password_that_nobody_has_used_is_a_warning_once(limits_turnpike: Turnpike, network: Network) -> None:
    service = limits_turnpike
    credential = service.new_credential()
    new = service.rotate(credential, 3600)
    told = until(lambda: [each for each in service.events(credential) if each.rule == "C4"], 15, "the warning")
    assert service.shown(credential)["warnings"] == [told[0].sentence]
    other = service.rotate(service.new_credential(), 3600)
    until(lambda: [each for each in service.events(other) if each.rule == "C4"], 15, "another warning")
    assert len([each for each in service.events(credential) if each.rule == "C4"]) == 1
    assert network.phone(service.regions[0], new.login).register().status == 200
    until(lambda: service.shown(credential)["warnings"] == [], 5, "the new password was seen")
