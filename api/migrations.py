"""Applies the numbered migrations of sql/."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pymysql
from pymysql.cursors import Cursor
from pymysql.err import MySQLError
from yoyo import read_migrations  # type: ignore[import-untyped]
from yoyo.backends.core.mysql import MySQLBackend  # type: ignore[import-untyped]
from yoyo.connections import DatabaseURI  # type: ignore[import-untyped]

from api.database import connection_arguments
from api.settings import ROOT, DatabaseSettings

MIGRATIONS = ROOT / "sql"
HISTORY_TABLE = "_yoyo_migration"


class MigrationError(Exception):
    """A migration failed. The text names it and says what to do."""


def migrate(settings: DatabaseSettings, folder: Path = MIGRATIONS) -> list[str]:
    """Apply what is new in `folder`, in order, and return the names of what was applied.

    The caller holds the deployment's start lock, so that a lock row that a killed run left behind is void.
    Errors: MigrationError at the first that fails; those before it stay applied, those after it are not tried.
    """
    backend = _backend(settings)
    with backend:
        backend.init_database()
        backend.break_lock()
        with backend.lock():
            return [_apply(backend, migration) for migration in backend.to_apply(read_migrations(str(folder)))]


def _apply(backend: Any, migration: Any) -> str:
    try:
        backend.apply_one(migration)
    except MySQLError as error:
        reason = " ".join(str(error.args[-1]).split())
        raise MigrationError(
            f"migration {migration.id} failed: {reason}: correct sql/{migration.id}.sql and start again"
        ) from error
    return str(migration.id)


class Backend(MySQLBackend):  # type: ignore[misc]
    """yoyo's MySQL backend, connecting as the rest of the program does; yoyo's own way uses deprecated arguments."""

    def connect(self, dburi: Any) -> Any:
        """A connection that waits for an index on millions of rows; its rows are tuples, as yoyo expects them.

        Errors: pymysql.err.OperationalError.
        """
        patient = {"cursorclass": Cursor, "read_timeout": None}
        return pymysql.connect(database=dburi.database, **dburi.args | patient)


def _backend(settings: DatabaseSettings) -> Any:
    arguments = connection_arguments(settings)
    return Backend(DatabaseURI("mysql", None, None, None, None, settings.name, arguments), HISTORY_TABLE)
