"""`./turnpike credential …`"""

from __future__ import annotations

from typing import Any, BinaryIO
from urllib.parse import quote

import click

from api.cli.client import Client, connect
from api.cli.durations import Duration
from api.cli.files import save
from api.cli.imports import carry_out_secretly, check, import_options
from api.cli.output import json_option, show_row, show_rows, sort_option
from api.cli.settings import files, settings_options, show_settings, show_told_once
from api.pbxs.kinds import KINDS

end_calls_option = click.option("--end-calls", is_flag=True, help="End its calls in progress too.")
COLUMNS = ("id", "username", "label", "tenant", "enabled", "created_at")
LOOKS_LIKE_ID = "cr-"


@click.group()
def credential() -> None:
    """What PBXs register with. CREDENTIAL is an id or a username."""


@credential.command()
@click.option("--label", required=True, help="What people call it.")
@click.option("--tenant", help="Account ID of its tenant.")
@settings_options
@json_option
def create(pbx: str | None, domain: str | None, output: str | None, as_json: bool, **wanted: Any) -> None:
    """Create a credential and show its password, this once; with --pbx, the settings of its PBX too."""
    with files(pbx, output) as saved:
        made = connect().post("credentials", wanted | {"pbx": pbx, "domain": domain})
        saved.take(made["settings"])
    show_told_once(made, saved, as_json)


@credential.command("list")
@click.option("--label", help="Part of the label.")
@click.option("--tenant", help="Account ID of the tenant.")
@click.option("--enabled/--disabled", default=None, help="Only those.")
@click.option("--in-grace", is_flag=True, help="Only those whose old password still works.")
@sort_option("-created_at", "created_at", "username", "-username")
@json_option
def list_(in_grace: bool, as_json: bool, **filters: Any) -> None:
    """List credentials, newest first unless told."""
    rows = connect().rows("credentials", grace=in_grace or None, **filters)
    show_rows(rows, COLUMNS, as_json, "there are no such credentials")


@credential.command()
@click.argument("name", metavar="CREDENTIAL")
@json_option
def show(name: str, as_json: bool) -> None:
    """Show a credential and its bindings."""
    client = connect()
    found = client.get(path_of(client, name))
    if as_json:
        show_row(found, as_json)
        return
    bindings = found.pop("bindings")
    show_row(found, as_json)
    columns = ("region", "address", "port", "user_agent", "expires_in")
    show_rows(bindings, columns, as_json, "it is not registered in any region")


@credential.command()
@click.argument("name", metavar="CREDENTIAL")
@click.option("--grace", type=Duration(), default=0, help="How long the old password keeps working: 90s, 36h, 7d.")
@end_calls_option
@settings_options
@json_option
def rotate(name: str, grace: int, pbx: str | None, output: str | None, as_json: bool, **wanted: Any) -> None:
    """Make a new password and show it, this once. The old one ends, at once or after a grace period."""
    with files(pbx, output) as saved:
        client = connect()
        body = {"grace_seconds": grace, "pbx": pbx} | wanted
        made = client.post(f"{path_of(client, name)}/rotate", body)
        saved.take(made["settings"])
    show_told_once(made, saved, as_json)


@credential.command()
@click.argument("name", metavar="CREDENTIAL")
@settings_options
@json_option
def settings(name: str, pbx: str | None, domain: str | None, output: str | None, as_json: bool) -> None:
    """Show what to enter in a PBX, with the password's place marked: only `create` and `rotate` know passwords."""
    if pbx is None:
        raise click.UsageError(f"name the kind of PBX: --pbx {'|'.join(KINDS)}")
    with files(pbx, output) as saved:
        client = connect()
        found = client.get(f"{path_of(client, name)}/settings", pbx=pbx, domain=domain)
        saved.take(found)
    show_settings(found, saved, as_json)


@credential.command()
@click.argument("name", metavar="CREDENTIAL")
@json_option
def end_grace(name: str, as_json: bool) -> None:
    """End the old password at once; bindings that were made with it go."""
    client = connect()
    show_row(client.delete(f"{path_of(client, name)}/old-password"), as_json)


@credential.command()
@click.argument("name", metavar="CREDENTIAL")
@json_option
def enable(name: str, as_json: bool) -> None:
    """Let a credential register again."""
    _change(name, as_json, enabled=True)


@credential.command()
@click.argument("name", metavar="CREDENTIAL")
@end_calls_option
@json_option
def disable(name: str, end_calls: bool, as_json: bool) -> None:
    """Refuse a credential, and remove its bindings. Its calls go on unless told."""
    _change(name, as_json, enabled=False, end_calls=end_calls)


@credential.command("label")
@click.argument("name", metavar="CREDENTIAL")
@click.argument("text", metavar="LABEL")
@json_option
def relabel(name: str, text: str, as_json: bool) -> None:
    """Give a credential another label."""
    _change(name, as_json, label=text)


@credential.command()
@click.argument("name", metavar="CREDENTIAL")
@click.option("--tenant", help="Account ID of the tenant; without it, no tenant.")
@json_option
def move(name: str, tenant: str | None, as_json: bool) -> None:
    """Move a credential to another tenant, or to none."""
    _change(name, as_json, tenant=tenant)


@credential.command()
@click.argument("name", metavar="CREDENTIAL")
@end_calls_option
@json_option
def delete(name: str, end_calls: bool, as_json: bool) -> None:
    """Delete a credential, and remove its bindings. Its calls go on unless told."""
    client = connect()
    show_row(client.delete(path_of(client, name), end_calls=end_calls), as_json)


@credential.command("import")
@import_options
@click.option("--passwords", metavar="NEW_FILE", help="Where their passwords go; it must not exist yet.")
@json_option
def import_(file: BinaryIO, dry_run: bool, passwords: str | None, as_json: bool) -> None:
    """Create the credentials of a CSV FILE (- for the standard input): all of them, or none.

    Its first line is: label,tenant,enabled
    """
    if dry_run:
        check("credentials", file, as_json)
    elif passwords is None:
        raise click.UsageError("name a file for their passwords: --passwords NEW_FILE")
    else:
        carry_out_secretly("credentials", file, passwords, as_json)


@credential.command()
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True), default="-")
@click.option("--label", help="Part of the label.")
@click.option("--tenant", help="Account ID of the tenant.")
@click.option("--enabled/--disabled", default=None, help="Only those.")
def export(file: str, **filters: Any) -> None:
    """Write credentials to FILE as CSV, or to the standard output, without passwords."""
    save(connect().download("credentials.csv", **filters), file)


def _change(name: str, as_json: bool, **change: Any) -> None:
    client = connect()
    show_row(client.patch(path_of(client, name), change), as_json)


def path_of(client: Client, name: str) -> str:
    """The path of the credential whose id or username is `name`."""
    if name.startswith(LOOKS_LIKE_ID):
        return f"credentials/{quote(name, safe='')}"
    found = list(client.rows("credentials", username=name))
    if not found:
        raise click.ClickException(f"there is no credential {name}: ./turnpike credential list shows them")
    return f"credentials/{found[0]['id']}"
