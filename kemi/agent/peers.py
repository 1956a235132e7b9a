"""MariaDB → region store: what other regions say about their bindings (rule R6).

Each region numbers its batches of binding rows (`binding_sync`); how far this store has read stands in `meta`.
"""

from datetime import UTC, datetime
from typing import Any

from kemi.agent.database import Database
from kemi.store import Store

_BATCH = 5000

_PUT = """INSERT INTO peer(username, region, uid, address, port, user_agent, since, expires, silent, version, seq)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(username, region) DO UPDATE SET
  uid = excluded.uid, address = excluded.address, port = excluded.port, user_agent = excluded.user_agent,
  since = excluded.since, expires = excluded.expires, silent = excluded.silent, version = excluded.version,
  seq = excluded.seq
WHERE excluded.version > peer.version"""


class Peers:
    """Follows the bindings of all regions but the own one."""

    def __init__(self, region: str, store: Store) -> None:
        self._region = region
        self._store = store

    def pull(self, database: Database) -> None:
        """Take over what is new. Errors: pymysql.MySQLError, sqlite3.Error; the store then is as before."""
        with database.cursor() as cursor:
            cursor.execute("SELECT region, n FROM binding_sync WHERE region <> %s", (self._region,))
            latest = dict(cursor.fetchall())
        for region, number in latest.items():
            self._follow(database, region, int(number))

    def _follow(self, database: Database, region: str, latest: int) -> None:
        key = f"peers:{region}"
        known = int(self._store.meta(key) or 0)
        if latest == known:
            return
        if latest < known:
            self._forget(region)
            known = 0
        rows = self._rows(database, region, known)
        with self._store.transaction() as db:
            seq = self._store.next_seq()
            db.executemany(_PUT, [(*_peer(row), seq) for row in rows])
            self._store.set_meta(key, str(max((row[-1] for row in rows), default=latest)))

    def _rows(self, database: Database, region: str, known: int) -> list[tuple[Any, ...]]:
        with database.cursor() as cursor:
            cursor.execute(
                "SELECT username, region, state, uid, address, port, user_agent, since, expires_at, version, sync "
                "FROM binding WHERE region = %s AND sync > %s ORDER BY sync",
                (region, known),
            )
            return list(cursor.fetchall())

    def _forget(self, region: str) -> None:
        """The database was put back to an earlier day: what was known of the region is gone until it is read again."""
        with self._store.transaction() as db:
            seq = self._store.next_seq()
            db.execute("UPDATE peer SET expires = 0, version = 0, seq = ? WHERE region = ?", (seq, region))


def _peer(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row of `peer` without its number; what is gone has no address and expires at 0."""
    username, region, state, uid, address, port, user_agent, since, expires, version, _ = row
    gone = state == "gone"
    return (
        username,
        region,
        uid or "",
        address or "",
        port or 0,
        user_agent or "",
        _ms(since),
        0 if gone else _ms(expires),
        int(state == "silent"),
        version,
    )


def _ms(moment: datetime | None) -> int:
    return 0 if moment is None else round(moment.replace(tzinfo=UTC).timestamp() * 1000)
