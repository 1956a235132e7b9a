"""Months and spans of days that a person chooses."""

from datetime import date

import pytest

from api.portal.periods import WrongPeriodError, last_months, period_of


@pytest.mark.parametrize(
    ("month", "since", "until", "found"),
    [
        ("2026-01", "", "", ("2026-01-01", "2026-02-01")),
        ("2025-12", "", "", ("2025-12-01", "2026-01-01")),
        ("2024-02", "", "", ("2024-02-01", "2024-03-01")),
        ("", "2026-01-31", "2026-01-31", ("2026-01-31", "2026-02-01")),
        ("2020-01", "2026-01-01", "2026-03-31", ("2026-01-01", "2026-04-01")),
    ],
)
def test_a_period_ends_before_its_second_day(month: str, since: str, until: str, found: tuple[str, str]) -> None:
    first, end = period_of(month, since, until)
    assert (first.isoformat(), end.isoformat()) == found


@pytest.mark.parametrize(
    ("month", "since", "until", "field"),
    [
        ("", "", "", "month"),
        ("2026-13", "", "", "month"),
        ("9999-12", "", "", "month"),
        ("<b>", "", "", "month"),
        ("2026-01", "2026-01-01", "", "until"),
        ("", "", "2026-01-01", "since"),
        ("", "yesterday", "2026-01-01", "since"),
        ("", "2026-01-02", "2026-01-01", "until"),
        ("", "2026-01-02", "9999-12-31", "until"),
    ],
)
def test_what_is_wrong_is_told_of_its_field(month: str, since: str, until: str, field: str) -> None:
    with pytest.raises(WrongPeriodError) as told:
        period_of(month, since, until)
    assert told.value.problem["errors"][0]["field"] == field


def test_a_year_of_months_ends_with_this_one() -> None:
    months = last_months(date(2026, 3, 31))
    assert (months[0], months[1], months[-1]) == (date(2026, 3, 1), date(2026, 2, 1), date(2025, 3, 1))
