"""R3 and B6: which User-Agents are phones, which are scanners, and from when on."""

import pytest

from kemi import lists
from kemi.lists import DeviceLists, publish
from kemi.user_agents import matcher
from tests.unit.kemi.costs import cost
from tests.unit.kemi.fake_ksr import FakeKsr

T = 1_764_000_000_000


@pytest.mark.parametrize(
    ("user_agent", "matches"),
    [
        ("Yealink SIP-T46S 66.85", True),
        ("YEALINK sip-t46s", True),
        ("Grandstream GXP2170 1.0", True),
        ("Grandstream UCM6304", False),
        ("My Yealink SIP-T46S", False),
        ("", False),
        ("a\nYealink SIP-T46S", False),
    ],
)
def test_R3_patterns_name_models_whatever_the_case(user_agent: str, matches: bool) -> None:
    assert matcher(["Yealink SIP-T*", "Grandstream GXP*"])(user_agent) is matches


def test_R3_an_empty_list_matches_nothing_not_even_nothing() -> None:
    assert not matcher([])("")
    assert not matcher([])("Yealink SIP-T46S")


def test_B6_a_hostile_user_agent_costs_next_to_nothing() -> None:
    matches = matcher(["*friendly*scanner*q*", "*sip*vicious*z*"])
    hostile = "friendly-scanner sipvicious " * 2000
    assert not matches(hostile)
    assert cost(lambda: matches(hostile)) < 0.1


def test_a_worker_sees_new_lists_within_a_quarter_of_a_second(ksr: FakeKsr) -> None:
    device_lists = DeviceLists(ksr.htable)
    assert not device_lists.device("Yealink", T).is_phone
    publish(ksr.htable, {"phone": ["yealink"], "scanner": ["sip*"]}, 7)
    assert not device_lists.device("Yealink", T + lists.LOOK_EVERY_MS - 1).is_phone
    assert device_lists.device("Yealink", T + lists.LOOK_EVERY_MS).is_phone
    assert device_lists.device("sipvicious", T + lists.LOOK_EVERY_MS).is_scanner
    assert not device_lists.device("sipvicious", T + lists.LOOK_EVERY_MS).is_phone


def test_a_worker_sees_new_lists_after_its_clock_was_set_back(ksr: FakeKsr) -> None:
    device_lists = DeviceLists(ksr.htable)
    assert not device_lists.device("Yealink", T).is_phone
    publish(ksr.htable, {"phone": ["yealink"]}, 7)
    assert device_lists.device("Yealink", T - 3_600_000).is_phone


def test_a_list_that_was_emptied_matches_nothing(ksr: FakeKsr) -> None:
    device_lists = DeviceLists(ksr.htable)
    publish(ksr.htable, {"phone": ["yealink"]}, 7)
    assert device_lists.device("Yealink", T).is_phone
    publish(ksr.htable, {}, 8)
    assert not device_lists.device("Yealink", T + 1000).is_phone
