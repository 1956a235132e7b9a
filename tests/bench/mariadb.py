"""A private MariaDB for the stock configuration: throw-away data, with the flushing that a default server does."""

import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any

import pymysql
from pymysql.cursors import Cursor

from tests.bench.kamailio import family
from tests.sip.waiting import until


class MariaDB:
    """A server on a Unix socket. The current user is its administrator."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.socket = home / "mariadb.sock"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        data = self.home / "data"
        data.mkdir(parents=True)
        common = ["--no-defaults", f"--datadir={data}", "--user=root", "--innodb-log-file-size=64M"]
        install = ["mariadb-install-db", "--auth-root-authentication-method=normal", "--skip-test-db", "--force"]
        subprocess.run([install[0], *common, *install[1:]], check=True, capture_output=True)
        with (self.home / "mariadb.log").open("ab") as log:
            self._process = subprocess.Popen(
                ["mariadbd", *common, f"--socket={self.socket}", "--skip-networking"],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until(self._answers, 30, "MariaDB answers", pause=0.1)

    def _answers(self) -> bool:
        try:
            self.query("SELECT 1")
        except pymysql.err.OperationalError:
            return False
        return True

    def connect(self, database: str | None = None) -> "pymysql.Connection[Cursor]":
        return pymysql.connect(unix_socket=str(self.socket), user="root", database=database, autocommit=True)

    def query(self, sql: str, database: str | None = None) -> tuple[tuple[Any, ...], ...]:
        with self.connect(database) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    def load(self, script: Path, database: str) -> None:
        """Runs a file of SQL. Errors: CalledProcessError."""
        command = ["mariadb", "--no-defaults", f"--socket={self.socket}", "--user=root", database]
        with script.open("rb") as sql:
            subprocess.run(command, stdin=sql, check=True, capture_output=True)

    def pids(self) -> frozenset[int]:
        return family(self._process.pid) if self._process else frozenset()

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
            self._process = None

    def __enter__(self) -> "MariaDB":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
