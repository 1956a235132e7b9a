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
        raise unwritable(file, error) from error


def write_text(text: str, file: str) -> None:
    """Write `text` to `file`, which others may read, and which is the old one or the whole new one at any moment."""
    target = Path(file).resolve()
    try:
        if target.exists() and not target.is_file():
            target.write_text(text, encoding="utf-8")
            return
        with _beside(target) as output:
            os.fchmod(output.fileno(), _mode(target))
            output.write(text.encode())
    except OSError as error:
        raise unwritable(file, error) from error


def _mode(target: Path) -> int:
    """That of the file as it is, or what every new file gets."""
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def unwritable(file: str, error: OSError) -> click.ClickException:
    """Says so in one line."""
    return click.ClickException(f"{file} cannot be written: {error.strerror}")


def _save_whole(parts: Iterable[bytes], target: Path) -> None:
    with _beside(target) as output:
        _copy(parts, output)


@contextmanager
def _beside(target: Path) -> Iterator[IO[bytes]]:
    """A file that takes the place of `target` when it is whole."""
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as output:
        try:
            yield output
            output.flush()
            os.fsync(output.fileno())
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
def new_secret_file(file: str, size: int) -> Iterator[IO[bytes]]:
    """A file that only its owner may read, and that is not there yet; it is whole at the end, or not there again.

    Room for `size` bytes is taken first, so that what is written into it cannot be lost for the want of it.
    """
    target = Path(file).resolve()
    try:
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError as error:
        raise click.ClickException(f"{file} exists already: name a file that is to be made") from error
    except OSError as error:
        raise unwritable(file, error) from error
    try:
        with _beside(target) as output:
            os.posix_fallocate(output.fileno(), 0, size)
            yield output
            output.truncate()
    except BaseException as error:
        target.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise unwritable(file, error) from error
        raise


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    return Progress(*columns, console=console, disable=not console.is_terminal, transient=True)
