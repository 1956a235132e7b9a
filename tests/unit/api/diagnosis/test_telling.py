"""What is said: nothing that is not known, and to a tenant nothing of others."""

from datetime import timedelta
from typing import Any

from api.diagnosis.facts import Blocked, Core, Facts
from api.diagnosis.telling import told, without_places
from api.dns.checking import Difference
from tests.unit.api.diagnosis.cases import NOW, OTHER, PBX, ago, down, owned, refusal, region, registration, trunk

FREESWITCH = "FreeSWITCH-mod_sofia/1.10.12"


def finding(facts: Facts, code: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in told(facts)["findings"] if each["code"] == code)
    return found


def test_requests_that_never_proved_a_password_leave_nothing_and_are_not_denied() -> None:
    for seen in ({}, {(1, "nw1"): ago(days=40)}):
        said = finding(down(credential=owned(seen=seen)), "never")
        assert "tried" not in said["sentence"]
        assert "Nothing has come" not in said["advice"]


def test_C4_nobody_is_said_to_use_a_password_who_is_not_known_to() -> None:
    grace = owned(version=2, seen={}, rotated_at=ago(minutes=9), old_until=NOW + timedelta(hours=1))
    assert finding(down(credential=grace), "old_password")["sentence"].startswith("Nobody has used the new password")
    assert "still uses the old password in nw1" in finding(trunk(credential=grace), "old_password")["sentence"]


def test_C4_who_was_refused_after_a_rotation_need_not_be_the_pbx() -> None:
    known = region("nw1", registration=registration(state="ended"), refusals=[refusal("password", address=OTHER)])
    facts = trunk(known, credential=owned(version=2, rotated_at=ago(minutes=9)))
    assert f"The PBX last registered from {PBX}." in finding(facts, "rotated")["sentence"]


def test_R4_freeswitch_is_not_told_to_change_what_it_cannot() -> None:
    early = refusal("early", "R4", at=ago(seconds=10), proven=True, user_agent=FREESWITCH)
    known = registration(user_agent=FREESWITCH, accepted_at=ago(seconds=90))
    facts = trunk(region("nw1", registration=known, refusals=[early]), region("se1"))
    assert finding(facts, "early")["advice"].startswith("Nothing: FreeSWITCH refreshes")
    gone = down(early)
    assert "retry-seconds" in finding(gone, "early")["advice"]


def test_a_tenant_does_not_learn_whom_the_carrier_asks() -> None:
    fault = "SRV _sip._udp.reg.example.net does not name nw1"
    lacking = [
        Difference(
            "missing", "_sip._udp.reg.example.net", "10 10 5060 nw1", None, "nw1", f"At {at}: {fault}; x.", fault
        )
        for at in ("10.1.2.3#5353", "10.1.2.4")
    ]
    silent = Difference("unanswered", "x", None, None, None, "At 10.1.2.5: nothing; see 10.1.2.5.", "nothing")
    answer = told(without_places(trunk(dns=[*lacking, silent])))
    assert "10.1.2" not in str(answer)
    assert [each["code"] for each in answer["findings"]] == ["dns"]
    assert answer["dns"][0]["sentence"] == f"In DNS: {fault}."


def test_a_tenant_sees_blocks_of_whole_addresses_where_they_are_its_own() -> None:
    blocks = [
        Blocked("nw1", each, None, "B2", "flood", ago(minutes=1), NOW + timedelta(minutes=1)) for each in (PBX, OTHER)
    ]
    answer = told(without_places(trunk(region("nw1", blocks=blocks))))
    assert [each["address"] for each in answer["regions"][0]["blocks"]] == [PBX]


def test_a_tenant_reads_no_empty_place() -> None:
    facts = without_places(trunk(region("nw1", cores=[Core("192.0.2.200:5060", enabled=True, dead=True)])))
    assert "()" not in finding(facts, "cores_dead")["sentence"]
