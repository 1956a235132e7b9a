"""`./turnpike audit …`: who changed what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import click

from api.cli.client import connect
from api.cli.output import json_option, show_rows

Row = Mapping[str, Any]
COLUMNS: Final = ("at", "actor", "address", "action", "entity", "entity_id", "tenant", "what")
UNTOLD: Final = ("created_at", "updated_at")


@click.group()
def audit() -> None:
    """Who changed what, from where, and what it was before."""


@audit.command("list")
@click.option("--entity", help="Kind of thing, such as credential.")
@click.option("--entity-id", help="Which one.")
@click.option("--actor", help="Id of the key or user that did it.")
@click.option("--action", help="Such as create, change, delete, sign-in.")
@click.option("--tenant", help="Account ID of the tenant whose things were changed.")
@click.option("--since", help="At this time (UTC) or later, such as 2026-01-31T12:00:00Z.")
@click.option("--until", help="Before this time.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(min=1), help="How many.")
@json_option
def list_audit(limit: int, as_json: bool, **filters: str | None) -> None:
    """List what was done, newest first."""
    rows = connect().rows("audit", limit, **filters)
    shown = rows if as_json else (_told(row) for row in rows)
    show_rows(shown, COLUMNS, as_json, "there are no such entries")


def _told(row: Row) -> Row:
    actor = row["actor_name"] or row["actor"] or row["actor_kind"]
    return {**row, "actor": actor, "what": difference(row["before"], row["after"], row["entity_id"])}


def difference(before: Row | None, after: Row | None, entity_id: str) -> str:
    """In one line the fields that differ; where there is only one state, what that was."""
    if before is None or after is None:
        state = after or before or {}
        told = {name: value for name, value in state.items() if value is not None and value != entity_id}
        return ", ".join(f"{name}: {_text(value)}" for name, value in told.items() if name not in UNTOLD)
    names = [name for name in {**before, **after} if before.get(name) != after.get(name) and name not in UNTOLD]
    return ", ".join(f"{name}: {_text(before.get(name))} → {_text(after.get(name))}" for name in names)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "-" if value is None else str(value)
