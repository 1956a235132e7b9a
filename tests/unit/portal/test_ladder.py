"""The ladder diagram of every kind of call: which messages are drawn, between whom, and when."""

from itertools import pairwise
from typing import Any

import pytest

from api.calls.schema import ENDED
from api.portal.drawing.ladder import Ladder, Step, ladder
from api.portal.drawing.ladder_shapes import draw, since_start
from api.portal.drawing.words import outcome, what_happened

ADDRESSES = {"nw1": "192.0.2.10", "se1": "192.0.2.20"}
OUTBOUND = {
    "id": "c-1",
    "region": "nw1",
    "direction": "outbound",
    "address": "192.0.2.7",
    "port": 5062,
    "core": None,
    "via": None,
    "emergency": False,
    "started_at": "2026-01-31T12:00:00.000Z",
    "rang_at": None,
    "answered_at": None,
    "ended_at": "2026-01-31T12:00:00.002Z",
    "seconds": 0,
    "ended_by": None,
    "code": None,
    "rule": None,
    "cause": None,
}
INBOUND = OUTBOUND | {"direction": "inbound", "address": "192.0.2.200", "port": 5060, "core": "192.0.2.200:5060"}
RANG = {"rang_at": "2026-01-31T12:00:01.000Z", "core": "192.0.2.200:5060", "ended_at": "2026-01-31T12:00:04.000Z"}
ANSWERED = RANG | {
    "answered_at": "2026-01-31T12:00:05.000Z",
    "ended_at": "2026-01-31T12:01:05.000Z",
    "seconds": 60,
    "code": 200,
}


def drawn(base: dict[str, Any], **changes: Any) -> Ladder:
    return ladder(base | changes, ADDRESSES)


def told(found: Ladder) -> list[str]:
    return [f"{since_start(step.at)} {found.told(step)}" if step.hops else found.told(step) for step in found.steps]


def refused(by: str, code: int, rule: str | None = None, cause: str | None = None) -> dict[str, Any]:
    return {"ended_by": by, "code": code, "rule": rule, "cause": cause}


def test_an_answered_call_out() -> None:
    found = drawn(OUTBOUND, **ANSWERED, ended_by="caller")
    assert told(found) == [
        "+0.000 s INVITE from PBX to Gateway nw1 and on to Core",
        "+1.000 s 18x Ringing from Core to Gateway nw1 and on to PBX",
        "+5.000 s 200 OK from Core to Gateway nw1 and on to PBX",
        "\u2013 ACK from PBX to Gateway nw1 and on to Core",
        "Call, 1 min",
        "+1:05 BYE from PBX to Gateway nw1 and on to Core",
    ]
    assert any("dashed" in each for each in found.missing)
    assert [column.address for column in found.columns] == ["192.0.2.7:5062", "192.0.2.10:5060", "192.0.2.200:5060"]


def test_an_answered_call_in() -> None:
    found = drawn(INBOUND, **ANSWERED, ended_by="caller")
    assert told(found)[0] == "+0.000 s INVITE from Core to Gateway nw1 and on to PBX"
    assert told(found)[-1] == "+1:05 BYE from Core to Gateway nw1 and on to PBX"
    assert found.columns[0].address is None
    assert any("address of the PBX" in each for each in found.missing)


def test_a_call_in_over_the_other_region() -> None:
    found = drawn(INBOUND, **ANSWERED, via="se1", ended_by="callee")
    assert [column.name for column in found.columns] == ["PBX", "Gateway se1", "Gateway nw1", "Core"]
    assert told(found)[0] == "+0.000 s INVITE from Core to Gateway nw1 and on to Gateway se1 and on to PBX"
    assert told(found)[-1] == "+1:05 BYE from PBX to Gateway se1 and on to Gateway nw1 and on to Core"


@pytest.mark.parametrize(
    ("rule", "cause", "code"),
    [
        ("O2", "rate", 503),
        ("O3", "channels", 503),
        ("O1", "elsewhere", 403),
        ("R3", "phone", 403),
        ("O6", "no_core", 503),
    ],
)
def test_a_refusal_of_the_gateway_reaches_no_core(rule: str, cause: str, code: int) -> None:
    found = drawn(OUTBOUND, **refused("gateway", code, rule, cause))
    assert told(found)[0] == "+0.000 s INVITE from PBX to Gateway nw1"
    assert told(found)[1].endswith("from Gateway nw1 to PBX")
    assert found.steps[1].note.startswith(f"rule {rule}: ")
    assert found.columns[2].address is None


def test_a_number_that_nobody_knows_reaches_no_pbx() -> None:
    found = drawn(INBOUND, **refused("gateway", 404, "I2", "unknown_number"))
    assert told(found) == [
        "+0.000 s INVITE from Core to Gateway nw1",
        "+0.002 s 404 Not Found from Gateway nw1 to Core",
    ]


def test_a_refusal_of_the_core_comes_all_the_way() -> None:
    found = drawn(OUTBOUND, **RANG, **refused("callee", 486))
    assert told(found)[-1] == "+4.000 s 486 Busy Here from Core to Gateway nw1 and on to PBX"


def test_a_core_that_did_not_ring_is_not_known_by_its_address() -> None:
    found = drawn(OUTBOUND, **refused("callee", 486))
    assert told(found)[0] == "+0.000 s INVITE from PBX to Gateway nw1 and on to Core"
    assert any("Which core gateway was asked" in each for each in found.missing)
    assert not any("dashed" in each for each in found.missing)


