"""What a PBX did with real SIP, as the timeline of its credential has it."""

from datetime import datetime
from time import monotonic
from typing import Any

from tests.diagnosis.clinic import Clinic
from tests.faults.outages import back, kill_after
from tests.sip.phone import Phone
from tests.sip.target import Credential
from tests.sip.waiting import until

Row = dict[str, Any]


def told(clinic: Clinic, credential: Credential, region: str = "nw1") -> Row:
    found = clinic.service.api.one("GET", f"/v1/credentials/{credential.id}/timeline")
    assert (found["interval"], found["granted"]) == (2, 40)
    return next(each for each in found["regions"] if each["region"] == region)


def told_when(clinic: Clinic, credential: Credential, removals: int, registrations: int = 1) -> Row:
    """The timeline of nw1, once so many registrations and ends are in it."""

    def complete() -> Row | None:
        found = told(clinic, credential)
        counts = len(found["registrations"]), len(found["removals"])
        return found if counts == (registrations, removals) else None

    found: Row = until(complete, 15, f"{registrations} registrations, {removals} removals", 0.1)
    return found


def seconds(earlier: str, later: str) -> float:
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()


def comes_and_goes(phone: Phone) -> int:
    """Registers, comes again too early, is accepted, and leaves. How often it was accepted: more than twice where the
    machine stood still for R4's two seconds.
    """
    statuses = [phone.register().status]

    def is_told(status: int) -> bool:
        statuses.append(phone.register().status)
        return statuses[-1] == status

    until(lambda: is_told(429), 10, "it comes too early", pause=0)
    until(lambda: is_told(200), 10, "R4 lets it register again", 0.5)
    assert phone.leave().status == 200
    return statuses.count(200)


def test_R4_what_was_accepted_and_refused_and_when_it_left(clinic: Clinic, credential: Credential) -> None:
    phone = clinic.phone(credential, user_agent="Asterisk PBX 22")
    found = told_when(clinic, credential, removals=1, registrations=comes_and_goes(phone))
    *_, first, second = found["registrations"]
    assert seconds(first["at"], second["at"]) >= 2, "R4's interval"
    assert first["ends_at"] == second["at"]
    (removal,) = found["removals"]
    assert removal == {"at": second["ends_at"], "cause": "deregistered", "sentence": None}
    for each in (first, second):
        assert (each["address"], each["port"], each["user_agent"]) == (phone.address, phone.port, "Asterisk PBX 22")
    refused = found["refusals"][0]
    assert (refused["method"], refused["code"], refused["rule"], refused["cause"]) == ("REGISTER", 429, "R4", "early")
    assert first["at"] <= refused["at"] < second["at"]
    assert told(clinic, credential, "se1")["registrations"] == []


def test_R5_a_registration_that_is_left_alone_ends_when_its_time_is_over(
    clinic: Clinic, credential: Credential
) -> None:
    assert clinic.phone(credential).register().status == 200
    (registration,) = told_when(clinic, credential, removals=0)["registrations"]
    assert seconds(registration["at"], registration["ends_at"]) == 40


def test_R6_an_administrator_removes_a_binding(clinic: Clinic, credential: Credential) -> None:
    clinic.phone(credential).register()
    (binding,) = until(lambda: clinic.service.bindings(credential), 8, "the binding is shown")
    clinic.service.remove(binding)
    found = told_when(clinic, credential, removals=1)
    (removal,) = found["removals"]
    assert removal["cause"] == "removed"
    assert removal["sentence"].startswith("An administrator removed the registration")
    assert found["registrations"][0]["ends_at"] == removal["at"]
    assert found["refusals"] == []


def test_C5_a_disabled_and_a_rotated_credential_lose_their_bindings(clinic: Clinic) -> None:
    for change, said in ((clinic.service.disable, "disabled"), (clinic.service.rotate, "given a new password")):
        credential = clinic.credential()
        clinic.phone(credential).register()
        change(credential)
        (removal,) = told_when(clinic, credential, removals=1)["removals"]
        assert removal["cause"] == "withdrawn"
        assert said in removal["sentence"]


def test_F2_after_kill_9_of_a_region_the_timeline_is_the_same(clinic: Clinic, credential: Credential) -> None:
    phone = clinic.phone(credential)
    accepted = comes_and_goes(phone)
    kill_after(clinic.outages.of_region("nw1"), monotonic())
    back(clinic.network, clinic.nw1)
    found = told_when(clinic, credential, removals=1, registrations=accepted)
    refused = len(found["refusals"])
    until(lambda: phone.register().status == 200, 20, "it registers at the region that is back", 0.5)
    after = told_when(clinic, credential, removals=1, registrations=accepted + 1)
    assert after["registrations"][:accepted] == found["registrations"]
    assert after["removals"] == found["removals"]
    assert after["refusals"][:refused] == found["refusals"]
