"""A month, or a span of days, that a person chooses. Days are those of UTC."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

MONTHS: Final = 13
"""That one may choose from: this one, and a year back."""


class WrongPeriodError(ValueError):
    """`problem`: as the API tells of wrong fields."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.problem: Mapping[str, Any] = {"detail": detail, "errors": [{"field": field, "detail": detail}]}


def period_of(month: str, since: str, until: str) -> tuple[date, date]:
    """First day, and the day after the last. Days go before the month. Errors: WrongPeriodError."""
    if not since and not until:
        return _month(month)
    first, last = _day("since", since), _day("until", until)
    if last < first:
        raise WrongPeriodError("until", "The last day is before the first: swap them.")
    if last == date.max:
        raise WrongPeriodError("until", "Choose an earlier day.")
    return first, last + timedelta(days=1)


def last_months(today: date) -> list[date]:
    """Their first days, this month's first."""
    found = [today.replace(day=1)]
    while len(found) < MONTHS:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found


def _month(text: str) -> tuple[date, date]:
    try:
        first = date.fromisoformat(f"{text}-01")
        return first, (first + timedelta(days=31)).replace(day=1)
    except (ValueError, OverflowError):
        raise WrongPeriodError("month", "Choose a month, or a first and a last day.") from None


def _day(field: str, text: str) -> date:
    if not text:
        raise WrongPeriodError(field, "Choose both days, or none and a month.")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise WrongPeriodError(field, "Write a day, such as 2026-01-31.") from None