def test_a_password_that_the_core_asks_for_is_no_business_of_the_pbx() -> None:
    found = drawn(OUTBOUND, **refused("callee", 407, "O6", "core_challenges"))
    assert told(found)[1:] == [
        "+0.002 s 407 Auth Required from Core to Gateway nw1",
        "\u2013 500 Server Error from Gateway nw1 to PBX",
    ]


def test_a_caller_who_gives_up() -> None:
    found = drawn(OUTBOUND, **RANG, **refused("caller", 487))
    assert told(found)[2:] == [
        "\u2013 CANCEL from PBX to Gateway nw1 and on to Core",
        "+4.000 s 487 Terminated from Core to Gateway nw1 and on to PBX",
    ]


def test_a_pbx_that_did_not_answer_was_asked() -> None:
    found = drawn(INBOUND, **refused("gateway", 408, "I3", "no_answer"))
    assert told(found)[0] == "+0.000 s INVITE from Core to Gateway nw1 and on to PBX"
    assert told(found)[1] == "+0.002 s 408 Request Timeout from Gateway nw1 to Core"


def test_ringing_too_long_is_cancelled_by_the_gateway() -> None:
    found = drawn(OUTBOUND, **RANG, **refused("gateway", 408, "O3", "longest_ringing"))
    assert told(found)[2:] == [
        "\u2013 CANCEL from Gateway nw1 to Core",
        "+4.000 s 408 Request Timeout from Gateway nw1 to PBX",
    ]


@pytest.mark.parametrize(("by", "cause"), [("gateway", "longest_call"), ("administrator", "ended")])
def test_a_call_that_the_gateway_ends_has_a_bye_to_both_sides(by: str, cause: str) -> None:
    found = drawn(OUTBOUND, **ANSWERED, ended_by=by, cause=cause)
    assert told(found)[-1] == "+1:05 BYE from Gateway nw1 to PBX and to Core"
    assert set(found.steps[-1].hops) == {(1, 0), (1, 2)}


def test_a_ringing_call_that_an_administrator_ends() -> None:
    found = drawn(INBOUND, **RANG, **refused("administrator", 487, None, "ended"))
    assert told(found)[2:] == [
        "\u2013 CANCEL from Gateway nw1 to PBX",
        "+4.000 s 487 Terminated from Gateway nw1 to Core",
    ]


def test_an_emergency_call_says_so() -> None:
    assert drawn(OUTBOUND, **ANSWERED, emergency=True, ended_by="caller").steps[0].note == "emergency call"


def test_a_live_call_has_no_end() -> None:
    live = {name: value for name, value in (OUTBOUND | RANG).items() if name not in ENDED}
    assert told(ladder(live, ADDRESSES))[-1] == "Not answered yet"
    talking = live | {"answered_at": "2026-01-31T12:00:05.000Z"}
    assert told(ladder(talking, ADDRESSES))[-1] == "Call, in progress"


@pytest.mark.parametrize("by", ["caller", "callee", "gateway", "administrator", None, "somebody"])
@pytest.mark.parametrize("code", [None, 487, 299])
def test_every_end_is_drawn_and_told(by: str | None, code: int | None) -> None:
    """Also a record of which a part is missing."""
    for base in (OUTBOUND, INBOUND, OUTBOUND | {"direction": None, "address": None, "region": "gone"}):
        call = base | {"ended_by": by, "code": code}
        found = ladder(call, ADDRESSES)
        assert draw(found).rows
        assert what_happened(call).endswith(".")
        assert outcome(call)[0] in ("ok", "off", "warn", "bad")


def test_nothing_of_the_drawing_lies_outside_of_it_or_on_something_else() -> None:
    picture = draw(drawn(INBOUND, **ANSWERED, via="se1", ended_by="gateway", rule="O7", cause="longest_call"))
    heights = [row.y for row in picture.rows]
    assert all(later - earlier >= 44 for earlier, later in pairwise(heights))
    ends = [x for row in picture.rows for arrow in row.arrows for x in (arrow.x1, arrow.x2)]
    assert picture.left == min(ends)
    assert picture.right == max(ends) < picture.width
    assert heights[-1] < picture.height


def test_a_note_has_room_below_its_arrow() -> None:
    plain = draw(drawn(OUTBOUND, **refused("gateway", 503)))
    noted = draw(drawn(OUTBOUND, **refused("gateway", 503, "O2", "rate")))
    assert noted.height > plain.height


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {**ANSWERED, "ended_by": "caller"},
            "Answered after 5.0 s. The caller hung up after 1 min.",
        ),
        (
            {**ANSWERED, "ended_by": "gateway", "rule": "O7", "cause": "caller_silent"},
            "Answered after 5.0 s. The gateway ended it after 1 min: the caller's side no longer answered (rule O7).",
        ),
        (refused("callee", 486), "The called side was busy: final answer 486."),
        (
            refused("gateway", 503, "O2", "rate"),
            "The gateway refused it with 503: calls came faster than one a second (rule O2).",
        ),
        ({**RANG, **refused("caller", 487)}, "It rang, but the caller gave up after 4.0 s, before it was answered."),
    ],
)
def test_what_happened_is_said_in_a_sentence(changes: dict[str, Any], sentence: str) -> None:
    assert what_happened(OUTBOUND | changes) == sentence


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0, "+0.000 s"), (59.9994, "+59.999 s"), (65, "+1:05"), (3605, "+1:00:05")]
)
def test_moments_count_from_the_invite(seconds: float, text: str) -> None:
    assert since_start(seconds) == text


def test_a_stretch_of_time_is_told_as_it_is() -> None:
    assert Ladder((), (), ()).told(Step("Call, 5 s", "span")) == "Call, 5 s"
