"""Folding: the same ledger whatever the order, and nothing kept that says nothing."""

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kemi.agent.fold import KEPT_ENDED_MS, KEPT_MS, Folder
from kemi.journal import Journal, newer, newer_block
from kemi.store import Store, StoreReader
from kemi.stored import ColdStart

NOW = 1_764_000_000_000

STATES = st.builds(
    lambda user, version, streak: {"s": {"u": user, "v": version, "streak": streak, "clock": version, "b": None}},
    st.sampled_from("abc"),
    st.integers(1, 6),
    st.integers(0, 2),
)
BLOCKS = st.builds(
    lambda uid, until, lifted: {"x": {"id": uid, "until": until, "lifted": lifted}},
    st.sampled_from("kl"),
    st.integers(1, 4),
    st.booleans(),
)
NOISE = st.sampled_from(
    [{"e": {}}, {"s": None}, {"s": {"u": 1, "v": 1}}, {"s": {"u": "a", "v": "1"}}, {"x": []}, {"x": {}}]
)


def fold(folder: Path, files: list[list[dict[str, Any]]]) -> ColdStart:
    """What a cold start finds after these journals were folded."""
    for process, records in enumerate(files):
        journal = Journal(folder / "journal", NOW, process)
        assert all(journal.append(json.dumps(record)) for record in records)
        journal.close()
    store = Store(folder / "store.sqlite")
    folder_of_records = Folder(store, folder / "journal")
    folder_of_records.fold()
    store.close()
    reader = StoreReader(folder / "store.sqlite")
    cold = reader.cold_start()
    reader.close()
    return cold


def sorted_texts(values: list[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(value, sort_keys=True) for value in values)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(STATES, BLOCKS, NOISE), max_size=12), st.randoms(use_true_random=False))
def test_F1_the_ledger_does_not_depend_on_the_order_of_records(records: list[dict[str, Any]], random: Any) -> None:
    shuffled = records[:]
    random.shuffle(shuffled)
    cut = len(shuffled) // 2
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        first = fold(Path(one), [records])
        second = fold(Path(other), [shuffled[:cut], shuffled[cut:], shuffled])
    assert sorted_texts(first.states) == sorted_texts(second.states)
    assert sorted_texts(first.blocks) == sorted_texts(second.blocks)


@settings(deadline=None)
@given(st.lists(STATES, min_size=1))
def test_R4_the_highest_version_wins(records: list[dict[str, Any]]) -> None:
    kept = None
    for record in records:
        kept = newer(kept, record["s"])
    assert kept is not None
    assert kept["v"] == max(record["s"]["v"] for record in records)


def test_B5_a_lifted_block_stays_lifted() -> None:
    made = {"id": "k", "until": 900, "lifted": False}
    lifted = {"id": "k", "until": 5, "lifted": True}
    assert newer_block(newer_block(None, made), lifted) == lifted
    assert newer_block(newer_block(None, lifted), made) == lifted


def test_folding_goes_on_where_it_stopped(tmp_path: Path) -> None:
    fold(tmp_path, [[{"s": {"u": "a", "v": 2, "b": None}}]])
    cold = fold(tmp_path, [[{"s": {"u": "b", "v": 1, "b": None}}]])
    assert {state["u"] for state in cold.states} == {"a", "b"}
    assert sorted(cold.positions) == [f"{NOW}-00-000001.jsonl", f"{NOW}-00-000002.jsonl"]


def state(user: str, clock: int, streak: int = 0, expires: int = 0) -> dict[str, Any]:
    binding = {"exp": expires} if expires else None
    return {"s": {"u": user, "v": clock, "clock": clock, "streak": streak, "b": binding}}


