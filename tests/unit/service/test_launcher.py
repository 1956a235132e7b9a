"""A part is back at once when it dies, and does not keep the machine busy when it keeps dying."""

from api.service.launcher import LONGEST_PAUSE, SHORT_LIFE, Past


def lives(*ages: float) -> list[float]:
    """The pause before each start of a part whose lives were so long (seconds)."""
    past, now, pauses = Past(started=-1000.0), 0.0, []
    for age in (*ages, 0.0):
        past = past.at(now)
        pauses.append(past.pause)
        now += past.pause
        past = Past(now, past.short)
        now += age
    return pauses


def test_a_part_that_lived_is_started_at_once_however_often_it_dies() -> None:
    assert lives(*[SHORT_LIFE + 0.1] * 100) == [0.0] * 101


def test_one_short_life_costs_no_pause() -> None:
    assert lives(0.1) == [0.0, 0.0]


def test_a_part_that_keeps_dying_young_waits_longer_each_time_up_to_a_bound() -> None:
    pauses = lives(*[0.1] * 20)
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE


def test_a_long_life_is_forgiven_the_short_ones() -> None:
    assert lives(*[0.1] * 10, 60.0)[-1] == 0.0


def test_a_clock_that_starts_again_with_the_machine_is_no_short_life() -> None:
    assert Past(started=5000.0, short=3).at(10.0).pause == 0.0
