"""The way to MariaDB: how to connect, and what to do when it is away."""

import json
import logging
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import Cursor

log = logging.getLogger("agent")

Database: TypeAlias = "Connection[Cursor]"

CONNECT_SECONDS = 2
READ_SECONDS = 5
_PAUSES = (0.1, 0.2, 0.4, 0.8, 1.0)


@dataclass(frozen=True, slots=True)
class Access:
    """Where MariaDB is and as whom to log in. The password stays in its file until a connection is made."""

    name: str
    user: str
    password_file: Path
    unix_socket: str | None = None
    host: str | None = None
    port: int = 3306


def load_access(home: Path) -> Access:
    """The `database` part of a region's host.json. Errors: OSError, ValueError, KeyError, TypeError if it is wrong."""
    facts: dict[str, Any] = json.loads((home / "host.json").read_text(encoding="utf-8"))["database"]
    access = Access(**{**facts, "password_file": Path(facts["password_file"])})
    if not access.unix_socket and not access.host:
        raise ValueError("database needs unix_socket, or host and port")
    return access


def connect(access: Access) -> Database:
    """A new connection that commits each statement. Errors: pymysql.MySQLError, OSError (also of the password file)."""
    return pymysql.connect(
        user=access.user,
        password=access.password_file.read_text(encoding="utf-8").strip(),
        database=access.name,
        unix_socket=access.unix_socket,
        host=access.host,
        port=access.port,
        charset="utf8mb4",
        autocommit=True,
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        write_timeout=READ_SECONDS,
    )


class Reachability:
    """Says once that something is away and once that it is back, however many threads find out."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._lock = threading.Lock()
        self._down: set[str] = set()

    def lost(self, who: str, error: Exception) -> None:
        """A thread failed."""
        with self._lock:
            if not self._down:
                log.warning("%s cannot be used (%s): %s; trying again until it can", self._what, who, error)
            self._down.add(who)

    def found(self, who: str) -> None:
        """A thread succeeded."""
        with self._lock:
            if who in self._down:
                self._down.remove(who)
                if not self._down:
                    log.info("%s can be used again", self._what)


class Attempts:
    """Tries work again after a growing pause when what it needs is away."""

    def __init__(self, name: str, reachability: Reachability) -> None:
        self._name = name
        self._reachability = reachability
        self._failures = 0

    def attempt(self, work: Callable[[], None]) -> float:
        """Do the work; 0 when it was done, else the seconds to wait before the next attempt."""
        try:
            work()
        except (pymysql.MySQLError, sqlite3.OperationalError, OSError) as error:
            self._reachability.lost(self._name, error)
            self._failures += 1
            return _PAUSES[min(self._failures, len(_PAUSES)) - 1]
        self._failures = 0
        self._reachability.found(self._name)
        return 0


class Link:
    """One thread's connection: made when needed, thrown away after any error.

    After an error nobody knows whether a commit went through, so work must begin by reading where it stands.
    """

    def __init__(self, name: str, opener: Callable[[], Database], reachability: Reachability) -> None:
        self._opener = opener
        self._attempts = Attempts(name, reachability)
        self._connection: Database | None = None

    def attempt(self, work: Callable[[Database], None]) -> float:
        """Do the work; 0 when it was done, else the seconds to wait before the next attempt."""
        pause = self._attempts.attempt(lambda: work(self._connected()))
        if pause:
            self.close()
        return pause

    def close(self) -> None:
        """Drop the connection without a word to the server, which may be hanging."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection._force_close()  # type: ignore[attr-defined]

    def _connected(self) -> Database:
        if self._connection is None:
            self._connection = self._opener()
        return self._connection
