"""Folding: the same ledger whatever the order, and nothing kept that says nothing."""

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kemi.agent.fold import KEPT_MS, Folder
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
            "INSERT INTO credential VALUES "
            "('told', '1', NULL, 0, 1, NULL, 5), ('untold', '2', NULL, 0, 1, NULL, 6), ('x', '3', '', 1, 1, NULL, 1)"
        )
    Folder(store, tmp_path / "journal").prune(NOW, applied_seq=5)
    store.close()
    reader = StoreReader(tmp_path / "store.sqlite")
    cold, changes = reader.cold_start(), reader.changes_since(0)
    reader.close()
    assert {state["u"] for state in cold.states} == {"streak", "bound", "recent"}
    assert [block["id"] for block in cold.blocks] == ["running"]
    assert {row.username for row in changes.credentials} == {"untold", "x"}
