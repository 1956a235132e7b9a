"""A region store that cannot be read is set aside: all that was in it is in MariaDB and in the journals."""

import logging
import sqlite3
import time
from contextlib import closing
from pathlib import Path

log = logging.getLogger("agent")


def set_aside_if_damaged(store: Path) -> bool:
    """Before anybody opens the store. Renames it, with what belongs to it, when SQLite finds it damaged."""
    if not store.exists() or _is_whole(store):
        return False
    aside = f"damaged-{time.time_ns() // 1_000_000}-"
    for file in sorted(store.parent.glob(f"{store.name}*")):
        file.rename(file.with_name(aside + file.name))
    log.error("the region store was damaged: it is kept as %s%s, and a new one is filled", aside, store.name)
    return True


def _is_whole(store: Path) -> bool:
    try:
        with closing(sqlite3.connect(f"{store.absolute().as_uri()}?mode=rw", uri=True)) as db:
            return bool(db.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
    except sqlite3.OperationalError:
        return True
    except sqlite3.DatabaseError:
        return False
