"""What the agent's tests need around it: a private MariaDB, regions with their agents, a gateway's pen."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import pymysql

from api.accounts import REGION_GRANTS
from kemi.journal import Journal
from kemi.store import StoreReader
from kemi.stored import Changes
from tests.sip import waiting

ROOT = Path(__file__).resolve().parents[3]
PASSWORD = "only in tests"
MEMORY = ("--innodb-buffer-pool-size=32M", "--performance-schema=OFF", "--skip-log-bin", "--innodb-log-file-size=8M")

Found = TypeVar("Found")


def until(condition: Callable[[], Found], seconds: float = 10, pause: float = 0.01) -> Found:
    """The first true value of `condition`."""
    return waiting.until(condition, seconds, "what is awaited", pause)


def now() -> int:
    return time.time_ns() // 1_000_000


class MariaDb:
    """A server of its own. What it committed survives `kill`, as in the service."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="agent-db-", dir="/tmp"))
        self.socket = self.folder / "s"
        install = ["mariadb-install-db", "--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"]
        install += ["--skip-name-resolve", "--force", "--user=root", "--innodb-log-file-size=8M"]
        subprocess.run([*install, f"--datadir={self.folder}/data"], check=True, capture_output=True)
        self.start()

    def start(self) -> None:
        command = [
            "mariadbd",
            "--no-defaults",
            f"--datadir={self.folder}/data",
            f"--socket={self.socket}",
            "--user=root",
        ]
        command += ["--skip-networking", "--skip-name-resolve", "--innodb-flush-log-at-trx-commit=2", *MEMORY]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        until(self._answers, 30)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.socket)) == 0

    def connect(self, database: str | None = None) -> "pymysql.Connection[Any]":
        return pymysql.connect(unix_socket=str(self.socket), user="root", database=database, autocommit=True)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def remove(self) -> None:
        self.kill()
        shutil.rmtree(self.folder)


