"""`./turnpike binding …`, `block …` and `event …`: what happens on the wire."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import click

from api.cli.client import connect
from api.cli.output import json_option, show_row, show_rows, sort_option

BINDINGS = ("id", "region", "username", "address", "port", "user_agent", "since", "expires_in")
BLOCKS = ("id", "region", "address", "username", "rule", "cause", "until", "ends_in")
EVENTS = ("at", "region", "rule", "count", "code", "username", "address", "user_agent", "sentence")


@click.group()
def binding() -> None:
    """PBXs that are registered now."""


@binding.command("list")
@click.option("--credential", help="Id or username.")
@click.option("--region", help="Name of a region.")
@json_option
def list_bindings(credential: str | None, region: str | None, as_json: bool) -> None:
    """List live bindings."""
    rows = connect().rows("bindings", credential=credential, region=region)
    show_rows(rows, BINDINGS, as_json, "no PBX is registered")


@binding.command("remove")
@click.argument("binding_id", metavar="BINDING")
@json_option
def remove_binding(binding_id: str, as_json: bool) -> None:
    """Remove a binding."""
    show_row(connect().delete(f"bindings/{quote(binding_id, safe='')}"), as_json)


@click.group()
def block() -> None:
    """Senders that a region does not serve for a while."""


@block.command("list")
@click.option("--credential", help="Id or username.")
@click.option("--address", help="Source address.")
@click.option("--ended", is_flag=True, help="Also those that are over.")
@sort_option("-at", "at")
@json_option
def list_blocks(as_json: bool, **filters: Any) -> None:
    """List blocks, newest first unless told."""
    rows = connect().rows("blocks", **filters)
    show_rows(rows, BLOCKS, as_json, "nobody is blocked")


@block.command("lift")
@click.argument("block_id", metavar="BLOCK")
@json_option
def lift_block(block_id: str, as_json: bool) -> None:
    """End a block now."""
    show_row(connect().delete(f"blocks/{quote(block_id, safe='')}"), as_json)


@click.group()
def event() -> None:
    """Why PBXs were refused."""


@event.command("list")
@click.option("--credential", help="Id or username.")
@click.option("--region", help="Name of a region.")
@click.option("--rule", help="Such as R4.")
@click.option("--address", help="Source address.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(min=1), help="How many.")
@sort_option("-id", "id")
@json_option
def list_events(limit: int, as_json: bool, **filters: Any) -> None:
    """List events, newest first unless told."""
    rows = connect().rows("events", limit, **filters)
    show_rows(rows, EVENTS, as_json, "there are no such events")
