"""Files that take a while: they show on stderr how far they are, when somebody looks."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn


def save(parts: Iterable[bytes], file: str) -> None:
    """Write a download to `file`, - for the standard output. A file appears when it is whole, and not before."""
    target = Path(file).resolve()
    try:
        if file == "-" or (target.exists() and not target.is_file()):
            with click.open_file(file, "wb") as output:
                _copy(parts, output)
        else:
            _save_whole(parts, target)
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}") from error


def _save_whole(parts: Iterable[bytes], target: Path) -> None:
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as output:
        try:
            _copy(parts, output)
            output.flush()
            os.replace(output.name, target)
        except BaseException:
            os.unlink(output.name)
            raise


def _copy(parts: Iterable[bytes], output: IO[bytes]) -> None:
    with _progress() as progress:
        task = progress.add_task("received", total=None)
        for part in parts:
            output.write(part)
            progress.advance(task, len(part))


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Says that one long request is under way."""
    with Console(stderr=True).status(what):
        yield


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    return Progress(*columns, console=console, disable=not console.is_terminal, transient=True)
