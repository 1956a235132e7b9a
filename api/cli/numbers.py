"""`./turnpike number …`"""

from __future__ import annotations

from typing import Any, BinaryIO
from urllib.parse import quote

import click

from api.cli.client import connect
from api.cli.files import save
from api.cli.imports import carry_out, check, import_options
from api.cli.output import json_option, show_row, show_rows, sort_option

COLUMNS = ("number", "label", "tenant", "username", "created_at")


@click.group()
def number() -> None:
    """Telephone numbers, and which PBX they ring. NUMBER is in E.164, such as +14155550100."""


@number.command()
@click.argument("number")
@click.option("--label", help="What people call it.")
@click.option("--tenant", help="Account ID of the tenant whose calls these are.")
@click.option("--credential", help="Id or username of the credential whose PBX it rings.")
@json_option
def create(number: str, label: str | None, tenant: str | None, credential: str | None, as_json: bool) -> None:
    """Create a number."""
    wanted = {"number": number, "label": label, "tenant": tenant, "credential": credential}
    show_row(connect().post("numbers", wanted), as_json)


@number.command("list")
@click.option("--tenant", help="Only this tenant's.")
@click.option("--credential", help="Only those that ring this credential's PBX.")
@click.option("--prefix", help="Only those that begin with these digits.")
@click.option("--unrouted", is_flag=True, help="Only those that ring nobody.")
@sort_option("number", "-number")
@json_option
def list_(unrouted: bool, as_json: bool, **filters: Any) -> None:
    """List numbers."""
    rows = connect().rows("numbers", routed="false" if unrouted else None, **filters)
    show_rows(rows, COLUMNS, as_json, "there are no such numbers")


@number.command()
@click.argument("number")
@json_option
def show(number: str, as_json: bool) -> None:
    """Show a number."""
    show_row(connect().get(_path(number)), as_json)


@number.command()
@click.argument("number")
@click.option("--label", help="What people call it; empty for nothing.")
@click.option("--tenant", help="Account ID of its tenant; empty for none.")
@click.option("--credential", help="Id or username of the credential whose PBX it rings; empty for none.")
@json_option
def change(number: str, label: str | None, tenant: str | None, credential: str | None, as_json: bool) -> None:
    """Route a number, relabel it, or move it to another tenant."""
    options = {"label": label, "tenant": tenant, "credential": credential}
    wanted = {name: value or None for name, value in options.items() if value is not None}
    show_row(connect().patch(_path(number), wanted), as_json)


@number.command()
@click.argument("number")
@json_option
def delete(number: str, as_json: bool) -> None:
    """Delete a number."""
    show_row(connect().delete(_path(number)), as_json)


@number.command("import")
@import_options
@json_option
def import_(file: BinaryIO, dry_run: bool, as_json: bool) -> None:
    """Create the numbers of a CSV FILE (- for the standard input): all of them, or none.

    Its first line is: number,label,tenant,credential
    """
    (check if dry_run else carry_out)("numbers", file, as_json)


@number.command()
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True), default="-")
@click.option("--tenant", help="Only this tenant's.")
@click.option("--credential", help="Only those that ring this credential's PBX.")
@click.option("--prefix", help="Only those that begin with these digits.")
def export(file: str, **filters: Any) -> None:
    """Write numbers to FILE as CSV, or to the standard output; it can be imported again."""
    save(connect().download("numbers.csv", **filters), file)


def _path(number: str) -> str:
    return f"numbers/{quote(number, safe='+')}"
