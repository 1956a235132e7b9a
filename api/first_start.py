"""What has to be in MariaDB before the service can run: schema, accounts, regions, realm and a first API key."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pymysql
from pymysql.cursors import DictCursor
from pymysql.err import InterfaceError, MySQLError

from api.accounts import API_GRANTS, REGION_GRANTS, drop_account, ensure_account
from api.audit.store import SERVICE, Entry, add_entries
from api.changes import Change, next_changes
from api.database import LOST, SESSION, connection_arguments
from api.keys.store import add_key, count_administrators
from api.migrations import MIGRATIONS, MigrationError, migrate
from api.passwords import new_api_key
from api.principal import Scope
from api.realm import refusal
from api.regions.settling import RegionsError, removed_regions, settle_regions
from api.secret_files import write_secret
from api.settings import DatabaseSettings, Settings

FIRST_KEY: Final = "first administrator"
START_LOCK_PATIENCE: Final = 60
"""Seconds to wait while another start prepares the same deployment."""


class FirstStartError(Exception):
    """The database cannot be prepared. The text is one line that says what to do."""


class DatabaseLostError(FirstStartError):
    """MariaDB went away meanwhile; the same preparation may succeed later."""


@dataclass(frozen=True)
class FirstStart:
    """What `prepare` found or made."""

    admin_key: Path
    admin_key_made: bool
    migrations: tuple[str, ...]


def prepare(settings: Settings, migrations: Path = MIGRATIONS) -> FirstStart:
    """Make the database fit for this version and these settings. Safe to run again and from several hosts at once.

    Errors: FirstStartError; DatabaseLostError when it is worth another try.
    """
    root = settings.database("root")
    try:
        with _connection(root) as cursor, start_lock(cursor, root.name):
            _create_database(cursor, root.name)
            applied = migrate(root, migrations)
            cursor.connection.begin()
            changes = _settle(cursor, settings)
            admin_key, made = _ensure_admin_key(cursor, settings.home)
            if changes:
                next_changes(cursor, changes)
            cursor.connection.commit()
            _ensure_accounts(cursor, settings)
        _ensure_portal_key(settings)
    except RegionsError as error:
        raise FirstStartError(str(error)) from error
    except MigrationError as error:
        raise _failure(error.__cause__)(str(error)) from error
    except (MySQLError, OSError) as error:
        place = root.unix_socket or f"{root.host}:{root.port}"
        raise _failure(error)(f"MariaDB at {place} could not be prepared: {error.args[-1]}") from error
    return FirstStart(admin_key, made, tuple(applied))


def _failure(error: BaseException | None) -> type[FirstStartError]:
    """An InterfaceError is what a statement on a connection gets that is lost already."""
    lost = isinstance(error, InterfaceError) or (isinstance(error, MySQLError) and error.args[0] in LOST)
    return DatabaseLostError if lost else FirstStartError


@contextmanager
def _connection(root: DatabaseSettings) -> Iterator[DictCursor]:
    connection: pymysql.Connection[DictCursor] = pymysql.connect(
        init_command=SESSION[0],
        autocommit=True,
        **connection_arguments(root) | {"read_timeout": START_LOCK_PATIENCE + 10},
    )
    with connection, connection.cursor() as cursor:
        yield cursor


@contextmanager
def start_lock(cursor: DictCursor, name: str) -> Iterator[None]:
    """While this holds, nobody else prepares the database `name` or makes accounts for it. Errors: FirstStartError."""
    cursor.execute("SELECT GET_LOCK(%s, %s) AS held", (f"{name}.start", START_LOCK_PATIENCE))
    if (cursor.fetchone() or {}).get("held") != 1:
        raise FirstStartError("another start is preparing this database: wait until it is done, then start again")
    try:
        yield
    finally:
        cursor.execute("SELECT RELEASE_LOCK(%s)", (f"{name}.start",))


def _create_database(cursor: DictCursor, name: str) -> None:
    cursor.execute(f"CREATE DATABASE IF NOT EXISTS `{name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci")
    cursor.execute(f"USE `{name}`")


def _settle(cursor: DictCursor, settings: Settings) -> list[Change]:
    """What regions have to learn of it."""
    _settle_realm(cursor, settings.realm)
    return settle_regions(cursor, settings.regions)


def _settle_realm(cursor: DictCursor, realm: str) -> None:
    """Rule R1: HA1 depends on the realm, so it stays while there is a credential."""
    cursor.execute("INSERT IGNORE INTO deployment (id, realm) VALUES (1, %s)", (realm,))
    cursor.execute("SELECT realm, EXISTS (SELECT 1 FROM credential) AS in_use FROM deployment WHERE id = 1 FOR UPDATE")
    now = cursor.fetchone() or {}
    if now["realm"] == realm:
        return
    if now["in_use"]:
        raise FirstStartError(refusal(now["realm"], realm))
    cursor.execute("UPDATE deployment SET realm = %s WHERE id = 1", (realm,))


def _ensure_accounts(cursor: DictCursor, settings: Settings) -> None:
    ensure_account(cursor, settings.database("api"), API_GRANTS)
    for region in settings.regions:
        ensure_account(cursor, settings.database(f"region-{region.name}"), REGION_GRANTS)
    for name in removed_regions(cursor):
        drop_account(cursor, f"region_{name}")


def _ensure_portal_key(settings: Settings) -> None:
    """What signs the cookies of the portal's pages."""
    if not settings.portal_key_file.exists():
        write_secret(settings.portal_key_file, secrets.token_urlsafe(32))


def _ensure_admin_key(cursor: DictCursor, home: Path) -> tuple[Path, bool]:
    """The file is written before the commit: a key that nobody knows never gets into the table."""
    file = home / "secrets" / "admin.key"
    if file.exists() and count_administrators(cursor):
        return file, False
    key = new_api_key()
    key_id = add_key(cursor, key, {"label": FIRST_KEY, "scope": Scope.ADMINISTER})
    add_entries(cursor, SERVICE, [Entry("create", "key", key_id, after={"label": FIRST_KEY, "scope": "administer"})])
    write_secret(file, key)
    return file, True
