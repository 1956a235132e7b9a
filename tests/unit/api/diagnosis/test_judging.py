"""From facts to faults."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from api.diagnosis.facts import ENDED, EXPIRED, SILENT, Blocked, Core, Facts, Number
from api.diagnosis.judging import judge
from api.diagnosis.registered import contact_host
from api.dns.checking import Difference
from tests.unit.api.diagnosis.cases import NOW, OTHER, ago, down, owned, refusal, region, registration, trunk

GONE = {"registration": None}


def codes(facts: Facts) -> list[tuple[str, str | None]]:
    return [(fault.code, fault.region) for fault in judge(facts).faults]


def test_a_healthy_trunk_has_no_fault() -> None:
    judgement = judge(trunk())
    assert (judgement.works, judgement.regions, judgement.faults) == (True, {"nw1": True, "se1": True}, ())


def test_a_fault_that_is_over_is_none() -> None:
    over = [refusal("password"), refusal("early", "R4", proven=True)]
    assert codes(trunk(region("nw1", refusals=over, registration=registration(accepted_at=ago(seconds=9))))) == []


def test_a_wrong_password_is_over_when_the_pbx_came_with_the_right_one_to_another_region() -> None:
    fresh = registration(since=ago(seconds=30), accepted_at=ago(seconds=30))
    facts = trunk(region("nw1", refusals=[refusal("password")], **GONE), region("se1", registration=fresh))
    assert codes(facts) == [("one_region", "nw1")]


def test_a_wrong_password_in_one_region_stands_while_the_other_is_refreshed() -> None:
    """A PBX has a section for each region, and one of them is wrong."""
    facts = trunk(region("nw1", refusals=[refusal("password")], **GONE), region("se1"))
    assert codes(facts) == [("password", "nw1")]
    assert judge(facts).works is True


def test_C4_a_wrong_password_after_a_rotation_is_the_old_one() -> None:
    rotated = {"version": 2, "rotated_at": ago(minutes=5)}
    assert codes(down(refusal("password"), credential=owned(**rotated))) == [("rotated", "nw1")]
    seen = {(1, "nw1"): ago(days=9), (2, "nw1"): ago(minutes=3)}
    assert codes(down(refusal("password"), credential=owned(**rotated, seen=seen))) == [("password", "nw1")]
    never = owned(**rotated, seen={})
    assert codes(down(refusal("password"), credential=never)) == [("password", "nw1")]


@pytest.mark.parametrize(
    ("until", "severity"), [(timedelta(hours=3), "degraded"), (timedelta(days=3), "notice"), (-timedelta(1), None)]
)
def test_C4_the_old_password_is_in_use(until: timedelta, severity: str | None) -> None:
    facts = trunk(credential=owned(version=2, old_until=NOW + until, rotated_at=ago(hours=1)))
    assert [fault.severity for fault in judge(facts).faults if fault.code == "old_password"] == (
        [severity] if severity else []
    )


def test_R6_a_second_pbx_that_has_given_up_is_no_fault() -> None:
    for minutes, found in ((5, [("second_pbx", "nw1")]), (20, [])):
        late = refusal("second_pbx", "R6", at=ago(minutes=minutes), proven=True, address=OTHER)
        known = registration(accepted_at=ago(minutes=minutes + 1))
        assert codes(trunk(region("nw1", refusals=[late], registration=known))) == found


def test_a_stranger_is_not_taken_for_the_pbx() -> None:
    """Nor for a reason why a region is not registered."""
    strange = refusal("password", address=OTHER)
    assert codes(trunk(region("nw1", refusals=[strange]))) == [("strangers", None)]
    facts = trunk(region("nw1", refusals=[strange], **GONE), region("se1"))
    assert codes(facts) == [("one_region", "nw1"), ("strangers", None)]
    assert codes(down(strange)) == [("password", "nw1")]


def test_B3_a_block_of_the_whole_address_lets_the_bound_pass() -> None:
    block = Blocked("nw1", "192.0.2.7", None, "B2", "flood", ago(minutes=1), NOW + timedelta(minutes=1))
    assert judge(trunk(region("nw1", blocks=[block]))).works is True
    assert judge(trunk(region("nw1", blocks=[replace(block, username="k3v8")]))).works is False
    assert codes(trunk(region("nw1", blocks=[replace(block, address=OTHER)]))) == []


@pytest.mark.parametrize(
    ("changes", "works", "found"),
    [
        ({"heartbeat_at": ago(minutes=3), "gateway_at": ago(minutes=3)}, None, "stale"),
        ({"heartbeat_at": None}, None, "stale"),
        ({"gateway_at": ago(minutes=3)}, False, "gateway_down"),
        ({"cores": []}, False, "cores_missing"),
        ({"cores": [Core("a", enabled=False, dead=False)]}, False, "cores_disabled"),
        ({"cores": [Core("a", enabled=True, dead=True)]}, False, "cores_dead"),
        ({"cores": [Core("a", enabled=True, dead=True), Core("b", enabled=True, dead=False)]}, True, "core_dead"),
        ({"registration": registration(state=SILENT, keepalive=2)}, False, "silent"),
        ({"registration": registration(state=EXPIRED)}, False, "expired"),
        ({"registration": registration(state=ENDED, ended_at=ago(minutes=1))}, False, "left"),
        ({"registration": registration(contact="sip:x@10.0.0.9:5060")}, True, "nat"),
        ({"registration": registration(keepalive=0)}, True, "mute"),
        ({"state": "draining"}, True, "draining"),
        ({"behind_since": ago(minutes=1)}, True, "behind"),
    ],
)
def test_a_region_alone(changes: dict[str, Any], works: bool | None, found: str) -> None:
    facts = trunk(region("nw1", **changes))
    assert codes(facts) == [(found, "nw1")]
    assert judge(facts).works is works
    both = judge(trunk(region("nw1", **changes), region("se1")))
    assert both.works is True
    assert all(fault.severity != "down" for fault in both.faults)


def test_two_pbxs_at_once() -> None:
    facts = trunk(region("nw1"), region("se1", registration=registration(address=OTHER, contact=f"sip:x@{OTHER}")))
    assert codes(facts) == [("two_addresses", None)]


def test_numbers_that_ring_nobody() -> None:
    called = trunk(unrouted=[Number("+14155550100", 3, ago(minutes=1))], unrouted_count=1, number_count=5)
    assert codes(called) == [("no_route", None)]
    quiet = trunk(unrouted=[Number("+14155550100")], unrouted_count=1)
    assert codes(quiet) == [("unrouted", None)]
    assert codes(replace(quiet, number_count=5)) == []


@pytest.mark.parametrize(
    ("kind", "expected", "where", "found"),
    [
        ("missing", "10 10 5060 nw1", "nw1", "dns"),
        ("missing", "a zone", None, "dns"),
        ("wrong", "192.0.2.1", "nw1", "dns"),
        ("wrong", "TTL 300", None, "dns_other"),
        ("surplus", None, "nw1", "dns_other"),
        ("unanswered", None, None, "dns_unanswered"),
    ],
)
def test_D1_dns(kind: Any, expected: str | None, where: str | None, found: str) -> None:
    facts = trunk(dns=[Difference(kind, "x", expected, None, where, "It is so.")])
    assert codes(facts) == [(found, where)]
    assert judge(facts).works is True


def test_a_disabled_credential_is_told_before_all_else() -> None:
    facts = down(refusal("disabled", proven=True), credential=owned(enabled=False))
    assert codes(facts) == [("disabled", None)]


@pytest.mark.parametrize(
    ("contact", "host"),
    [
        ("sip:x@10.0.0.9:5062;transport=udp", "10.0.0.9"),
        ("sip:10.0.0.9", "10.0.0.9"),
        ("sip:x@[2001:db8::1]:5060", "2001:db8::1"),
        ("sip:x@pbx.example.net", None),
        ("tel:+1", None),
        (None, None),
    ],
)
def test_what_a_contact_calls_itself(contact: str | None, host: str | None) -> None:
    assert contact_host(contact) == host


def test_a_block_of_somebody_elses_whole_address_is_not_the_pbxs() -> None:
    """The PBX is known to be elsewhere, though it is not registered now."""
    block = Blocked("nw1", OTHER, None, "B2", "flood", ago(minutes=1), NOW + timedelta(minutes=1))
    gone = region("nw1", registration=registration(state=EXPIRED), blocks=[block])
    assert codes(trunk(gone)) == [("expired", "nw1")]
    assert codes(trunk(replace(gone, blocks=[replace(block, username="k3v8")]))) == [("flood", "nw1")]
    assert codes(trunk(replace(gone, registration=None))) == [("flood", "nw1")]


STOPPED = {"state": "out", "heartbeat_at": ago(days=2), "gateway_at": ago(days=2)}


def over(**changes: Any) -> Any:
    return registration(state=EXPIRED, accepted_at=ago(minutes=10), expires_at=ago(minutes=5), **changes)


@pytest.mark.parametrize(("cause", "rule"), [("second_pbx", "R6"), ("password", "R2"), ("race_lost", "R6")])
@pytest.mark.parametrize("where", ["nw1", "se1"])
def test_what_was_refused_before_the_last_registration_is_not_why_it_is_over(cause: str, rule: str, where: str) -> None:
    old = refusal(cause, rule, region=where, at=ago(days=2), address=OTHER)
    both = [region("nw1", registration=over()), region("se1", **GONE)]
    facts = trunk(*(replace(each, refusals=[old] if each.name == where else []) for each in both))
    assert codes(facts) == [("expired", "nw1")]


def test_a_second_pbx_that_waits_for_the_end_of_the_first_is_why() -> None:
    """It came after the last registration, and nobody is registered since."""
    late = refusal("second_pbx", "R6", at=ago(minutes=6), proven=True, address=OTHER)
    facts = trunk(region("nw1", registration=over(), refusals=[late]), region("se1", **GONE))
    assert codes(facts) == [("second_pbx", "nw1")]


def test_D2_a_pbx_that_was_where_nobody_serves_any_more() -> None:
    """Its region was taken out and stopped, and it never came to the other one."""
    facts = trunk(region("nw1", registration=over(), **STOPPED), region("se1", **GONE))
    assert codes(facts) == [("expired", "nw1")]
    assert judge(facts).works is False
    refused = trunk(region("nw1", refusals=[refusal("password")], **STOPPED, **GONE), region("se1", **GONE))
    assert codes(refused) == [("never", None)]
