"""`./turnpike user-agent …` and `./turnpike key …`: who may register, and who may administer."""

from __future__ import annotations

from urllib.parse import quote

import click

from api.cli.client import connect
from api.cli.output import json_option, show_row, show_rows

USER_AGENTS = ("id", "kind", "pattern", "note")
KEYS = ("id", "prefix", "label", "created_at", "last_used_at", "revoked_at")
KIND = click.Choice(["phone", "scanner"])


@click.group("user-agent")
def user_agent() -> None:
    """User-Agents of phones, which are refused, and of scanners, which get no answer."""


@user_agent.command("list")
@click.option("--kind", type=KIND)
@json_option
def list_user_agents(kind: str | None, as_json: bool) -> None:
    """List the rules."""
    show_rows(connect().get("user-agents", kind=kind)["items"], USER_AGENTS, as_json, "there are no such rules")


@user_agent.command("add")
@click.argument("kind", type=KIND)
@click.argument("pattern")
@click.option("--note", help="What it is.")
@json_option
def add_user_agent(kind: str, pattern: str, note: str | None, as_json: bool) -> None:
    """Add a rule. PATTERN is a shell wildcard for the whole User-Agent, such as 'Acme DeskPhone *'."""
    show_row(connect().post("user-agents", {"kind": kind, "pattern": pattern, "note": note}), as_json)


@user_agent.command("remove")
@click.argument("rule_id", metavar="RULE")
@json_option
def remove_user_agent(rule_id: str, as_json: bool) -> None:
    """Remove a rule."""
    show_row(connect().delete(f"user-agents/{quote(rule_id, safe='')}"), as_json)


@click.group()
def key() -> None:
    """Who may use the API."""


@key.command("create")
@click.option("--label", required=True, help="Who or what uses it.")
@json_option
def create_key(label: str, as_json: bool) -> None:
    """Create a key and show it, this once."""
    show_row(connect().post("keys", {"label": label}), as_json)


@key.command("list")
@json_option
def list_keys(as_json: bool) -> None:
    """List keys, revoked ones included."""
    show_rows(connect().get("keys")["items"], KEYS, as_json, "there are no keys")


@key.command("revoke")
@click.argument("key_id", metavar="KEY")
@json_option
def revoke_key(key_id: str, as_json: bool) -> None:
    """Revoke a key, for ever."""
    show_row(connect().delete(f"keys/{quote(key_id, safe='')}"), as_json)
