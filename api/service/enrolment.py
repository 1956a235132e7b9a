"""What a host of a region needs: a state folder with its settings, and an account of MariaDB of its own.

The control host makes both, since it holds the password of MariaDB's root.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import pymysql
from pymysql.cursors import DictCursor

from api.accounts import REGION_GRANTS, drop_account, ensure_account
from api.first_start import FirstStartError, start_lock
from api.limits import LimitSettings, ThresholdSettings
from api.regions.settling import removed_regions
from api.regions.store import read_region
from api.service import mariadb
from api.service.files import write_private
from api.settings import DatabaseSettings, Settings

MARIADB_PORT: Final = 3306
FIRST_LINE: Final = "# Region {} alone, by ./turnpike region enrol; API and database are the control host's.\n"


class EnrolmentError(Exception):
    """The region cannot be enrolled. The text is one line that says what to do."""


class Place(NamedTuple):
    """Where a new host reaches MariaDB."""

    host: str
    port: int


def place(text: str | None) -> Place | None:
    """`HOST` or `HOST:PORT`. Errors: EnrolmentError."""
    if text is None:
        return None
    host, colon, port = text.partition(":")
    if not host or (colon and not (port.isascii() and port.isdigit() and 0 < int(port) < 2**16)):
        raise EnrolmentError(f"{text} is no place of MariaDB: write HOST or HOST:PORT")
    return Place(host, int(port or MARIADB_PORT))


def enrol(settings: Settings, name: str, folder: Path, there: Place | None) -> None:
    """Writes `folder`, which must not exist yet, for a host that runs region `name` and nothing else.

    What an earlier folder for this region held opens nothing any more. Errors: EnrolmentError; then there is no folder.
    """
    if there and settings.mariadb.private:
        raise EnrolmentError(
            "this host's private MariaDB listens on no port: without --mariadb the region can run on this machine; "
            "for other hosts set [mariadb] host to a server that they reach"
        )
    if folder.exists() or folder.is_symlink():
        raise EnrolmentError(f"{folder} exists already: name a folder that does not")
    with _root(settings) as cursor, _draft(folder) as draft:
        region = _region(cursor, settings, name)
        account = _account(settings, name, draft, there)
        for file, text in state_files(settings, region, account).items():
            write_private(draft / file, text)
        drop_account(cursor, account.user)
        ensure_account(cursor, account, REGION_GRANTS)
        draft.rename(folder)


def withdraw(settings: Settings, name: str) -> str | None:
    """The account of a region that was removed is dropped; returns why not, if it could not be."""
    if not settings.control:
        return "this is not the control host"
    try:
        with _root(settings) as cursor:
            if name not in removed_regions(cursor):
                return f"this host's MariaDB has not removed a region {name}"
            drop_account(cursor, f"region_{name}")
    except EnrolmentError as error:
        return str(error)
    return None


@contextmanager
def _root(settings: Settings) -> Iterator[DictCursor]:
    if not settings.control:
        raise EnrolmentError("this host runs regions only: enrol regions on the control host")
    try:
        with mariadb.connect(settings) as connection, connection.cursor(DictCursor) as cursor:
            connection.select_db(settings.mariadb.name)
            with start_lock(cursor, settings.mariadb.name):
                yield cursor
    except FirstStartError as error:
        raise EnrolmentError(str(error)) from error
    except (pymysql.MySQLError, mariadb.RefusedError, OSError) as error:
        raise EnrolmentError(f"MariaDB cannot be used as root on this host: {error.args[-1]}") from error


@contextmanager
def _draft(folder: Path) -> Iterator[Path]:
    """A private folder beside `folder`, to become it; gone unless it has."""
    try:
        draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.absolute().parent))
    except OSError as error:
        raise EnrolmentError(f"{folder} cannot be made ({error.strerror}): name another") from error
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _region(cursor: DictCursor, settings: Settings, name: str) -> dict[str, Any]:
    region = read_region(cursor, name)
    if region is None:
        raise EnrolmentError(f"there is no region {name}: add it first (./turnpike region add {name} ADDRESS)")
    if region["name"] in {own.name for own in settings.regions}:
        raise EnrolmentError(f"this host runs region {name} itself: take it out of settings.toml first")
    if region["alive"]:
        raise EnrolmentError(f"region {name} runs: stop it first, another account would lock it out")
    return region


def _account(settings: Settings, name: str, home: Path, there: Place | None) -> DatabaseSettings:
    known = settings.database(f"region-{name}")
    own = {"password_file": home / "secrets" / known.password_file.name}
    way = {"unix_socket": None, "host": there.host, "port": there.port} if there else {}
    return known.model_copy(update=own | way)


def state_files(settings: Settings, region: Mapping[str, Any], account: DatabaseSettings) -> dict[str, str]:
    """By name. Realm, thresholds and hard limits are the deployment's, and so the same everywhere."""
    way: dict[str, Any] = {"host": account.host, "port": account.port}
    if account.unix_socket:
        way = {"socket": str(account.unix_socket)}
    thresholds = _differing(settings.thresholds.model_dump(), ThresholdSettings().model_dump())
    tables = {"[mariadb]": way | {"name": account.name}, "[thresholds]": thresholds}
    tables["[[regions]]"] = {"name": region["name"], "address": region["address"]}
    text = FIRST_LINE.format(region["name"]) + _lines({"control": False, "realm": settings.realm})
    text += "".join(f"\n{title}\n{_lines(table)}" for title, table in tables.items() if table)
    files = {"settings.toml": text}
    if settings.test_limits:
        files["limits.toml"] = _lines(_differing(settings.limits.model_dump(), LimitSettings().model_dump()))
    return files


def _differing(chosen: Mapping[str, Any], shipped: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in chosen.items() if value != shipped[name]}


def _lines(table: Mapping[str, Any]) -> str:
    """TOML, whose texts, numbers and truth values are JSON's."""
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in table.items())
