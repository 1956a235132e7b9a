"""One appointment for each call, whose moment may be moved, passed over and set back."""

import pytest

from kemi.agenda import Agenda
from kemi.watched import Watched

NOW = 1764000000123


def due(agenda: Agenda, now: int) -> list[str]:
    found = []
    while (call := agenda.pop(now)) is not None:
        found.append(call.uid)
    return found


def with_calls(*moments: int) -> tuple[Agenda, list[Watched]]:
    agenda, calls = Agenda(), [Watched(f"c-{number}") for number in range(len(moments))]
    for call, moment in zip(calls, moments, strict=True):
        agenda.put(call, moment)
    return agenda, calls


def test_a_call_is_due_at_its_moment_and_once() -> None:
    agenda, _ = with_calls(NOW)
    assert due(agenda, NOW - 1) == []
    assert due(agenda, NOW) == ["c-0"]
    assert (due(agenda, NOW + 1000), len(agenda)) == ([], 0)


def test_a_call_has_one_appointment() -> None:
    agenda, (call,) = with_calls(NOW)
    agenda.put(call, NOW + 5000)
    assert (due(agenda, NOW + 4999), len(agenda)) == ([], 1)
    agenda.put(call, NOW + 4000)
    assert due(agenda, NOW + 4000) == ["c-0"]


def test_who_is_struck_is_not_due() -> None:
    agenda, (call, _) = with_calls(NOW, NOW)
    agenda.strike(call)
    agenda.strike(call)
    assert due(agenda, NOW) == ["c-1"]


def test_what_is_past_is_due_at_once() -> None:
    agenda, calls = with_calls(NOW)
    assert due(agenda, NOW) == ["c-0"]
    agenda.put(calls[0], NOW - 3_600_000)
    assert due(agenda, NOW) == ["c-0"]


def test_two_in_one_slot_are_due_each_at_its_own_moment() -> None:
    agenda, _ = with_calls(NOW // 100 * 100 + 70, NOW // 100 * 100 + 20)
    assert due(agenda, NOW // 100 * 100 + 20) == ["c-1"]
    assert due(agenda, NOW // 100 * 100 + 70) == ["c-0"]


@pytest.mark.parametrize("step", [100, 1000, 3_600_000, 10**12])
def test_a_clock_that_is_set_ahead_passes_nobody_over(step: int) -> None:
    agenda, _ = with_calls(NOW, NOW + step // 2, NOW + step, NOW + step + 1)
    assert due(agenda, NOW + step) == ["c-0", "c-1", "c-2"]
    assert due(agenda, NOW + step + 1) == ["c-3"]


def test_a_clock_that_is_set_back_stops_nobody() -> None:
    agenda, calls = with_calls(NOW, NOW + 3_600_000)
    assert due(agenda, NOW) == ["c-0"]
    agenda.put(calls[0], NOW - 3_600_000 + 32_000)
    assert due(agenda, NOW - 3_600_000) == []
    assert due(agenda, NOW - 3_600_000 + 32_000) == ["c-0"]
    assert due(agenda, NOW + 3_600_000) == ["c-1"]
