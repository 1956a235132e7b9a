"""Events as sentences: every cause of the architecture, and whatever an attacker puts into the details."""

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kemi.explain import LONGEST, sentence

ARCHITECTURE = Path(__file__).resolve().parents[3] / "docs" / "architecture.md"
AT = 1764000200000  # 16:03:20 UTC


def documented_causes() -> list[tuple[str, str]]:
    table = ARCHITECTURE.read_text(encoding="utf-8").split("## Events")[1]
    rows = re.findall(r"^\| ([A-Z]\d) \| (.+) \|$", table, re.MULTILINE)
    return [(rule, cause) for rule, causes in rows for cause in re.findall(r"`(\w+)`", causes)]


def test_the_architecture_names_causes() -> None:
    assert len(documented_causes()) >= 20


@pytest.mark.parametrize(("rule", "cause"), documented_causes())
def test_each_documented_cause_has_a_sentence_even_without_details(rule: str, cause: str) -> None:
    told = sentence(rule, cause, {})
    assert told[0].isupper()
    assert told.endswith(".")
    assert "Refused under rule" not in told
    assert "None" not in told


def test_an_unknown_cause_is_named() -> None:
    assert sentence("R9", "moonphase", {}) == "Refused under rule R9 (moonphase)."


def test_R4_early_says_elapsed_minimum_and_when() -> None:
    told = sentence("R4", "early", {"elapsed": 41.2, "minimum": 100, "next": AT})
    assert told == "Registered 41 s after the last registration; the minimum is 100 s; next allowed at 16:03:20 UTC."


def test_R4_early_never_rounds_up_to_the_minimum() -> None:
    assert sentence("R4", "early", {"elapsed": 99.96, "minimum": 100}).startswith("Registered 99 s after")


def test_C4_an_unseen_password_says_whose_and_until_when_the_old_one_works() -> None:
    told = sentence("C4", "unseen", {"username": "k3v8n2mq7x4t", "until": AT})
    assert told.startswith("The new password of k3v8n2mq7x4t has not been used yet, and the old one works until ")
    assert "2025-11-24 16:03:20 UTC. Enter the new password" in told


def test_R6_second_pbx_names_both_addresses_and_user_agents() -> None:
    told = sentence(
        "R6",
        "second_pbx",
        {
            "address": "192.0.2.8",
            "user_agent": "FreeSWITCH",
            "holder_address": "192.0.2.7",
            "holder_user_agent": "Asterisk",
            "holder_region": "se1",
            "expires": AT,
            "retry_after": 60,
        },
    )
    for part in ('192.0.2.8 ("FreeSWITCH")', '192.0.2.7 ("Asterisk") in region se1', "until 16:03:20 UTC", "in 60 s"):
        assert part in told


def test_B1_blocked_says_why_and_until_when() -> None:
    told = sentence("B1", "blocked", {"address": "192.0.2.7", "cause": "wrong_passwords", "until": AT})
    assert "192.0.2.7" in told
    assert "too many wrong passwords" in told
    assert "until 16:03:20 UTC" in told


def test_R2_password_does_not_tell_unknown_users_from_wrong_passwords() -> None:
    told = sentence("R2", "password", {"username": "x7k2", "address": "192.0.2.7"})
    assert "The username x7k2 or its password is wrong" in told


def test_events_that_were_counted_together_say_how_many() -> None:
    assert sentence("B6", "scanner", {"count": 41}).endswith("Counted together: 41 times.")
    assert "Counted" not in sentence("B6", "scanner", {"count": 1})


JUNK = st.one_of(st.none(), st.text(), st.integers(), st.floats(), st.booleans(), st.lists(st.integers(), max_size=2))
KEYS = (
    "address",
    "user_agent",
    "username",
    "method",
    "retry_after",
    "count",
    "elapsed",
    "minimum",
    "next",
    "until",
    "expires",
    "cause",
    "reason",
    "requests",
    "seconds",
    "holder_address",
    "holder_region",
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=200)
@given(st.sampled_from(documented_causes()), st.dictionaries(st.sampled_from(KEYS), JUNK))
def test_whatever_the_details_a_sentence_is_short_and_printable(
    kind: tuple[str, str], details: dict[str, object]
) -> None:
    told = sentence(*kind, details)
    assert 0 < len(told) <= LONGEST
    assert told.isprintable()
    told.encode()
