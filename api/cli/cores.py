"""`./turnpike core …` and `./turnpike emergency …`"""

from __future__ import annotations

from urllib.parse import quote

import click

from api.cli.client import connect
from api.cli.output import json_option, show_row, show_rows

CORES = ("id", "region", "address", "port", "label", "enabled")
NUMBERS = ("digits", "note")


@click.group()
def core() -> None:
    """The carrier's gateways: where each region's calls go, and who may call in."""


@core.command()
@click.argument("region")
@click.argument("address")
@click.option("--port", default=5060, show_default=True, help="UDP.")
@click.option("--label", help="What people call it.")
@json_option
def add(region: str, address: str, port: int, label: str | None, as_json: bool) -> None:
    """Add a core gateway to a region."""
    wanted = {"region": region, "address": address, "port": port, "label": label}
    show_row(connect().post("cores", wanted), as_json)


@core.command("list")
@click.option("--region", help="Only this region's.")
@json_option
def list_(region: str | None, as_json: bool) -> None:
    """List core gateways."""
    show_rows(connect().get("cores", region=region)["items"], CORES, as_json, "there are no core gateways yet")


@core.command()
@click.argument("core_id", metavar="ID")
@json_option
def enable(core_id: str, as_json: bool) -> None:
    """Send calls there again."""
    show_row(connect().patch(_path(core_id), {"enabled": True}), as_json)


@core.command()
@click.argument("core_id", metavar="ID")
@json_option
def disable(core_id: str, as_json: bool) -> None:
    """Send no more calls there; it may still call in."""
    show_row(connect().patch(_path(core_id), {"enabled": False}), as_json)


@core.command()
@click.argument("core_id", metavar="ID")
@json_option
def remove(core_id: str, as_json: bool) -> None:
    """Remove a core gateway; calls in progress go on."""
    show_row(connect().delete(_path(core_id)), as_json)


@click.group()
def emergency() -> None:
    """Numbers that pass every limit, in all regions."""


@emergency.command("list")
@json_option
def list_numbers(as_json: bool) -> None:
    """List emergency numbers."""
    rows = connect().get("emergency-numbers")["items"]
    show_rows(rows, NUMBERS, as_json, "there are no emergency numbers: nobody can call for help past a limit")


@emergency.command("add")
@click.argument("digits")
@click.option("--note", help="What it reaches.")
@json_option
def add_number(digits: str, note: str | None, as_json: bool) -> None:
    """Add an emergency number of two to four digits."""
    show_row(connect().post("emergency-numbers", {"digits": digits, "note": note}), as_json)


@emergency.command("remove")
@click.argument("digits")
@json_option
def remove_number(digits: str, as_json: bool) -> None:
    """Make it an ordinary number again."""
    show_row(connect().delete(f"emergency-numbers/{quote(digits, safe='')}"), as_json)


def _path(core_id: str) -> str:
    return f"cores/{quote(core_id, safe='')}"
