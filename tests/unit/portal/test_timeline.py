"""The picture of a credential's last hour: which shapes come of what the API answers, and where they stand."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from api.portal.drawing.happenings import (
    BLOCKED,
    CALL,
    EARLY,
    KINDS,
    OTHER,
    SECOND,
    WRONG,
    happenings,
    kind_of,
    summary,
)
from api.portal.drawing.shapes import EDGE, NARROW, WIDE, Lane, Picture, Size
from api.portal.drawing.timeline import draw

Row = dict[str, Any]
NOW = datetime(2026, 1, 31, 14, 3, 20, tzinfo=UTC)
HOUR = 3600
MARKUP = "<img src=x onerror=alert(1)>\"'"


def ago(seconds: float) -> str:
    return (NOW - timedelta(seconds=seconds)).isoformat()


def registration(began: float, ended: float, **changes: Any) -> Row:
    """Accepted and ended so many seconds ago."""
    known = {"at": ago(began), "ends_at": ago(ended), "address": "192.0.2.7", "port": 5062, "user_agent": "FreeSWITCH"}
    return known | changes


def refusal(at: float, cause: str = "early", **changes: Any) -> Row:
    return {
        "at": ago(at),
        "until": None,
        "count": 1,
        "method": "REGISTER",
        "code": 429,
        "rule": "R4",
        "cause": cause,
        "retry_after": None,
        "sentence": f"Refused: {cause}.",
    } | changes


def timeline(*regions: Row) -> Row:
    named = [
        {"region": f"r{index}", "registrations": [], "refusals": [], "refusals_left_out": 0, "removals": []} | region
        for index, region in enumerate(regions)
    ]
    return {"since": ago(HOUR), "until": ago(0), "interval": 100, "granted": 300, "regions": named}


def drawn(seconds: int = HOUR, size: Size = WIDE, **region: Any) -> Picture:
    return draw(timeline(region), seconds, size)


def lane(seconds: int = HOUR, size: Size = WIDE, **region: Any) -> Lane:
    return drawn(seconds, size, **region).lanes[0]


def place(seconds_ago: float, seconds: int = HOUR, size: Size = WIDE) -> Any:
    """Where that moment is: the picture ends 300 s after now, or a third of its time if that is less."""
    span = seconds + min(300, seconds // 3)
    return pytest.approx(EDGE + (seconds - seconds_ago) / span * (size.width - 2 * EDGE), abs=0.06)


def test_a_bar_is_as_long_as_the_binding_lived() -> None:
    (bar,) = lane(registrations=[registration(1000, 850)]).bars
    assert bar.x == place(1000)
    assert bar.x + bar.width == pytest.approx(place(850).expected, abs=0.2)
    assert not bar.ahead
    assert bar.title == "Registered from 192.0.2.7:5062 (FreeSWITCH). Accepted 13:46:40, until 13:49:10 UTC"


def test_what_is_left_of_a_live_binding_is_told_apart() -> None:
    past, ahead = lane(registrations=[registration(60, -240)]).bars
    assert (past.ahead, ahead.ahead) == (False, True)
    assert ahead.x == place(0)
    assert ahead.x + ahead.width == pytest.approx(place(-240).expected, abs=0.2)
    assert "good until 14:07:20" in ahead.title


def test_a_binding_from_before_the_picture_begins_at_its_edge_without_a_mark() -> None:
    seen = lane(registrations=[registration(HOUR + 100, HOUR - 50)])
    assert seen.bars[0].x == EDGE
    assert seen.accepted == []


def test_a_binding_that_ended_before_the_picture_is_not_in_it() -> None:
    assert lane(600, registrations=[registration(2000, 1900)]).is_empty


def test_R4_after_each_registration_a_stretch_of_100_seconds_is_too_early() -> None:
    (stretch,) = lane(registrations=[registration(50, -250)]).stretches
    assert stretch.x == place(50)
    assert stretch.x + stretch.width == pytest.approx(place(-50).expected, abs=0.2)
    assert "14:04:10 UTC a REGISTER is too early: 100 s after" in stretch.title


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, EARLY),
        ({"rule": "R2", "cause": "password", "code": 401}, WRONG),
        ({"rule": "R3", "cause": "phone", "code": 403}, WRONG),
        ({"rule": "R6", "cause": "second_pbx", "code": 503}, SECOND),
        ({"rule": "B1", "cause": "blocked"}, BLOCKED),
        ({"rule": "B2", "cause": "wrong_passwords", "code": None}, BLOCKED),
        ({"rule": "R4", "cause": "blocked_early"}, BLOCKED),
        ({"rule": "O2", "cause": "rate", "code": 503, "method": "INVITE"}, CALL),
        ({"rule": "B1", "cause": "blocked", "method": "INVITE"}, BLOCKED),
        ({"rule": "W2", "cause": "malformed", "code": 400}, OTHER),
    ],
)
def test_each_kind_of_refusal_has_a_mark_of_its_own(changes: Row, kind: Any) -> None:
    assert kind_of(refusal(10) | changes) is kind


def test_no_two_kinds_look_or_read_alike() -> None:
    assert len({kind.path for kind in KINDS}) == len({kind.title for kind in KINDS}) == len(KINDS)


def test_refusals_of_a_kind_at_one_place_are_one_mark_that_counts_them() -> None:
    marks = lane(refusals=[refusal(1001), refusal(1000, count=3), refusal(500)]).marks
    assert [mark.label for mark in marks] == ["429 \u00d74", "429"]
    assert marks[0].x == place(1001)
    assert marks[0].title.startswith("13:46:39 to 13:46:40 UTC, 429: ")


def test_marks_of_several_kinds_at_one_place_stand_above_one_another() -> None:
    wrong = refusal(999, "password", rule="R2", code=401)
    second = refusal(998, "second_pbx", rule="R6", code=503)
    marks = lane(refusals=[refusal(1000), wrong, second]).marks
    heights = [mark.y for mark in marks]
    assert heights == sorted(heights, reverse=True)
    assert all(low - high >= 12 for low, high in pairwise(heights))
    assert [mark.label for mark in marks] == [None, None, None]


def test_labels_do_not_cover_each_other() -> None:
    marks = lane(size=NARROW, refusals=[refusal(at) for at in range(3000, 0, -200)]).marks
    labelled = [mark for mark in marks if mark.label]
    assert 5 < len(labelled) < len(marks)
    ends = [(mark.x - len(mark.label or "") * 3.5, mark.x + len(mark.label or "") * 3.5) for mark in labelled]
    assert all(end <= begin for (_, end), (begin, _) in pairwise(ends))


def test_silence_is_called_so() -> None:
    (mark,) = lane(refusals=[refusal(10, "scanner", rule="B6", code=None)]).marks
    assert (mark.label, "no answer" in mark.title) == ("silent", True)


def test_the_moment_that_the_last_429_named_is_shown() -> None:
    allowed = lane(refusals=[refusal(400, retry_after=40), refusal(30, retry_after=50)]).allowed
    assert allowed is not None
    assert (allowed.x, allowed.text) == (place(-20), "Retry-After: 14:03:40")


def test_a_moment_beyond_the_picture_is_not_shown() -> None:
    assert lane(refusals=[refusal(30, "blocked_early", retry_after=900)]).allowed is None


def test_a_removal_is_a_mark_at_its_moment() -> None:
    (removal,) = lane(
        removals=[{"at": ago(100), "cause": "removed", "sentence": "An administrator removed it."}]
    ).removals
    assert (removal.x, removal.text) == (place(100), "14:01:40 UTC: An administrator removed it.")


@pytest.mark.parametrize(
    ("seconds", "size", "times"),
    [
        (600, WIDE, ["13:54", "13:55"]),
        (600, NARROW, ["13:55", "14:00"]),
        (HOUR, WIDE, ["13:05", "13:10"]),
        (HOUR, NARROW, ["13:15", "13:30"]),
        (3 * HOUR, WIDE, ["11:15", "11:30"]),
        (3 * HOUR, NARROW, ["12:00", "13:00"]),
    ],
)
def test_the_axis_has_round_times_that_leave_room_for_each_other(seconds: int, size: Size, times: list[str]) -> None:
    ticks = drawn(seconds, size).ticks
    assert [tick.text for tick in ticks[:2]] == times
    assert all(right.x - left.x > 40 for left, right in pairwise(ticks))


@pytest.mark.parametrize("size", [WIDE, NARROW])
@pytest.mark.parametrize("seconds", [600, HOUR, 3 * HOUR])
def test_nothing_leaves_the_picture(seconds: int, size: Size) -> None:
    regular = [registration(at, at - 150) for at in range(3 * HOUR, 0, -150)]
    picture = drawn(seconds, size, registrations=regular, refusals=[refusal(at) for at in range(3 * HOUR, 0, -400)])
    (seen,) = picture.lanes
    ends = [each.x + each.width for each in (*seen.bars, *seen.stretches)]
    places = [each.x for each in (*seen.bars, *seen.stretches, *seen.accepted, *seen.marks, *picture.ticks)]
    assert min(places) >= EDGE
    assert max(ends) <= size.width - EDGE + 0.2
    assert len(seen.accepted) == pytest.approx(seconds / 150, abs=1)


def test_each_region_has_a_lane_and_one_without_anything_says_so() -> None:
    picture = draw(timeline({"registrations": [registration(50, -250)]}, {}), HOUR, WIDE)
    assert [(each.region, each.is_empty) for each in picture.lanes] == [("r0", False), ("r1", True)]
    first, second = picture.lanes
    assert first.flag < second.y < second.flag < picture.height


def test_happenings_are_sentences_newest_first() -> None:
    rows = timeline(
        {
            "registrations": [registration(5000, 4800), registration(300, 60, user_agent=None)],
            "refusals": [refusal(100)],
            "removals": [{"at": ago(60), "cause": "deregistered", "sentence": None}],
        }
    )
    told = happenings(rows, NOW - timedelta(hours=1))
    assert [(each.kind, each.text) for each in told] == [
        ("removed", "The PBX de-registered."),
        ("early", "Refused: early."),
        ("accepted", "Registered from 192.0.2.7:5062."),
    ]


def test_the_picture_in_words() -> None:
    seen = {
        "registrations": [registration(300, 60)],
        "refusals": [refusal(100), refusal(90, "password", rule="R2", code=401)],
        "removals": [{"at": ago(60), "cause": "deregistered", "sentence": None}],
    }
    told = summary(timeline(seen, {}), NOW - timedelta(hours=1))
    assert told == (
        "r0: 1 registration accepted, 2 requests refused (1 too early), 1 registration removed. r1: nothing happened."
    )


def test_what_a_pbx_calls_itself_is_kept_as_it_came() -> None:
    (bar,) = lane(registrations=[registration(100, 50, user_agent=MARKUP)]).bars
    assert MARKUP in bar.title
