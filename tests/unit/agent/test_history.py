"""What the journals tell of accepted registrations, and the ring that they are kept in."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kemi.agent.history import registrations
from kemi.agent.ring import SHOWN_SECONDS, Ring

T = 1_764_000_000_000
AT = datetime(2025, 11, 24, 16, 0, tzinfo=UTC).replace(tzinfo=None)
RING = Ring(100, 300)
SLOT = RING.slot(T)
PBX = {"a": "192.0.2.7", "p": 5062, "ua": "Asterisk", "exp": T + 300_000}


def line(t: object = T, clock: object = T, bound: object = PBX, named: int = 0, **more: Any) -> dict[str, Any]:
    return {"t": t, "s": {"u": "x7k2", "v": T, "clock": clock, "named": named, "b": bound}, **more}


def event(cause: str, rule: str = "R6", **details: Any) -> dict[str, Any]:
    return {"rule": rule, "cause": cause, "a": "192.0.2.7", "ua": "Asterisk", "with": details}


def rows(*records: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Without what each has: region, slot, username."""
    found = registrations(RING, "nw1", records)
    assert all(row[:3] == ("nw1", SLOT, "x7k2") for row in found)
    return [row[3:] for row in found]


def test_R4_an_accepted_registration_is_a_row() -> None:
    assert rows(line()) == [(AT, "192.0.2.7", 5062, "Asterisk", None, None, None)]


def test_R4_what_is_refused_or_noted_later_is_none() -> None:
    refused = line(T + 41_000, named=T + 100_000, e=event("early", "R4"))
    silent = line(T + 60_000, bound=PBX | {"ka": 2})
    set_back = line(T, named=T + 100_000, e=event("early", "R4"))
    assert rows(refused, silent, set_back) == []


def test_R4_the_twentieth_in_a_row_is_accepted_though_it_leads_to_a_block() -> None:
    assert len(rows(line(e=event("blocked_streak", "R4"), x={"id": "k-1"}))) == 1


def test_a_pbx_that_leaves_ends_its_registration() -> None:
    later = AT + timedelta(seconds=30)
    assert rows(line(T + 30_000, bound=None)) == [(AT, None, None, None, later, "deregistered", None)]


def test_what_removes_a_binding_is_told_with_its_sentence() -> None:
    (row,) = rows(line(T + 1000, bound=None, e=event("withdrawn", "C5", reason="disabled")))
    assert row[4:6] == (AT + timedelta(seconds=1), "withdrawn")
    assert row[6].endswith("because the credential was disabled.")
    for cause in ("removed", "race_lost"):
        assert rows(line(T + 1000, bound=None, e=event(cause)))[0][5] == cause


def test_a_refusal_of_one_that_has_left_ends_nothing() -> None:
    assert rows(line(T + 41_000, bound=None, named=T + 100_000, e=event("early", "R4"))) == []


def test_lines_that_tell_of_no_registration_are_left_out() -> None:
    odd: list[dict[str, Any]] = [
        {"t": T},
        {"t": T, "s": "x"},
        {"t": T, "s": {"u": "x", "v": 1}},
        {"t": T, "e": event("removed")},
        line(clock=0),
        line(clock=-1),
        line(clock="then"),
        line(clock=2**70, t=2**70),
        line("then", bound=None),
        line(2**70, bound=None),
        line(bound="x"),
    ]
    assert rows(*odd) == []


def test_hostile_texts_fit_their_columns() -> None:
    (row,) = rows(line(bound={"a": None, "p": 2**70, "ua": "\ud800\x00" + "é" * 5000}))
    assert row[1:3] == ("", None)
    assert len(row[3]) == 255


MOMENTS = st.integers(0, 4_000_000_000_000)


@given(at=MOMENTS, interval=st.integers(1, 200), granted=st.integers(1, 600), share=st.just(1.0) | st.floats(0, 1))
def test_R4_what_is_still_shown_is_not_overwritten(at: int, interval: int, granted: int, share: float) -> None:
    ring = Ring(interval, granted)
    shortest, longest = interval * 1000, (SHOWN_SECONDS + granted) * 1000
    later = at + shortest + int(share * (longest - shortest))
    assert ring.slot(at) != ring.slot(later)
    assert 0 <= ring.slot(at) < ring.slots


@given(since=MOMENTS, span=st.integers(0, SHOWN_SECONDS * 1000), share=st.floats(0, 1), interval=st.integers(1, 200))
def test_a_span_of_time_has_the_slots_of_all_moments_in_it(since: int, span: int, share: float, interval: int) -> None:
    ring = Ring(interval, 300)
    found = ring.between(since, since + span)
    assert ring.slot(since + int(span * share)) in found
    assert len(found) == len(set(found)) <= span // (interval * 1000) + 2
