"""F1: a damaged region store."""

from pathlib import Path

from kemi.agent.mend import set_aside_if_damaged
from kemi.store import Store


def test_F1_a_damaged_store_is_kept_under_another_name(tmp_path: Path) -> None:
    store = tmp_path / "store.sqlite"
    store.write_bytes(b"no database" * 100)
    assert set_aside_if_damaged(store)
    assert not store.exists()
    assert [file.read_bytes()[:11] for file in tmp_path.glob("damaged-*")] == [b"no database"]


def test_F1_a_store_that_can_be_read_stays(tmp_path: Path) -> None:
    Store(tmp_path / "store.sqlite").close()
    assert not set_aside_if_damaged(tmp_path / "store.sqlite")
    assert not set_aside_if_damaged(tmp_path / "there is none")
    assert (tmp_path / "store.sqlite").exists()
