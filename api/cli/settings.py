"""Settings of PBXs on the command line: printed, or saved as files that only their owner may read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, Final, TypeVar

import click

from api.cli.files import new_secret_file, unwritable
from api.cli.output import print_json, show_row
from api.pbxs.kinds import KINDS

ROOM: Final = 256 * 1024
"""Bytes that are taken for each file first: far more than a hundred regions need."""
IN_FILES: Final = "in the files"
"""In place of a password: terminals remember what was on them (rule C2)."""
Command = TypeVar("Command", bound=Callable[..., Any])


def settings_options(command: Command) -> Command:
    """Adds --pbx, --domain and --output."""
    pbx = click.option("--pbx", type=click.Choice(tuple(KINDS)), help="Kind of PBX whose settings are wanted.")
    domain = click.option("--domain", help="Alias domain that they name; unless told, the first by name.")
    output = click.option("--output", metavar="FOLDER", help="Where their files go; none may be there yet.")
    return pbx(domain(output(command)))


class Saved:
    """Where the files of settings go: to new ones that are open, or to the standard output."""

    def __init__(self, folder: str | None = None, opened: Mapping[str, IO[bytes]] | None = None) -> None:
        self._opened = opened or {}
        self.places = [f"{folder}/{name}" for name in self._opened]
        self.left: dict[str, str] = {}

    def take(self, settings: Mapping[str, Any] | None) -> None:
        """Write what has a file; the others' texts are `left`, by name."""
        self.left = {file["name"]: file["text"] for file in settings["files"]} if settings else {}
        for name in self.left.keys() & self._opened.keys():
            self._opened[name].write(self.left.pop(name).encode())


@contextmanager
def files(pbx: str | None, folder: str | None) -> Iterator[Saved]:
    """New files for the settings of such a PBX in `folder`, if one is named. A failure leaves none of them.

    To be opened before the API is asked: what it tells once must not be lost for the want of a place.
    """
    if folder is None:
        yield Saved()
        return
    if pbx is None:
        raise click.UsageError("name the kind of PBX whose settings are wanted: --pbx KIND")
    try:
        Path(folder).mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise unwritable(folder, error) from error
    with ExitStack() as stack:
        names = KINDS[pbx].files
        yield Saved(folder, {name: stack.enter_context(new_secret_file(f"{folder}/{name}", ROOM)) for name in names})


def show_told_once(row: Mapping[str, Any], saved: Saved, as_json: bool) -> None:
    """A row that has a password, and what of its settings is in no file."""
    if as_json:
        settings = row["settings"]
        print_json({**row, "settings": settings and _placed(settings, saved)})
        return
    told = {name: value for name, value in row.items() if name != "settings"}
    if saved.places:
        told["password"] = IN_FILES
    show_row(told, as_json=False)
    if saved.left:
        click.echo()
    _print(saved)


def show_settings(settings: Mapping[str, Any], saved: Saved, as_json: bool) -> None:
    """Settings alone."""
    if as_json:
        print_json(_placed(settings, saved))
    else:
        _print(saved)


def _placed(settings: Mapping[str, Any], saved: Saved) -> Mapping[str, Any]:
    """With the paths of files in place of their texts, once they are saved."""
    return {**settings, "files": saved.places} if saved.places else settings


def _print(saved: Saved) -> None:
    for name, text in saved.left.items():
        click.echo(f"--- {name}\n{text}" if len(saved.left) > 1 else text, nl=False)
    if saved.places:
        click.echo(f"wrote {', '.join(saved.places)}", err=True)
