"""Every cause of an event is judged, or left out for a reason that is written down."""

import re
from dataclasses import replace

import pytest

from api.diagnosis.advice import ADVICE, advice
from api.diagnosis.facts import Blocked, Calls, Facts
from api.diagnosis.faults import RANKS
from api.diagnosis.judging import LEFT_OUT, judge
from api.diagnosis.wording import SENTENCES
from api.pbxs.kinds import KINDS
from api.settings import ROOT
from tests.unit.api.diagnosis.cases import NOW, PBX, ago, down, refusal, region, trunk


def listed() -> set[str]:
    """Causes of docs/architecture.md."""
    text = (ROOT / "docs" / "architecture.md").read_text()
    table = text[text.index("| rule | causes |") : text.index("CDRs have causes of their own")]
    return {cause for row in re.findall(r"^\| [A-Z].*$", table, re.M) for cause in re.findall(r"`(\w+)`", row)}


def blocked(cause: str) -> Facts:
    block = Blocked("nw1", PBX, "k3v8", "B2", cause, ago(minutes=1), NOW.replace(minute=10))
    return trunk(region("nw1", registration=None, blocks=[block]), region("se1", registration=None))


def calls(cause: str) -> Facts:
    return trunk(region("nw1", calls=Calls(recently={cause: 3}, refused={cause: 9})), region("se1"))


def called(cause: str, **more: object) -> Facts:
    return trunk(region("nw1", refusals=[replace(refusal(cause, method="INVITE"), **more)]), region("se1"))  # type: ignore[arg-type]


JUDGED: dict[str, tuple[Facts, str]] = {
    "malformed": (down(refusal("malformed", "W2", proven=True)), "malformed"),
    "blocked": (down(refusal("blocked", "B1", data={"cause": "blocked_early"})), "early"),
    "flood": (blocked("flood"), "flood"),
    "wrong_passwords": (blocked("wrong_passwords"), "wrong_passwords"),
    "guessing": (blocked("guessing"), "guessing"),
    "scanner": (down(refusal("scanner", "B6")), "scanner"),
    "password": (down(refusal("password")), "password"),
    "disabled": (down(refusal("disabled", proven=True)), "was_disabled"),
    "mismatch": (down(refusal("mismatch", proven=True)), "mismatch"),
    "phone": (down(refusal("phone", "R3", proven=True)), "phone"),
    "early": (down(refusal("early", "R4", proven=True)), "early"),
    "blocked_early": (blocked("blocked_early"), "blocked_early"),
    "blocked_streak": (blocked("blocked_streak"), "blocked_streak"),
    "second_pbx": (down(refusal("second_pbx", "R6", proven=True)), "second_pbx"),
    "race_lost": (down(refusal("race_lost", "R6", proven=True)), "race_lost"),
    "removed": (down(refusal("removed", "R6", proven=True)), "removed"),
    "withdrawn": (down(refusal("withdrawn", "C5", proven=True, data={"reason": "disabled"})), "was_disabled"),
    "elsewhere": (called("elsewhere", address="203.0.113.9", proven=True), "elsewhere"),
    "rate": (calls("rate"), "rate"),
    "channels": (trunk(region("nw1", calls=Calls(channels=100)), region("se1")), "channels"),
    "emergency": (calls("emergency"), "emergency"),
    "no_core": (calls("no_core"), "no_core"),
    "nobody_dialled": (calls("nobody_dialled"), "nobody_dialled"),
    "no_snapshot": (down(refusal("no_snapshot", "F1")), "no_snapshot"),
}


def test_each_cause_is_judged_or_left_out() -> None:
    assert listed() == JUDGED.keys() | LEFT_OUT.keys()
    assert not JUDGED.keys() & LEFT_OUT.keys()


@pytest.mark.parametrize("cause", JUDGED)
def test_a_cause_is_the_first_finding(cause: str) -> None:
    facts, code = JUDGED[cause]
    assert [fault.code for fault in judge(facts).faults] == [code]


def test_each_code_has_a_sentence_and_advice() -> None:
    assert set(RANKS) == SENTENCES.keys() == ADVICE.keys()


@pytest.mark.parametrize("kind", [None, *KINDS.values()], ids=str)
def test_advice_is_in_the_words_of_the_pbx(kind: object) -> None:
    facts, _ = JUDGED["password"]
    (fault,) = judge(facts).faults
    told = advice(facts, fault, kind)  # type: ignore[arg-type]
    name = getattr(kind, "key", "plain")
    assert ('"' in told) == (name != "plain")
    for topic in ("username", "password"):
        assert KINDS[name].fields[topic] in told
