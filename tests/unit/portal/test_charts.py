"""What the portal's charts are drawn from."""

from datetime import date
from typing import Any

import pytest

from api.portal.causes import CAUSES, in_words
from api.portal.charts import Chart, by_cause, traffic_charts, usage_charts
from kemi import explain


def point(minute: int, **values: Any) -> dict[str, Any]:
    empty = {"bindings": None, "calls": None, "channels": None, "started": 0, "refused": 0}
    return {"at": f"2026-01-31T12:{minute:02}:00.000Z"} | empty | values


def refusal(region: str, cause: str, count: int, code: int | None = 429, rule: str = "R4") -> dict[str, Any]:
    return {"region": region, "rule": rule, "cause": cause, "code": code, "count": count}


TRAFFIC = {
    "period": "hour",
    "step": 60,
    "regions": [
        {"region": "nw1", "points": [point(0), point(1, bindings=7, calls=0, started=2)]},
        {"region": "se1", "points": [point(0, bindings=3, refused=9), point(1)]},
    ],
    "refusals": [refusal("nw1", "early", 4), refusal("se1", "early", 5)],
}


def chart(name: str, traffic: dict[str, Any] = TRAFFIC) -> Chart:
    return next(each for each in traffic_charts(traffic) if each.name == name)


def test_each_region_is_a_series_and_each_step_a_line() -> None:
    registrations = chart("registrations")
    assert registrations.series == ["nw1", "se1"]
    assert [(line.label, line.at, line.values) for line in registrations.lines] == [
        ("12:00", "2026-01-31T12:00Z", [None, 3]),
        ("12:01", "2026-01-31T12:01Z", [7, None]),
    ]
    assert [line.values for line in chart("started").lines] == [[0, 0], [2, 0]]


def test_what_was_not_reported_is_nothing_and_a_zero_is_a_level() -> None:
    silent = TRAFFIC | {"regions": [{"region": "nw1", "points": [point(0), point(1)]}]}
    assert chart("registrations", silent).is_empty
    assert not chart("calls").is_empty
    assert chart("refused", silent).is_empty
    assert not chart("refused").is_empty


def test_without_regions_there_is_nothing_to_draw() -> None:
    assert all(each.is_empty for each in traffic_charts(TRAFFIC | {"regions": [], "refusals": []}))


def test_a_cause_is_counted_whatever_the_code_and_the_most_frequent_comes_first() -> None:
    found = by_cause(
        [refusal("nw1", "early", 2), refusal("se1", "scanner", 5, None, "B6"), refusal("nw1", "early", 4, 503)]
    )
    assert [(cause, dict(counts)) for cause, counts in found] == [
        (("R4", "early"), {"nw1": 6}),
        (("B6", "scanner"), {"se1": 5}),
    ]


def test_causes_are_drawn_by_region() -> None:
    (line,) = chart("causes").lines
    assert (line.label, line.values) == ("registered too early (R4)", [4, 5])


def test_a_cause_without_words_is_called_as_the_region_does() -> None:
    assert in_words("X9", "unheard_of") == "unheard_of (X9)"


@pytest.mark.parametrize("cause", sorted({*explain._SENTENCES, *explain._PLAIN}))
def test_every_cause_of_an_event_has_words(cause: str) -> None:
    assert cause in CAUSES


def test_usage_has_every_day_and_both_directions() -> None:
    rows = [
        {"day": "2026-02-01", "direction": "inbound", "calls": 3, "seconds": 90},
        {"day": "2026-01-31", "direction": "outbound", "calls": 2, "seconds": 0},
    ]
    calls, minutes = usage_charts(rows, date(2026, 1, 30), 3)
    assert [line.label for line in calls.lines] == ["2026-01-30", "2026-01-31", "2026-02-01"]
    assert [line.values for line in calls.lines] == [[0, 0], [2, 0], [0, 3]]
    assert [line.values for line in minutes.lines] == [[0, 0], [0.0, 0], [0, 1.5]]
    assert all(each.is_empty for each in usage_charts([], date(2026, 1, 30), 3))
