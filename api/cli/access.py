"""`./turnpike user-agent …` and `./turnpike key …`: who may register, and who may administer."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import click

from api.cli.client import connect
from api.cli.output import json_option, show_row, show_rows
from api.principal import SCOPES

USER_AGENTS = ("id", "kind", "pattern", "note")
KEYS = ("id", "prefix", "label", "scope", "tenant", "created_at", "expires_at", "last_used_at", "revoked_at")
KIND = click.Choice(["phone", "scanner"])


class Expiry(click.ParamType[str]):
    """When something ends: days from now, or a time in UTC, which the API reads."""

    name = "when"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The time, in ISO 8601."""
        if not (days := re.fullmatch(r"(\d{1,5})d", value)):
            return value
        try:
            return (datetime.now(UTC) + timedelta(days=int(days[1]))).isoformat(timespec="milliseconds")
        except OverflowError:
            self.fail("that is too far away", param, ctx)


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
    """Programs that may use the API. KEY is a key's id."""


@key.command("create")
@click.option("--label", required=True, help="Who or what uses it.")
@click.option("--scope", type=click.Choice(SCOPES), default="administer", show_default=True, help="What it may do.")
@click.option("--tenant", help="Account ID of the only tenant that it sees; not with administer.")
@click.option("--expires", type=Expiry(), help="When it ends: in days, such as 90d, or at a time, such as 2027-01-31.")
@json_option
def create_key(label: str, scope: str, tenant: str | None, expires: str | None, as_json: bool) -> None:
    """Create a key and show it, this once."""
    wanted = {"label": label, "scope": scope, "tenant": tenant, "expires_at": expires}
    show_row(connect().post("keys", wanted), as_json)


@key.command("list")
@json_option
def list_keys(as_json: bool) -> None:
    """List keys, newest first, those included that ended or were revoked."""
    show_rows(connect().rows("keys"), KEYS, as_json, "there are no keys")


@key.command("revoke")
@click.argument("key_id", metavar="KEY")
@json_option
def revoke_key(key_id: str, as_json: bool) -> None:
    """Revoke a key, for ever."""
    show_row(connect().delete(f"keys/{quote(key_id, safe='')}"), as_json)