def test_R4_pruning_drops_only_what_says_nothing_any_more(tmp_path: Path) -> None:
    old = NOW - KEPT_MS - 1
    records = [
        state("forgotten", old),
        state("streak", old, streak=3),
        state("bound", old, expires=NOW + 1000),
        state("recent", NOW - 1000),
        {"x": {"id": "over", "until": old}},
        {"x": {"id": "running", "until": NOW + 1000}},
    ]
    fold(tmp_path, [records])
    store = Store(tmp_path / "store.sqlite")
    with store.transaction() as db:
        db.execute(
            "INSERT INTO credential (username, id, ha1, enabled, version, seq) VALUES "
            "('told', '1', NULL, 0, 1, 5), ('untold', '2', NULL, 0, 1, 6), ('x', '3', '', 1, 1, 1)"
        )
    Folder(store, tmp_path / "journal").prune(NOW, applied_seq=5)
    store.close()
    reader = StoreReader(tmp_path / "store.sqlite")
    cold, changes = reader.cold_start(), reader.changes_since(0)
    reader.close()
    assert {state["u"] for state in cold.states} == {"streak", "bound", "recent"}
    assert [block["id"] for block in cold.blocks] == ["running"]
    assert {row.username for row in changes.credentials} == {"untold", "x"}


CALL = {"id": "c-1", "s": NOW, "d": "out", "u": "a", "k": 1, "a": "192.0.2.7:5060", "b0": "192.0.2.9:5060"}
WORDS = [
    {"c": CALL},
    {"c": {"id": "c-1", "r": NOW + 1, "b": "192.0.2.9:5060", "core": "192.0.2.9:5060"}},
    {"c": {"id": "c-1", "w": NOW + 2, "b": "192.0.2.8:5060", "core": "192.0.2.8:5060", "tt": "b"}},
    {"c": {"id": "c-1", "e": NOW + 3, "by": "caller", "code": 200, "fr": NOW + 32_003}},
]


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(st.permutations(WORDS), st.integers(0, 4), st.booleans())
def test_O3_a_folded_call_does_not_depend_on_the_order_of_its_lines(
    words: list[dict[str, Any]], cut: int, ended: bool
) -> None:
    said = words if ended else [word for word in words if "e" not in word["c"]]
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        first = fold(Path(one), [WORDS if ended else WORDS[:3]])
        fold(Path(other), [said[:cut]])
        second = fold(Path(other), [said[cut:]])
    assert first.calls == second.calls
    assert len(first.calls) == 1


def test_O3_of_a_refused_attempt_and_of_a_call_that_was_refused_nothing_remains(tmp_path: Path) -> None:
    end = {"e": NOW + 3, "by": "callee", "code": 486, "fr": 0}
    cold = fold(tmp_path, [[{"c": {**CALL, **end}}], [{"c": {**CALL, "id": "c-2"}}, {"c": {"id": "c-2", **end}}]])
    assert cold.calls == []


@pytest.mark.parametrize(("later", "kept"), [(KEPT_ENDED_MS - 1, True), (KEPT_ENDED_MS, False)])
def test_O3_a_call_that_has_ended_is_kept_while_lines_about_it_may_come(tmp_path: Path, later: int, kept: bool) -> None:
    fold(tmp_path, [WORDS])
    assert bool(_pruned(tmp_path, NOW + 32_003 + later)) is kept


def test_O3_an_end_that_is_folded_long_before_its_beginning_is_not_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the call would be in progress for ever: an agent that was down reads one worker's file after the other."""
    monkeypatch.setattr("kemi.agent.fold.now_ms", lambda: NOW)
    fold(tmp_path, [[{"c": {"id": "c-1", "e": NOW + 3, "by": "callee", "code": 486, "fr": 0}}]])
    _pruned(tmp_path, NOW + 60_000)
    assert fold(tmp_path, [WORDS[:1]]).calls == []


def test_a_late_word_about_a_call_that_is_forgotten_is_forgotten_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kemi.agent.fold.now_ms", lambda: NOW)
    assert len(fold(tmp_path, [WORDS[1:2]]).calls) == 1
    assert _pruned(tmp_path, NOW + KEPT_MS + 1) == []


def _pruned(folder: Path, now: int) -> list[dict[str, Any]]:
    """Calls in the store after pruning."""
    store = Store(folder / "store.sqlite")
    Folder(store, folder / "journal").prune(now, applied_seq=0)
    store.close()
    reader = StoreReader(folder / "store.sqlite")
    calls = reader.cold_start().calls
    reader.close()
    return calls
