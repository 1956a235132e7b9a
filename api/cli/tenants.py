"""`./turnpike tenant …`"""

from __future__ import annotations

from typing import BinaryIO
from urllib.parse import quote

import click

from api.cli.client import connect
from api.cli.files import save
from api.cli.imports import carry_out, check, import_options
from api.cli.output import json_option, show_row, show_rows, sort_option

COLUMNS = ("account_id", "name", "contact", "created_at")


@click.group()
def tenant() -> None:
    """Whom credentials belong to. ACCOUNT is a tenant's account ID."""


@tenant.command()
@click.argument("account_id", metavar="ACCOUNT")
@click.option("--name", required=True, help="Name for people.")
@click.option("--contact", help="Whom to ask.")
@json_option
def create(account_id: str, name: str, contact: str | None, as_json: bool) -> None:
    """Create a tenant."""
    show_row(connect().post("tenants", {"account_id": account_id, "name": name, "contact": contact}), as_json)


@tenant.command("list")
@click.option("--search", help="A part of the account ID or name.")
@sort_option("account_id", "-account_id")
@json_option
def list_(search: str | None, sort: str, as_json: bool) -> None:
    """List tenants."""
    found = connect().rows("tenants", search=search, sort=sort)
    show_rows(found, COLUMNS, as_json, "there are no such tenants" if search else "there are no tenants yet")


@tenant.command()
@click.argument("account_id", metavar="ACCOUNT")
@json_option
def show(account_id: str, as_json: bool) -> None:
    """Show a tenant."""
    show_row(connect().get(_path(account_id)), as_json)


@tenant.command()
@click.argument("account_id", metavar="ACCOUNT")
@click.option("--name", help="Name for people.")
@click.option("--contact", help="Whom to ask; empty for nobody.")
@json_option
def change(account_id: str, name: str | None, contact: str | None, as_json: bool) -> None:
    """Change a tenant's name or contact."""
    wanted: dict[str, str | None] = {} if name is None else {"name": name}
    if contact is not None:
        wanted["contact"] = contact or None
    show_row(connect().patch(_path(account_id), wanted), as_json)


@tenant.command()
@click.argument("account_id", metavar="ACCOUNT")
@json_option
def delete(account_id: str, as_json: bool) -> None:
    """Delete a tenant that nothing uses."""
    show_row(connect().delete(_path(account_id)), as_json)


@tenant.command("import")
@import_options
@json_option
def import_(file: BinaryIO, dry_run: bool, as_json: bool) -> None:
    """Create the tenants of a CSV FILE (- for the standard input): all of them, or none.

    Its first line is: account_id,name,contact
    """
    (check if dry_run else carry_out)("tenants", file, as_json)


@tenant.command()
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True), default="-")
def export(file: str) -> None:
    """Write tenants to FILE as CSV, or to the standard output; it can be imported again."""
    save(connect().download("tenants.csv"), file)


def _path(account_id: str) -> str:
    return f"tenants/{quote(account_id, safe='')}"
