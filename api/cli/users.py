"""`./turnpike user …` and `./turnpike whoami`"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import click

from api.cli.client import Client, connect
from api.cli.output import json_option, show_row, show_rows, sort_option
from api.principal import SCOPES

COLUMNS = ("id", "name", "role", "tenant", "enabled", "password_set_at", "signed_in_at")
SESSIONS = ("id", "address", "created_at", "last_used_at", "expires_at")
ROLE = click.Choice(SCOPES)
user_argument = click.argument("name", metavar="USER")


@click.group()
def user() -> None:
    """People who may sign in. USER is a name or an id."""


@user.command()
@click.argument("name")
@click.option("--role", type=ROLE, required=True, help="What the person may do.")
@click.option("--tenant", help="Account ID of the only tenant that the person sees; not with administer.")
@json_option
def create(name: str, role: str, tenant: str | None, as_json: bool) -> None:
    """Create a user and show the password, this once."""
    show_row(connect().post("users", {"name": name, "role": role, "tenant": tenant}), as_json)


@user.command("list")
@click.option("--role", type=ROLE, help="Only those.")
@click.option("--tenant", help="Only those who are bound to this tenant.")
@click.option("--enabled/--disabled", default=None, help="Only those.")
@sort_option("-created_at", "created_at", "name", "-name")
@json_option
def list_(as_json: bool, **filters: Any) -> None:
    """List users, newest first unless told."""
    rows = connect().rows("users", **filters)
    show_rows(rows, COLUMNS, as_json, "there are no such users")


@user.command()
@user_argument
@json_option
def show(name: str, as_json: bool) -> None:
    """Show a user, and where the person is signed in."""
    client = connect()
    path = _path(client, name)
    found, sessions = client.get(path), client.get(f"{path}/sessions")["items"]
    if as_json:
        show_row(found | {"sessions": sessions}, as_json)
        return
    show_row(found, as_json)
    show_rows(sessions, SESSIONS, as_json, "signed in nowhere")


@user.command()
@user_argument
@click.option("--role", type=ROLE, help="What the person may do.")
@click.option("--tenant", help="Account ID of the only tenant that the person sees; empty for all.")
@json_option
def change(name: str, role: str | None, tenant: str | None, as_json: bool) -> None:
    """Change a user's role or tenant, at once also where the person is signed in."""
    wanted: dict[str, str | None] = {} if role is None else {"role": role}
    if tenant is not None:
        wanted["tenant"] = tenant or None
    _change(name, as_json, wanted)


@user.command()
@user_argument
@json_option
def enable(name: str, as_json: bool) -> None:
    """Let a user sign in again."""
    _change(name, as_json, {"enabled": True})


@user.command()
@user_argument
@json_option
def disable(name: str, as_json: bool) -> None:
    """Let a user not sign in, and end the sessions."""
    _change(name, as_json, {"enabled": False})


@user.command()
@user_argument
@json_option
def delete(name: str, as_json: bool) -> None:
    """Delete a user, and end the sessions."""
    client = connect()
    path = _path(client, name)
    client.read(path)
    show_row(client.delete(path), as_json)


@user.command("reset-password")
@user_argument
@json_option
def reset_password(name: str, as_json: bool) -> None:
    """Make a new password and show it, this once. The old one and all sessions end."""
    client = connect()
    show_row(client.post(f"{_path(client, name)}/password", {}), as_json)


@user.command("sign-out")
@user_argument
@json_option
def sign_out(name: str, as_json: bool) -> None:
    """End all sessions of a user."""
    client = connect()
    show_row(client.delete(f"{_path(client, name)}/sessions"), as_json)


@click.command()
@json_option
def whoami(as_json: bool) -> None:
    """Show whose key this is, and what it may do."""
    show_row(connect().get("sessions/current"), as_json)


def _change(name: str, as_json: bool, wanted: dict[str, Any]) -> None:
    client = connect()
    path = _path(client, name)
    client.read(path)
    show_row(client.patch(path, wanted), as_json)


def _path(client: Client, name: str) -> str:
    """The path of the user whose name or id is `name`."""
    found = list(client.rows("users", name=name))
    return f"users/{found[0]['id'] if found else quote(name, safe='')}"
