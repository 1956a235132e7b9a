"""C4: the first use of each password is written once."""

from datetime import UTC, datetime, timedelta
from typing import Any

from kemi.agent import uses
from kemi.agent.uses import PasswordUses

T = 1_764_000_000_000
AT = datetime(2025, 11, 24, 16, 0, tzinfo=UTC).replace(tzinfo=None)


def bound(username: object, version: object, t: int = T) -> dict[str, Any]:
    return {"t": t, "s": {"u": username, "v": t, "b": {"pv": version}}}


def called(username: object, version: object, t: int = T) -> dict[str, Any]:
    return {"t": t, "c": {"id": "c-1", "s": t, "u": username, "pv": version}}


def test_the_earliest_of_each_password_is_told_until_it_is_remembered() -> None:
    known = PasswordUses("nw1")
    records = [bound("a", 1, T + 5), called("a", 1), bound("a", 2), called("b", 1), bound("a", 1, T + 9)]
    found = known.first(records)
    assert found == [("a", 1, "nw1", AT), ("a", 2, "nw1", AT), ("b", 1, "nw1", AT)]
    assert known.first(records) == found, "what was not committed is told again"
    known.remember(found)
    assert known.first(records) == []
    assert [use[:2] for use in known.first([bound("a", 3), bound("a", 1)])] == [("a", 3)]
    assert known.first([bound("a", 1, T - 1)]) == [("a", 1, "nw1", AT - timedelta(milliseconds=1))]


def test_lines_without_a_proven_password_tell_nothing() -> None:
    odd: list[dict[str, Any]] = [
        {"t": T, "s": {"u": "a", "v": T, "b": None}},
        {"t": T, "s": {"u": "a", "v": T, "b": {}}},
        {"t": T, "s": "a", "c": []},
        {"t": T, "c": {"id": "c-1", "e": T}},
        {"t": T, "e": {"u": "a"}},
        {"t": "then", "s": {"u": "a", "b": {"pv": 1}}},
    ]
    wrong = [bound("a", version) for version in (0, -1, None, "1", True, 2**40)] + [bound(None, 1), bound("", 1)]
    assert PasswordUses("nw1").first([*odd, *wrong]) == []


def test_memory_is_bounded(monkeypatch: Any) -> None:
    monkeypatch.setattr(uses, "MOST_REMEMBERED", 3)
    known = PasswordUses("nw1")
    for version in range(1, 6):
        known.remember(known.first([bound("a", version)]))
    assert len(known._known) <= 4
