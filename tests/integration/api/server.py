"""A private, throw-away MariaDB, and regions' agents that only report."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pymysql
from flask import Flask
from pymysql.cursors import DictCursor

from api.application import create_app
from api.database import connection_arguments
from api.secret_files import write_secret
from api.services import NAME
from api.settings import Settings
from tests.sip.waiting import until

ROOT_PASSWORD = "rootrootroot"
INSTALL = ("--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve", "--force")
SMALL = ("--innodb-log-file-size=8M", "--user=root")
CARELESS = (
    "--skip-networking",
    "--skip-name-resolve",
    "--skip-log-bin",
    "--performance-schema=OFF",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-flush-method=nosync",
    "--innodb-doublewrite=0",
)


def wait_until(condition: Callable[[], Any], seconds: float = 20.0, what: str = "condition") -> Any:
    """What `condition` returns once that is true. Errors: AssertionError when time enough has passed."""
    return until(condition, seconds, what)


class MariaDB:
    """A server in a state folder, as the service lays it out; it can be stopped and started again."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._folder = home / "mariadb"
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[Self]:
        home = Path(tempfile.mkdtemp(prefix="tp-api-"))
        server = cls(home)
        try:
            server.install()
            server.start()
            server.set_root_password()
            yield server
        finally:
            server.stop()
            shutil.rmtree(home)

    def install(self) -> None:
        self._folder.mkdir()
        command = ["mariadb-install-db", "--no-defaults", f"--datadir={self._folder}/data", *INSTALL, *SMALL]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self) -> None:
        files = (
            f"--datadir={self._folder}/data",
            f"--socket={self._folder}/mariadb.sock",
            f"--log-error={self._folder}/log",
        )
        self._process = subprocess.Popen(["mariadbd", "--no-defaults", *files, *SMALL, *CARELESS])
        wait_until((self._folder / "mariadb.sock").exists, what="MariaDB's socket")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
            self._process = None

    def set_root_password(self) -> None:
        with (
            pymysql.connect(unix_socket=str(self._folder / "mariadb.sock"), user="root") as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute("ALTER USER root@localhost IDENTIFIED BY %s", (ROOT_PASSWORD,))
        write_secret(self.home / "secrets" / "mariadb-root.key", ROOT_PASSWORD)


@contextmanager
def connected(settings: Settings, account: str, **more: Any) -> Iterator[DictCursor]:
    """A cursor of `account`, which commits each statement. A busy machine may take its time over 100,000 rows."""
    place = settings.database(account)
    usual = {"autocommit": True, "database": place.name, "read_timeout": 120}
    arguments = connection_arguments(place) | usual | more
    with pymysql.connect(**arguments) as connection, connection.cursor() as cursor:
        cursor.execute("SET time_zone = '+00:00'")
        yield cursor


@contextmanager
def running_app(settings: Settings) -> Iterator[Flask]:
    """The application; its connections are closed at the end."""
    app = create_app(settings)
    try:
        yield app
    finally:
        app.extensions[NAME].database.close()


class Reporter:
    """Stands for a region: reports every change as applied, `delay` seconds after it was made."""

    def __init__(self, settings: Settings, region: str, *, applies: bool = True) -> None:
        self._settings = settings
        self._region = region
        self._applies = applies
        self._stop = threading.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(10)

    def _run(self) -> None:
        with connected(self._settings, f"region-{self._region}") as cursor:
            while not self._stop.is_set():
                self._report(cursor)
                self._ready.set()
                self._stop.wait(0.02)
            cursor.execute("UPDATE region SET heartbeat_at = NULL, gateway_at = NULL WHERE name = %s", (self._region,))

    def _report(self, cursor: DictCursor) -> None:
        cursor.execute(
            "UPDATE region SET heartbeat_at = UTC_TIMESTAMP(3), gateway_at = UTC_TIMESTAMP(3) WHERE name = %s",
            (self._region,),
        )
        if self._applies:
            cursor.execute(
                "UPDATE region SET applied_change = (SELECT n FROM change_counter WHERE id = 1) WHERE name = %s",
                (self._region,),
            )