class Deployment:
    """One database of the server, with the schema and the API's way of writing."""

    def __init__(self, server: MariaDb, name: str) -> None:
        self.server = server
        self.name = name
        self.home = Path(tempfile.mkdtemp(prefix="agent-", dir="/tmp"))
        self._connection: pymysql.Connection[Any] | None = None
        with server.connect() as connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        for file in sorted((ROOT / "sql").glob("*.sql")):
            command = ["mariadb", "--no-defaults", f"--socket={server.socket}", "--user=root", name]
            subprocess.run(command, input=file.read_bytes(), check=True, capture_output=True)

    def query(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows as of now; a connection that a killed server broke is made anew."""
        try:
            return self._query(statement, values)
        except (pymysql.err.OperationalError, pymysql.err.InterfaceError):
            self._disconnect()
            return self._query(statement, values)

    def _disconnect(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection._force_close()

    def _query(self, statement: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        if self._connection is None:
            self._connection = self.server.connect(self.name)
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values)
            return list(cursor.fetchall())

    def change(self, entity: str, entity_id: str, data: dict[str, str] | None = None, *write: Any) -> int:
        """As the API writes: the number, the log and the row in one transaction."""
        with self.server.connect(self.name) as connection, connection.cursor() as cursor:
            connection.begin()
            cursor.execute("UPDATE change_counter SET n = LAST_INSERT_ID(n + 1)")
            number = connection.insert_id()
            if write:
                cursor.execute(write[0], write[1:])
            values = (number, entity, entity_id, json.dumps(data) if data else None)
            cursor.execute("INSERT INTO change_log (n, entity, entity_id, data) VALUES (%s, %s, %s, %s)", values)
            connection.commit()
        return number

    def add_credential(self, username: str) -> int:
        insert = "INSERT INTO credential (id, username, ha1, label) VALUES (%s, %s, %s, '')"
        return self.change(
            "credential", f"cr-{username}", {"username": username}, insert, f"cr-{username}", username, "a" * 32
        )

    def delete_credential(self, username: str) -> int:
        delete = "DELETE FROM credential WHERE username = %s"
        return self.change("credential", f"cr-{username}", {"username": username}, delete, username)

    def region(self, name: str, address: str) -> "Place":
        """A region with its own database account, as the service makes it."""
        with self.server.connect(self.name) as connection, connection.cursor() as cursor:
            user = f"{self.name}_{name}"
            cursor.execute("CREATE USER %s@localhost IDENTIFIED BY %s", (user, PASSWORD))
            for privileges, table in REGION_GRANTS:
                cursor.execute(f"GRANT {privileges} ON `{self.name}`.`{table}` TO %s@localhost", (user,))
            cursor.execute("INSERT INTO region (name, address) VALUES (%s, %s)", (name, address))
        return Place(self, name, address, user)

    def remove(self) -> None:
        self._disconnect()
        shutil.rmtree(self.home, ignore_errors=True)


class Place:
    """One region: its state folder, its agent, and the pen of a gateway process."""

    def __init__(self, deployment: Deployment, name: str, address: str, user: str) -> None:
        self.home = deployment.home / name
        self.journals = self.home / "journal"
        self.home.mkdir(mode=0o700)
        self.name = name
        self._process: subprocess.Popen[bytes] | None = None
        password = self.home / "key"
        password.write_text(PASSWORD)
        database = {"unix_socket": str(deployment.server.socket), "user": user, "password_file": str(password)}
        facts = {"region": name, "address": address, "port": 5060, "realm": "registration"}
        facts |= {"limits": {}, "thresholds": {}, "test_limits": False}
        host = {"home": str(self.home), "database": {**database, "name": deployment.name}, "gateway": ["kamailio"]}
        host |= {"log": str(self.home / "gateway.log"), "starts": str(self.home / "gateway.json")}
        (self.home / "host.json").write_text(json.dumps(host))
        configuration = self.home / "configurations" / "first"
        configuration.mkdir(parents=True)
        (configuration / "region.json").write_text(json.dumps(facts))
        (self.home / "current").symlink_to(configuration)
        self.reader = StoreReader(self.home / "store.sqlite")

    def start(self) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "TURNPIKE_REGION": str(self.home)}
        with (self.home / "log").open("ab") as log:
            self._process = subprocess.Popen([sys.executable, "-m", "kemi.agent"], env=environment, stderr=log)

    def kill(self) -> None:
        """As the kernel would: no goodbye."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """The exit status after SIGTERM."""
        return self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> int:
        if self._process is None:
            return 0
        process, self._process = self._process, None
        process.send_signal(number)
        return process.wait(60)

    def release(self) -> "subprocess.Popen[bytes]":
        """The running agent is the caller's; the next `start` makes a second one."""
        assert self._process
        process, self._process = self._process, None
        return process

    def close(self) -> None:
        """The log is what a failed test shows."""
        self.kill()
        print(self.log())
        self.reader.close()

    def log(self) -> str:
        return (self.home / "log").read_text(encoding="utf-8")

    def store(self) -> Changes:
        """Everything that the store holds."""
        return self.reader.changes_since(0)

    def pen(self, process: int = 1, boot: int = 1764000000123, segment_bytes: int = 8 << 20) -> Journal:
        return Journal(self.journals, boot, process, segment_bytes)


def write(pen: Journal, records: Iterable[dict[str, Any]]) -> None:
    for record in records:
        assert pen.append(json.dumps(record))


def event(call_id: str, **more: Any) -> dict[str, Any]:
    """A journal line with one event; `call_id` tells it from others."""
    line = {"rule": "R4", "cause": "early", "u": "x7k2", "a": "192.0.2.7", "p": 5062, "ci": call_id, "n": 1, "with": {}}
    return {"t": now(), "e": {**line, **more}}


def bound(username: str, version: int, expires: int | None = None, **more: Any) -> dict[str, Any]:
    """A journal line with a state that has a binding; `expires` 0 makes it one without."""
    expires = now() + 300_000 if expires is None else expires
    binding = {"id": f"b-{username}", "a": "192.0.2.7", "p": 5062, "c": "sip:x@10.0.0.9", "ua": "Asterisk", "ci": "c"}
    binding |= {"cs": 1, "since": version, "exp": expires, "ka": 0, **more}
    state = {"u": username, "v": version, "clock": version, "named": 0, "streak": 0, "early": ["", []]}
    return {"t": version, "s": {**state, "b": binding if expires else None}}
