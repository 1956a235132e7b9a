"""How rows are shown: tables for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

COLOURS: Final = {"+": "green", "-": "red", "@": "cyan"}

Row = Mapping[str, Any]
Command = TypeVar("Command", bound=Callable[..., Any])


def json_option(command: Command) -> Command:
    """Adds --json, as parameter `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")(command)


def sort_option(*names: str) -> Callable[[Command], Command]:
    """Adds --sort, one of `names`: of a column, behind a - for descending; the first is the usual one."""
    described = f"{', '.join(names)}; a leading - is descending."
    return click.option("--sort", type=click.Choice(names), default=names[0], show_default=True, help=described)


def show_rows(rows: Iterable[Row], columns: Sequence[str], as_json: bool, none: str) -> None:
    """Print a table of `columns`, or all of `rows` as JSON; `none` is said, on stderr, when there are none."""
    rows = list(rows)
    if as_json:
        print_json(rows)
        return
    if not rows:
        click.echo(none, err=True)
        return
    table = Table(*(_title(column) for column in columns), box=None, header_style="bold", pad_edge=False)
    for row in rows:
        table.add_row(*(_cell(row.get(column)) for column in columns))
    console().print(table)


def show_row(row: Row, as_json: bool) -> None:
    """Print one row, a line for each field, or JSON. Warns about regions that are pending."""
    if as_json:
        print_json(row)
        return
    table = Table(show_header=False, box=None, pad_edge=False)
    for name, value in row.items():
        if name not in ("change", "pending_regions"):
            table.add_row(_title(name), _cell(value))
    console().print(table)
    warn_of_pending(row)


def warn_of_pending(row: Row) -> None:
    """Rule C5: say which regions have not applied the change yet."""
    if row.get("pending_regions"):
        click.echo(f"not applied yet in {', '.join(row['pending_regions'])}: see ./turnpike region list", err=True)


def show_diff(lines: Iterable[str]) -> None:
    """A unified diff, coloured where somebody looks."""
    for line in lines:
        click.secho(line, **_style(line))


def _style(line: str) -> dict[str, Any]:
    if line.startswith(("+++ ", "--- ")):
        return {"bold": True}
    return {"fg": COLOURS.get(line[:1])}


def print_json(value: Any) -> None:
    """For programs."""
    click.echo(json.dumps(value, indent=2))


def _title(column: str) -> str:
    return column.replace("_", " ")


def _cell(value: Any) -> Text:
    if value is None or value == []:
        return Text("-")
    if isinstance(value, bool):
        return Text("yes" if value else "no")
    if isinstance(value, list):
        return Text("\n".join(harmless(_line(each)) for each in value))
    return Text(harmless(str(value)))


def harmless(text: str) -> str:
    """What a stranger sent (a User-Agent, a username) must not steer the terminal."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def _line(value: Any) -> str:
    return ", ".join(str(part) for part in value.values()) if isinstance(value, Mapping) else str(value)


def console() -> Console:
    """As wide as the terminal; without one nothing is cut, so that other programs can read it."""
    plain = Console(soft_wrap=True)
    return plain if plain.is_terminal else Console(width=10_000, soft_wrap=True)
