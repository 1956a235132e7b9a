"""One region of a running instance: what it is asked to put in force, and what is in force."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pymysql

from kemi.application import FILE
from kemi.configuration import digest
from tests.sip.turnpike import Turnpike
from tests.sip.waiting import until

Files = dict[str, str]
Change = Callable[[Files], None]
Row = dict[str, Any]
ENDED = ("checked", "in-force", "refused", "rolled-back")


class Host:
    """Rows are written as the API writes them."""

    def __init__(self, service: Turnpike, region: str = "nw1") -> None:
        self.service = service
        self.region = region
        self.home = service.instance.home / "region" / region
        self._root = service.instance.home

    def connect(self) -> "pymysql.Connection[Any]":
        return pymysql.connect(
            unix_socket=str(self._root / "mariadb" / "mariadb.sock"),
            user="root",
            password=(self._root / "secrets" / "mariadb-root.key").read_text().strip(),
            database="turnpike",
            autocommit=True,
            cursorclass=pymysql.cursors.DictCursor,
        )

    def query(self, statement: str, *values: object) -> list[Row]:
        with self.connect() as connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
            return list(cursor.fetchall())

    # What is in force

    @property
    def name(self) -> str:
        """Of the folder of what is in force."""
        return (self.home / "current").readlink().name

    def folder(self) -> dict[str, bytes]:
        """What is in force, byte for byte."""
        return {file.name: file.read_bytes() for file in (self.home / "current").resolve().iterdir()}

    def files(self) -> Files:
        return {name: content.decode() for name, content in self.folder().items()}

    def pulse(self) -> Row:
        facts: Row = json.loads((self.home / "pulse.json").read_text())
        return facts

    def reported(self) -> tuple[int, str]:
        """Version and digest, as the region's agent says."""
        (row,) = self.query("SELECT configuration, configuration_digest FROM region WHERE name = %s", self.region)
        return row["configuration"], row["configuration_digest"]

    def leftovers(self) -> list[str]:
        """What an application leaves only while it is under way."""
        drafts = [file.name for file in (self.home / "configurations").glob("draft-*")]
        return [
            *(name for name in (FILE, ".current.next", ".current.back") if os.path.lexists(self.home / name)),
            *drafts,
        ]

    # What is asked of it

    def changed(self, change: Change) -> Files:
        """What is in force, with a change."""
        files = self.files()
        change(files)
        return files

    def store(self, files: Files) -> int:
        """The version of these files."""
        full = digest(files)
        known = "SELECT version FROM configuration WHERE region = %s AND digest = %s"
        if not (rows := self.query(known, self.region, full)):
            self.query(
                "INSERT INTO configuration (region, version, digest, files, actor_kind) SELECT %s, "
                "ifnull(max(version), 0) + 1, %s, %s, 'key' FROM configuration WHERE region = %s",
                *(self.region, full, json.dumps(files), self.region),
            )
            rows = self.query(known, self.region, full)
        return int(rows[0]["version"])

    def ask(self, version: int, action: str = "apply") -> int:
        """The number of the application."""
        with self.connect() as connection, connection.cursor() as cursor:
            insert = "INSERT INTO application (region, version, action, actor_kind) VALUES (%s, %s, %s, 'key')"
            cursor.execute(insert, (self.region, version, action))
            return int(cursor.lastrowid)

    def row(self, number: int) -> Row:
        (row,) = self.query("SELECT * FROM application WHERE id = %s", number)
        return row

    def until(self, number: int, *states: str, seconds: float = 60) -> Row:
        """The application, once it is in one of these states (ended, if none is named)."""
        wanted = states or ENDED
        return until(
            lambda: row if (row := self.row(number))["state"] in wanted else None,
            seconds,
            f"application {number} is {wanted}",
            pause=0.05,
        )

    def apply(self, change: Change | int, action: str = "apply") -> Row:
        """What became of it; whatever that is, nothing half done is left, and what is reported is in force."""
        version = change if isinstance(change, int) else self.store(self.changed(change))
        row = self.until(self.ask(version, action))
        self.is_tidy()
        return row

    def is_tidy(self) -> None:
        until(lambda: not self.leftovers(), 5, "nothing is left of an application")
        until(lambda: self.pulse().get("configuration") == self.name, 30, "the gateway runs what is in force")
        until(lambda: self.reported()[1] == digest(self.files()), 5, "what is in force is reported")

    @contextmanager
    def locked(self, statement: str, *values: object) -> Iterator[Callable[[], None]]:
        """Rows or tables are locked until what this yields is called, or the end."""
        with self.connect() as connection, connection.cursor() as cursor:
            connection.begin()
            cursor.execute(statement, values)

            def free() -> None:
                cursor.execute("UNLOCK TABLES")
                connection.commit()

            try:
                yield free
            finally:
                free()

    def agent(self) -> int:
        """Its process."""
        return until(lambda: self.service.instance.pids(f"{self.region}-agent"), 20, "the agent runs")[0]

    def second_agent(self) -> "subprocess.Popen[bytes]":
        """Another one of this region, as somebody might start it by mistake; it is there when it wants to apply."""
        first = Path(f"/proc/{self.agent()}")
        variables = (first / "environ").read_bytes().split(b"\0")
        environment = dict(each.split(b"=", 1) for each in variables if each)
        command = [part.decode() for part in (first / "cmdline").read_bytes().split(b"\0") if part]
        second = subprocess.Popen(command, env=environment, cwd=first / "cwd", stderr=subprocess.DEVNULL)
        wanted = str(self.home / "applying.lock")
        until(lambda: wanted in _open_files(second.pid), 20, "the second agent waits for its turn")
        return second

    def plan(self) -> Row | None:
        """`applying.json`."""
        try:
            facts: Row = json.loads(Path(self.home / FILE).read_text())
        except FileNotFoundError:
            return None
        return facts


def _open_files(pid: int) -> list[str]:
    return [os.readlink(each) for each in Path(f"/proc/{pid}/fd").iterdir() if each.is_symlink()]


def replaced(name: str, old: str, new: str) -> Change:
    """Other text in one of the files."""

    def change(files: Files) -> None:
        assert old in files[name], f"{name} has no {old}"
        files[name] = files[name].replace(old, new)

    return change


def threshold(**values: int) -> Change:
    """Other thresholds (rule B2)."""

    def change(files: Files) -> None:
        facts = json.loads(files["region.json"])
        facts["thresholds"] |= values
        files["region.json"] = json.dumps(facts, indent=1) + "\n"

    return change
