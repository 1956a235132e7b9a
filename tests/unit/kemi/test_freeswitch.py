"""R4 over long times: honest PBXs are never blocked, hurried ones soon are."""

import random
from collections.abc import Callable, Iterator

import pytest

from kemi.contact import Contact
from kemi.region import Limits
from kemi.registration import Register, decide
from kemi.state import State

YEAR = 365 * 86_400
REQUEST = Register("127.0.17.20", 5062, Contact("sip:a@h"), 3600, "FreeSWITCH", "call", 1, 1)

Wait = Callable[[int], float]
"""Seconds until the next REGISTER, from the status of the last."""


def _codes(wait: Wait, seconds: float) -> Iterator[tuple[float, int, str | None]]:
    """(second, status, cause of a block) of every REGISTER."""
    state, at = State("alice"), 0.0
    while at < seconds:
        now = 1_764_000_000_000 + round(at * 1000)
        answer = decide(REQUEST, state, (), now, Limits(), lambda: "b")
        state = answer.state or state
        yield at, answer.code, answer.block.cause if answer.block else None
        at += wait(answer.code)


@pytest.mark.parametrize("seed", [1])
def test_R4_FreeSWITCH_is_not_blocked_in_a_year(seed: int) -> None:
    chance = random.Random(seed)
    answers = list(_codes(lambda code: chance.uniform(76, 149) if code == 200 else 32, YEAR))
    assert {code for _, code, _ in answers} == {200, 429}
    assert [(at, cause) for at, _, cause in answers if cause] == []


def test_R4_chan_sip_that_restarts_every_six_minutes_is_not_blocked() -> None:
    restarts = iter(range(1000))
    answers = list(_codes(lambda code: 20 if code == 429 else 1 if next(restarts) % 2 == 0 else 259, 86_400))
    assert {code for _, code, _ in answers} == {200, 429}
    assert [cause for _, _, cause in answers if cause == "blocked_early"] == []


@pytest.mark.parametrize("period", [5, 60])
def test_R4_a_fixed_short_period_is_blocked_within_an_hour(period: int) -> None:
    assert any(cause for _, _, cause in _codes(lambda _code: period, 3600))


@pytest.mark.parametrize("period", [100, 290])
def test_R4_a_period_of_the_interval_or_more_never_meets_a_429(period: int) -> None:
    assert {code for _, code, _ in _codes(lambda _code: period, 86_400)} == {200}
