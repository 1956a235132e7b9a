"""An import that is killed half way, whoever is killed, changes nothing."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from pymysql.cursors import DictCursor

from api.settings import ROOT, Settings
from tests.integration.api.server import connected, wait_until
from tests.integration.api.shell import environment, free_port, port, server, serving

__all__ = ["port", "server"]
ROWS = 3000
FILE = b"label,tenant\r\n" + b"killed,\r\n" * ROWS
WATCHED = ("credential", "audit", "change_log", "idempotent_request")


@contextmanager
def held(settings: Settings) -> Iterator[Callable[[], None]]:
    """No change can be numbered: an import that has written all of its rows waits here for its commit."""
    with connected(settings, "root", autocommit=False) as cursor:
        cursor.execute("SELECT n FROM change_counter FOR UPDATE")
        yield cursor.connection.rollback


def waits(root: DictCursor) -> bool:
    root.execute(
        "SELECT COUNT(*) AS n FROM information_schema.processlist"
        " WHERE command = 'Query' AND info LIKE 'UPDATE change_counter%'"
    )
    return root.fetchone() == {"n": 1}


def under_way(root: DictCursor) -> bool:
    """Whether any transaction has written something. InnoDB looks again when nobody asked for a tenth of a second."""
    time.sleep(0.15)
    root.execute("SELECT COUNT(*) AS n FROM information_schema.innodb_trx WHERE trx_rows_modified > 0")
    return root.fetchone() != {"n": 0}


def state(root: DictCursor) -> list[object]:
    found: list[object] = []
    for table in WATCHED:
        root.execute(f"SELECT COUNT(*) FROM {table}")  # noqa: S608
        found.append(root.fetchone())
    root.execute("SELECT n FROM change_counter")
    return [*found, root.fetchone()]


def request(admin_key: str, key: str, length: str) -> bytes:
    lines = (
        "POST /v1/credentials/import HTTP/1.1",
        "Host: api",
        f"Authorization: Bearer {admin_key}",
        f"Idempotency-Key: {key}",
        "Content-Type: text/csv",
        length,
    )
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode()


@contextmanager
def sending(port: int, admin_key: str, body: bytes, length: str, key: str | None = None) -> Iterator[socket.socket]:
    """A client that is killed at the end of the block: the kernel closes its socket."""
    with socket.create_connection(("127.0.11.1", port)) as client:
        client.sendall(request(admin_key, key or str(uuid4()), length) + body)
        yield client


def idle(root: DictCursor) -> None:
    wait_until(lambda: not under_way(root), what="the end of every transaction")


def test_the_api_is_killed_in_the_middle(settings: Settings, admin_key: str, root: DictCursor) -> None:
    before, key, port = state(root), str(uuid4()), free_port()
    with (
        serving(settings, port) as process,
        sending(port, admin_key, FILE, f"Content-Length: {len(FILE)}", key) as client,
    ):
        with held(settings):
            wait_until(lambda: waits(root), what="an import that has written its rows")
            for pid in [process.pid, *children(process.pid)]:
                os.kill(pid, signal.SIGKILL)
            assert client.recv(1) == b""
        idle(root)
    assert state(root) == before
    with serving(settings, port):
        headers = {"Authorization": f"Bearer {admin_key}", "Idempotency-Key": key, "Content-Type": "text/csv"}
        url = f"http://127.0.11.1:{port}/v1/credentials/import"
        again = httpx.post(url, content=FILE, headers=headers, trust_env=False, timeout=180)
    assert (again.status_code, again.text.count("\r\n")) == (201, ROWS + 1)


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_the_command_line_asks_again_when_the_answer_is_lost(
    settings: Settings, root: DictCursor, tmp_path: Path
) -> None:
    """Its key tells the API that it is the same import."""
    file, out, port = tmp_path / "in.csv", tmp_path / "out.csv", free_port()
    file.write_bytes(FILE)
    command = ["credential", "import", str(file), "--passwords", str(out)]
    variables = environment(settings, TURNPIKE_API_URL=f"http://127.0.11.1:{port}")
    before = count(root)
    with serving(settings, port) as process, held(settings) as release:
        importing = subprocess.Popen(
            [sys.executable, "-m", "api.cli", *command], cwd=ROOT, env=variables, stderr=subprocess.PIPE
        )
        wait_until(lambda: waits(root), what="an import that has written its rows")
        (worker,) = children(process.pid)
        os.kill(worker, signal.SIGKILL)
        release()
        _, said = importing.communicate(timeout=180)
    assert (importing.returncode, b"asking again" in said) == (0, True), said
    assert count(root) - before == ROWS == out.read_bytes().count(b"\r\n") - 1


def count(root: DictCursor) -> int:
    root.execute("SELECT COUNT(*) AS n FROM credential")
    return int((root.fetchone() or {})["n"])


@pytest.mark.usefixtures("server")
def test_the_client_is_killed_before_its_answer(
    settings: Settings, port: int, admin_key: str, root: DictCursor
) -> None:
    """Nobody would ever have these passwords."""
    before = state(root)
    with held(settings):
        with sending(port, admin_key, FILE, f"Content-Length: {len(FILE)}"):
            wait_until(lambda: waits(root), what="an import that has written its rows")
        assert waits(root)
    idle(root)
    assert state(root) == before


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("chunked", [False, True])
def test_the_client_is_killed_while_it_sends(port: int, admin_key: str, root: DictCursor, chunked: bool) -> None:
    """What has come ends with a whole row: it looks like a smaller file."""
    before, half = state(root), FILE[: FILE.index(b"\r\n", len(FILE) // 2) + 2]
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(FILE)}"
    with sending(port, admin_key, (b"%x\r\n" % len(half) if chunked else b"") + half, length) as client:
        client.shutdown(socket.SHUT_WR)
        assert client.recv(12) == b"HTTP/1.1 400"
    idle(root)
    assert state(root) == before


@pytest.mark.usefixtures("server")
def test_a_client_that_stays_gets_its_answer(settings: Settings, port: int, admin_key: str, root: DictCursor) -> None:
    """The same wait with nobody killed."""
    with sending(port, admin_key, FILE, f"Content-Length: {len(FILE)}") as client:
        with held(settings):
            wait_until(lambda: waits(root), what="an import that has written its rows")
        assert client.recv(12) == b"HTTP/1.1 201"
