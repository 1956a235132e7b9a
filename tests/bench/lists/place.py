"""A state folder with a MariaDB that runs as the service's own does."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pymysql
from pymysql.cursors import Cursor

from api.database import SESSION, connection_arguments
from api.service import mariadb
from api.settings import Settings
from tests.sip.waiting import until

FILLING = (
    "--innodb-buffer-pool-size=2G",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=0",
    "--innodb-sort-buffer-size=64M",
    "--innodb-log-file-size=1G",
)
"""What differs while rows are made: a crash then costs the folder, not a customer."""


@contextmanager
def running(settings: Settings, *more: str) -> Iterator[None]:
    """The folder's MariaDB with the service's options; `more` come last and win."""
    server, installer = _program("mariadbd"), _program("mariadb-install-db")
    mariadb.install(settings, server, installer)
    process = subprocess.Popen([server, *mariadb.options(settings), *more])
    try:
        until(lambda: process.poll() is not None or mariadb.answers(settings), 60, "MariaDB answers", pause=0.1)
        if process.poll() is not None:
            raise SystemExit(f"MariaDB has ended at once: is another one running in {settings.home}?")
        yield
    finally:
        process.terminate()
        process.wait(300)


@contextmanager
def connected(settings: Settings) -> Iterator[Cursor]:
    """A cursor of MariaDB's root that waits as long as it takes, and commits each statement."""
    place = settings.database("root")
    arguments = connection_arguments(place) | {"cursorclass": Cursor, "read_timeout": None, "write_timeout": None}
    connection: pymysql.Connection[Cursor] = pymysql.connect(database=place.name, autocommit=True, **arguments)
    with connection, connection.cursor() as cursor:
        for statement in SESSION:
            cursor.execute(statement)
        yield cursor


def settings_in(folder: Path, regions: Sequence[str]) -> Settings:
    """The settings of an instance in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f'[[regions]]\nname = "{name}"\naddress = "127.0.16.{at}"\n' for at, name in enumerate(regions, 1)]
    (folder / "settings.toml").write_text("\n".join(lines))
    return Settings.load(folder)


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise SystemExit(f"{name} is not installed: run ./turnpike up once")
    return found
