"""How long each accepted registration lived."""

from datetime import datetime, timedelta
from typing import Any

from api.timeline.telling import lives, removals

NOON = datetime(2026, 1, 31, 12, 0)  # noqa: DTZ001
GRANTED = timedelta(seconds=300)


def seconds(count: int) -> datetime:
    return NOON + timedelta(seconds=count)


def row(at: int, ended: int | None = None, address: str | None = "192.0.2.7", cause: str = "removed") -> dict[str, Any]:
    end = None if ended is None else seconds(ended)
    return {"at": seconds(at), "address": address, "ended_at": end, "cause": cause}


def spans(*rows: dict[str, Any], since: int = 0) -> list[tuple[int, int]]:
    found = lives(rows, seconds(since), GRANTED)
    return [((each["at"] - NOON).seconds, (each["ends_at"] - NOON).seconds) for each in found]


def test_R5_one_that_is_not_refreshed_lives_as_long_as_was_granted() -> None:
    assert spans(row(0)) == [(0, 300)]


def test_the_next_takes_its_place() -> None:
    assert spans(row(0), row(150), row(500)) == [(0, 150), (150, 450), (500, 800)]


def test_a_removal_ends_it_early() -> None:
    assert spans(row(0, 30), row(150, 160)) == [(0, 30), (150, 160)]


def test_it_may_end_in_the_millisecond_in_which_it_began() -> None:
    assert spans(row(0), row(150, 150), since=-1) == [(0, 150), (150, 150)]


def test_an_end_ends_it_also_where_the_clock_was_set_back_meanwhile() -> None:
    """The line of the end names another moment of R4's clock then, so it is a row of its own."""
    assert spans(row(0), row(20, 30, address=None)) == [(0, 30)]


def test_what_was_over_before_is_left_out_and_what_still_lived_is_not() -> None:
    assert spans(row(0), row(110, 120), row(220), since=150) == [(220, 520)]
    assert spans(row(0), row(220), since=150) == [(0, 220), (220, 520)]


def test_removals_of_the_time_in_order() -> None:
    rows = [row(0, 30), row(110, 290), row(220, 280, address=None), row(400, 500)]
    found = removals(rows, seconds(200), seconds(450))
    assert [each["at"] for each in found] == [seconds(280), seconds(290)]
