"""The region store as the gateway sees it."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kemi.store import Store, StoreReader
from kemi.stored import Changes, ColdStart

ROOT = Path(__file__).resolve().parents[3]


def put(store: Store, *usernames: str) -> int:
    with store.transaction() as db:
        seq = store.next_seq()
        db.executemany(
            "INSERT INTO credential VALUES (?, ?, 'h', 1, 1, NULL, NULL, NULL, ?)",
            [(name, f"cr-{name}", seq) for name in usernames],
        )
        store.set_meta("change", str(len(usernames)))
    return seq


def test_F1_a_store_that_does_not_exist_is_an_empty_one(tmp_path: Path) -> None:
    reader = StoreReader(tmp_path / "store.sqlite")
    assert not reader.has_changed()
    assert reader.changes_since(0) == Changes()
    assert reader.cold_start() == ColdStart()
    assert not (tmp_path / "store.sqlite").exists()
    (tmp_path / "store.sqlite").touch()
    assert reader.changes_since(0) == Changes()
    reader.close()


def test_a_reader_notices_each_write_once_and_gets_what_is_new(tmp_path: Path) -> None:
    store, reader = Store(tmp_path / "store.sqlite"), StoreReader(tmp_path / "store.sqlite")
    first = put(store, "a", "b")
    assert reader.has_changed()
    assert not reader.has_changed()
    assert {row.username for row in reader.changes_since(0).credentials} == {"a", "b"}
    second = put(store, "c")
    assert reader.has_changed()
    changes = reader.changes_since(first)
    assert [row.username for row in changes.credentials] == ["c"]
    assert (changes.seq, changes.change) == (second, 1)
    reader.close()
    store.close()


def test_what_only_the_agent_reads_is_no_change(tmp_path: Path) -> None:
    store, reader = Store(tmp_path / "store.sqlite"), StoreReader(tmp_path / "store.sqlite")
    put(store, "a")
    assert reader.has_changed()
    with store.transaction() as db:
        db.execute("INSERT INTO position VALUES ('a', 1)")
    assert not reader.has_changed()
    with store.transaction():
        store.set_meta("change", "7")
    assert reader.has_changed()
    put(store, "b")
    assert reader.has_changed()
    reader.close()
    store.close()


def test_a_store_without_its_numbers_has_changed(tmp_path: Path) -> None:
    """Whoever then reads the changes sees what is wrong with it."""
    store, reader = Store(tmp_path / "store.sqlite"), StoreReader(tmp_path / "store.sqlite")
    assert reader.has_changed()
    with store.transaction() as db:
        db.execute("ALTER TABLE meta RENAME TO hidden")
    assert reader.has_changed()
    reader.close()
    store.close()


def test_a_store_made_anew_is_noticed_and_its_numbers_go_on(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    store, reader = Store(path), StoreReader(path)
    seen = put(store, "a")
    assert reader.has_changed()
    store.close()
    for file in tmp_path.iterdir():
        file.unlink()
    store = Store(path)
    put(store, "b")
    assert reader.has_changed()
    assert [row.username for row in reader.changes_since(seen).credentials] == ["b"]
    reader.close()
    store.close()


def test_a_transaction_that_fails_leaves_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "store.sqlite")
    put(store, "a")
    with pytest.raises(sqlite3.IntegrityError):
        put(store, "b", "a")
    assert store.db.execute("SELECT username FROM credential").fetchall() == [("a",)]
    put(store, "c")
    store.close()


def test_the_gateway_cannot_write(tmp_path: Path) -> None:
    store, reader = Store(tmp_path / "store.sqlite"), StoreReader(tmp_path / "store.sqlite")
    with reader._reading() as db:
        assert db is not None
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            db.execute("INSERT INTO meta VALUES ('a', 'b')")
    reader.close()
    store.close()


OPEN_AND_CLOSE = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute('SELECT * FROM meta'); db.close()"


def test_F2_a_second_opening_leaves_the_first_its_locks(tmp_path: Path) -> None:
    """Without them a reader that closes takes itself for the last one and deletes the log under the writer."""
    path = tmp_path / "store.sqlite"
    stores = [Store(path), Store(path)]
    subprocess.run([sys.executable, "-c", OPEN_AND_CLOSE, str(path)], check=True)
    assert (tmp_path / "store.sqlite-wal").exists()
    put(stores[0], "a")
    assert stores[1].db.execute("SELECT username FROM credential").fetchall() == [("a",)]
    for store in stores:
        store.close()


KILLED_WRITER = """
import sys, time
from pathlib import Path
from kemi.store import Store
store = Store(Path(sys.argv[1]))
for number in range(10_000_000):
    with store.transaction() as db:
        seq = store.next_seq()
        row = (f"u{number}", f"c{number}", seq)
        db.execute("INSERT INTO credential VALUES (?, ?, 'h', 1, 1, NULL, NULL, NULL, ?)", row)
        store.set_meta("change", str(number + 1))
    print(number, flush=True)
"""


def test_F2_what_a_killed_agent_committed_is_there(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    command = [sys.executable, "-c", KILLED_WRITER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={"PYTHONPATH": str(ROOT)}, text=True) as writer:
        assert writer.stdout is not None
        for _ in range(50):
            writer.stdout.readline()
        os.kill(writer.pid, signal.SIGKILL)
        said = [int(line) for line in writer.stdout.read().splitlines() if line]
    reader = StoreReader(path)
    changes = reader.changes_since(0)
    reader.close()
    assert len(changes.credentials) == changes.change
    assert len(changes.credentials) > (said[-1] if said else 49)


def test_F1_200000_credentials_are_read_quickly(tmp_path: Path) -> None:
    store = Store(tmp_path / "store.sqlite")
    with store.transaction() as db:
        rows = ((f"user{number}", f"cr-{number}", "a" * 32) for number in range(200_000))
        db.executemany("INSERT INTO credential VALUES (?, ?, ?, 1, 1, NULL, NULL, NULL, 1)", rows)
    store.close()
    reader = StoreReader(tmp_path / "store.sqlite")
    started = time.monotonic()
    assert len(reader.changes_since(0).credentials) == 200_000
    print(f"200,000 credentials read in {time.monotonic() - started:.2f} s")
    reader.close()


def test_C4_a_store_of_before_grace_periods_serves_and_is_read_afresh(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    store = Store(path)
    put(store, "a")
    for column in ("old_ha1", "old_until", "tenant"):
        store.db.execute(f"ALTER TABLE credential DROP COLUMN {column}")
    store.close()
    reader = StoreReader(path)
    (row,) = reader.changes_since(0).credentials
    assert (row.username, row.old_ha1, row.old_until) == ("a", None, None)
    stores = [Store(path), Store(path)]
    assert stores[1].change() == -1
    (row,) = reader.changes_since(0).credentials
    assert (row.username, row.tenant, row.old_ha1, row.old_until) == ("a", None, None, None)
    for store in stores:
        store.close()
    reader.close()


def test_I3_a_store_of_before_regions_were_data_serves_and_is_read_afresh(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    store = Store(path)
    put(store, "a")
    store.db.execute("DROP TABLE region")
    store.close()
    reader = StoreReader(path)
    assert ([row.username for row in reader.changes_since(0).credentials], reader.changes_since(0).regions) == (
        ["a"],
        [],
    )
    stores = [Store(path), Store(path)]
    assert [each.change() for each in stores] == [-1, -1]
    with stores[0].transaction():
        stores[0].set_meta("change", "7")
    stores.append(Store(path))
    assert stores[2].change() == 7, "once is enough"
    for store in stores:
        store.close()
    reader.close()
