"""`./turnpike region …`: where PBXs register. `enrol` and the last of `remove` are the control host's own work."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import click

from api.cli.client import connect
from api.cli.output import json_option, show_row, show_rows
from api.regions.store import OUT, STATES
from api.service import enrolment
from api.settings import Settings

REGIONS = (
    "name",
    "address",
    "state",
    "label",
    "ready",
    "heartbeat_at",
    "applied_change",
    "change",
    "credentials",
    "bindings",
    "calls",
    "channels",
    "configuration",
    "test_limits",
)
force_option = click.option("--force", is_flag=True, help="Although PBXs may then be worse off.")


@click.group()
def region() -> None:
    """Where PBXs register."""


@region.command()
@click.argument("name")
@click.argument("address")
@click.option("--label", help="What people call it.")
@click.option("--state", type=click.Choice(STATES), default=OUT, show_default=True)
@force_option
@json_option
def add(name: str, address: str, label: str | None, state: str, force: bool, as_json: bool) -> None:
    """Add a region; `enrol` then makes what its host needs."""
    wanted = {"name": name, "address": address, "label": label, "state": state, "force": force}
    show_row(connect().post("regions", wanted), as_json)


@region.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List regions and how far each has come."""
    show_rows(connect().get("regions")["items"], REGIONS, as_json, "there are no regions")


@region.command()
@click.argument("name")
@json_option
def show(name: str, as_json: bool) -> None:
    """Show a region with all that it reports."""
    show_row(connect().get(_path(name)), as_json)


@region.command("state")
@click.argument("name")
@click.argument("state", type=click.Choice(STATES))
@force_option
@json_option
def state_(name: str, state: str, force: bool, as_json: bool) -> None:
    """Take a region into service (PBXs find it by SRV), drain it, or take it out."""
    show_row(connect().patch(_path(name), {"state": state, "force": force}), as_json)


@region.command("label")
@click.argument("name")
@click.argument("label", required=False)
@json_option
def label_(name: str, label: str | None, as_json: bool) -> None:
    """Relabel a region; without LABEL it has none."""
    show_row(connect().patch(_path(name), {"label": label}), as_json)


@region.command("move")
@click.argument("name")
@click.argument("address")
@json_option
def move(name: str, address: str, as_json: bool) -> None:
    """Give a region that is stopped another address."""
    show_row(connect().patch(_path(name), {"address": address}), as_json)


@region.command()
@click.argument("name")
@json_option
def remove(name: str, as_json: bool) -> None:
    """Remove a region that is stopped; its host can log in to MariaDB no more."""
    show_row(connect().delete(_path(name)), as_json)
    reason = enrolment.withdraw(Settings.load(), name)
    if reason:
        click.echo(f"its MariaDB account stays until the control host starts next: {reason}", err=True)


@region.command()
@click.argument("name")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--mariadb", metavar="HOST[:PORT]", help="How the new host reaches MariaDB, if not as this one does.")
def enrol(name: str, folder: Path, mariadb: str | None) -> None:
    """Write a state FOLDER for the host of region NAME, on the control host; it gets a MariaDB account of its own."""
    enrolment.enrol(Settings.load(), name, folder, enrolment.place(mariadb))
    click.echo(
        f"{folder} is the state folder of region {name}'s host: copy it there (it holds a password), then start it"
        " with\nTURNPIKE_VAR=FOLDER ./turnpike up",
        err=True,
    )


def _path(name: str) -> str:
    return f"regions/{quote(name, safe='')}"
