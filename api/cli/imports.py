"""CSV files that the API makes things of, all of them or none."""

from __future__ import annotations

import csv
import io
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO, Final, TypeVar
from uuid import uuid4

import click
import httpx

from api.cli.client import ANSWER_LOST, COPIED_BY, Client, RefusedError, Row, connect
from api.cli.files import new_secret_file
from api.cli.output import print_json, show_rows, warn_of_pending
from api.cli.showing import Showing, showing
from api.limits import LARGEST_FILE

PART: Final = 64 * 1024
"""Bytes that are sent at once."""
LOOK_EVERY: Final = 0.1
"""Seconds."""
ADDED_A_ROW: Final = 128
"""Bytes that a row of the answer may be longer than that of the file: id, username, password, quotes."""
Command = TypeVar("Command", bound=Callable[..., Any])
Read = TypeVar("Read")


def import_options(command: Command) -> Command:
    """Adds FILE and --dry-run."""
    dry_run = click.option("--dry-run", is_flag=True, help="Say what is wrong with the file and change nothing.")
    return click.argument("file", type=click.File("rb"))(dry_run(command))


def check(what: str, file: BinaryIO, as_json: bool) -> None:
    """Show what is wrong with a file of `what` (such as "numbers"); exit status 1 when something is."""
    data, client = _contents(file), connect()
    with _timed(as_json) as said:
        with showing() as shown:
            report: Row = _send(client, f"{what}/import/check", data, shown, _document)
        if report["wrong"] and not as_json:
            wrong = [{"line": item["line"], **each} for item in report["items"] for each in item["errors"]]
            show_rows(wrong, ("line", "field", "detail"), as_json, "")
        said.append(f"{report['wrong']:,} of {report['rows']:,} {what} are wrong, and nothing was changed")
    if as_json:
        print_json(report)
    if report["wrong"]:
        raise SystemExit(1)


def carry_out(what: str, file: BinaryIO, as_json: bool) -> None:
    """Create all `what` of a file, or none."""
    data, client = _contents(file), connect()
    with _timed(as_json) as said, showing() as shown, _wrong_rows():
        done: Row = _send(client, f"{what}/import", data, shown, _document)
        said.append(f"{done['rows']:,} {what} were imported")
    if as_json:
        print_json(done)
    warn_of_pending(done)


def carry_out_secretly(what: str, file: BinaryIO, answer: str, as_json: bool) -> None:
    """The same, where the API answers with a file that it tells once: `answer`, which is made first."""
    data, client = _contents(file), connect()
    with _timed(as_json) as said, new_secret_file(answer, len(data) + ADDED_A_ROW * (data.count(b"\n") + 2)) as output:
        with showing() as shown, _wrong_rows(), _broken_off(what):
            received = _send(client, f"{what}/import", data, shown, bytes)
        output.write(received)
        rows = sum(1 for _ in csv.reader(io.StringIO(received.decode(), newline=""))) - 1
        said.append(f"{rows:,} {what} were imported; {answer} has their passwords, which nobody can tell again")
    if as_json:
        print_json({"rows": rows, "passwords": answer})


def _contents(file: BinaryIO) -> bytes:
    data = file.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise click.ClickException(f"{file.name} is larger than {LARGEST_FILE >> 20} MiB: divide it")
    return data


def _send(client: Client, path: str, data: bytes, shown: Showing, read: Callable[[bytes], Read]) -> Read:
    """Once more when the answer is lost: by its key the API knows whether it was carried out."""
    key = str(uuid4())
    try:
        return read(_sent(client, path, data, shown, key))
    except click.ClickException as error:
        if not isinstance(error.__cause__, ANSWER_LOST):
            raise
        click.echo("the answer was lost: asking again", err=True)
        return read(_sent(client, path, data, shown, key))


def _sent(client: Client, path: str, data: bytes, shown: Showing, key: str) -> bytes:
    with _looking(client, key, shown):
        sending = client.sending(path, {COPIED_BY: key}, _parts(data, shown), len(data))
        with sending as answer:
            return b"".join(_received(answer, shown))


def _document(body: bytes) -> Row:
    document: Row = httpx.Response(200, content=body).json()
    return document


def _parts(data: bytes, shown: Showing) -> Iterator[bytes]:
    for start in range(0, len(data), PART):
        shown.at("uploading", start, len(data))
        yield data[start : start + PART]
    shown.at("uploading", len(data), len(data))


def _received(answer: httpx.Response, shown: Showing) -> Iterator[bytes]:
    total = int(answer.headers.get("Content-Length", 0))
    for part in answer.iter_bytes():
        shown.at("receiving", answer.num_bytes_downloaded, total)
        yield part


@contextmanager
def _looking(client: Client, key: str, shown: Showing) -> Iterator[None]:
    """Asks how far the import is, as long as its answer has not come."""
    over = threading.Event()

    def look() -> None:
        while not over.wait(LOOK_EVERY):
            with suppress(click.ClickException):
                now = client.get(f"imports/{key}")
                shown.at(now["phase"], now["done"], now["rows"])

    looker = threading.Thread(target=look, daemon=True)
    looker.start()
    try:
        yield
    finally:
        over.set()


@contextmanager
def _timed(as_json: bool) -> Iterator[list[str]]:
    """Says what the block has to say, and how long it took; on stderr, when stdout is for programs."""
    began, said = time.monotonic(), list[str]()
    yield said
    click.echo(f"{'; '.join(said)} ({time.monotonic() - began:.1f} s)", err=as_json)


@contextmanager
def _wrong_rows() -> Iterator[None]:
    """Names each of them."""
    try:
        yield
    except RefusedError as refused:
        for each in refused.errors:
            click.echo(": ".join(str(each[name]) for name in ("line", "field", "detail") if name in each), err=True)
        raise


@contextmanager
def _broken_off(what: str) -> Iterator[None]:
    """Ctrl-C may come after the API has made them."""
    try:
        yield
    except KeyboardInterrupt:
        click.echo(
            f"broken off: if there are new {what} all the same, delete them: nobody has their passwords", err=True
        )
        raise
