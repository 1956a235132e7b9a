"""O2 as a pure decision: one call a second, with jitter and without bursts."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kemi.pace import INTERVAL_MS, TOLERANCE_MS, spend

T = 1_764_000_000_000
_MOMENTS = st.lists(st.integers(0, 60_000), max_size=200).map(sorted)


def _let_through(moments: Iterable[float], due: int = 0) -> list[int]:
    passed = []
    for moment in moments:
        now = T + round(moment)
        following = spend(due, now)
        if following is not None:
            due = following
            passed.append(now)
    return passed


def test_O2_of_ten_calls_at_once_one_is_let_through() -> None:
    assert len(_let_through([0] * 10)) == 1


@given(st.lists(st.integers(-100, 100), min_size=1, max_size=120))
def test_O2_a_call_each_second_give_or_take_100_ms_loses_none(jitter: list[int]) -> None:
    moments = [1000 * number + late for number, late in enumerate(jitter)]
    assert len(_let_through(moments)) == len(moments)


def test_O2_two_calls_a_second_for_a_minute_are_60_or_61() -> None:
    assert len(_let_through(number * 500 for number in range(120))) in (60, 61)


def test_O2_a_schedule_that_drifts_faster_loses_some() -> None:
    assert len(_let_through(number * 950 for number in range(200))) < 200


@given(_MOMENTS)
def test_O2_the_long_run_average_never_exceeds_one_a_second(moments: list[int]) -> None:
    passed = _let_through(moments)
    for first in range(len(passed)):
        for last in range(first, len(passed)):
            span = passed[last] - passed[first]
            assert last - first <= (span + TOLERANCE_MS) / INTERVAL_MS


@given(_MOMENTS)
def test_O2_a_call_that_is_refused_costs_nothing(moments: list[int]) -> None:
    passed = [moment - T for moment in _let_through(moments)]
    assert _let_through(passed) == [T + moment for moment in passed]


@pytest.mark.parametrize("back", [1, 1_500, 86_400_000])
def test_O2_a_clock_that_is_set_back_locks_nobody_out(back: int) -> None:
    due = spend(0, T)
    assert due is not None
    assert spend(due, T - back + INTERVAL_MS) is not None


def test_O2_a_long_pause_saves_nothing_up() -> None:
    assert len(_let_through([0, 100_000, 100_000, 100_050, 100_100])) == 2
