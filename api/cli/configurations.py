"""`./turnpike render`, `diff`, `check`, `history`: what regions run, and would run."""

from __future__ import annotations

import heapq
import sys
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import click

from api.cli import zones
from api.cli.client import Client, connect
from api.cli.files import unwritable
from api.cli.following import Following
from api.cli.output import json_option, print_json, show_diff, show_rows

Row = Mapping[str, Any]
RENDERED: Final = ("of", "version", "new", "in_force", "digest")
HISTORY: Final = ("id", "asked_at", "region", "action", "version", "previous", "state", "seconds", "by", "reason")
CORES: Final = "cores.list"


class Trouble(click.ClickException):
    """What keeps `diff` from comparing."""

    exit_code = 2  # as of diff(1)


def commands() -> list[click.Command]:
    """What this module adds to the command line."""
    return [render, diff, check, history]


@click.command()
@click.argument("region", required=False)
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), help="Write what is rendered there.")
@json_option
def render(region: str | None, output: Path | None, as_json: bool) -> None:
    """Render what regions would run, and domains' zones, and store it.

    Of REGION alone, or all. What is stored already is that version. The files go to FOLDER/REGION and
    FOLDER/reg.DOMAIN.zone.
    """
    client, rows = connect(), []
    for name in chosen(client, region):
        rows.append(client.post(path(name, "configurations"), {}))
        if output:
            _write(client, rows[-1], output / name)
    rows += zones.stored(client, output) if region is None else []
    show_rows(rows if as_json else map(_named, rows), RENDERED, as_json, "there are no regions")


def _named(row: Row) -> Row:
    if "region" in row:
        return {**row, "of": f"region {row['region']}"}
    return {**row, "of": f"zone of {row['domain']}", "new": row["stored"]}


def _write(client: Client, configuration: Row, folder: Path) -> None:
    region = configuration["region"]
    files = client.get(path(region, "configurations", configuration["version"]))["files"]
    cores = client.get(path(region, "rendering"))["cores"]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in {**files, CORES: cores}.items():
            (folder / Path(name).name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise unwritable(str(folder), error) from error


@click.command()
@click.argument("region", required=False)
@click.argument("before", required=False, type=click.IntRange(min=1), metavar="[FROM]")
@click.argument("after", required=False, type=click.IntRange(min=1), metavar="[TO]")
@click.option("--back", is_flag=True, help="To what a rollback would bring back.")
@json_option
def diff(region: str | None, before: int | None, after: int | None, back: bool, as_json: bool) -> None:
    """Compare what regions run and would run.

    Of REGION, or of each: FROM a version TO a version; from what runs to what would be rendered now unless told.
    Without REGION also domains' zones: from what is stored. Exit status 0: no difference, 1: some, 2: trouble.
    """
    wanted = {"from": before, "to": after, "back": "true" if back else None}
    try:
        client = connect()
        found = [client.get(path(name, "diff"), **wanted) for name in chosen(client, region)]
        named = {} if region or back else {name: zones.difference(client, name) for name in zones.domains(client)}
    except click.ClickException as error:
        raise Trouble(error.message) from error
    if as_json:
        print_json([*found, *({"domain": name, "diff": lines} for name, lines in named.items())])
    else:
        for each in found:
            show_difference(each)
        for lines in named.values():
            show_diff(lines)
    sys.exit(int(any(not each["identical"] for each in found) or any(named.values())))


@click.command()
@click.argument("region", required=False)
def check(region: str | None) -> None:
    """Let regions check what they would run.

    Kamailio of REGION, or of each, reads what would be rendered now; nothing is changed. Without REGION named-checkzone
    looks at each domain's zone too.
    """
    client = connect()
    wrong = [name for name in chosen(client, region) if not _is_accepted(client, name)]
    for name, complaint in zones.checked(client) if region is None else ():
        click.echo(f"{name}: {complaint or 'right'}", err=complaint is not None)
        wrong += [name] if complaint else []
    if wrong:
        raise click.ClickException(f"{', '.join(wrong)}: see above")


def _is_accepted(client: Client, region: str) -> bool:
    try:
        Following(client, client.post(path(region, "applications"), {"action": "check"})).until_end()
    except click.ClickException as error:
        prefix = "" if error.message.startswith(f"{region}: ") else f"{region}: "
        click.echo(f"{prefix}{error.message}", err=True)
        return False
    return True


@click.command()
@click.argument("region", required=False)
@click.option("--limit", default=50, show_default=True, type=click.IntRange(min=1), help="How many.")
@json_option
def history(region: str | None, limit: int, as_json: bool) -> None:
    """List what was applied, and what came of it.

    In REGION, or in each, newest first: what, when, by whom, how long it took.
    """
    client = connect()
    each = [client.rows(path(name, "applications"), limit) for name in chosen(client, region)]
    rows = islice(heapq.merge(*each, key=lambda row: int(row["id"]), reverse=True), limit)
    show_rows(rows if as_json else map(_told, rows), HISTORY, as_json, "nothing was applied yet")


def _told(row: Row) -> Row:
    return {**row, "by": row["actor_name"] or row["actor_kind"]}


def chosen(client: Client, region: str | None) -> Iterator[str]:
    """The region that was named, or the names of all but those that are out."""
    if region is not None:
        yield region
        return
    yield from (row["name"] for row in client.get("regions")["items"] if row.get("state") != "out")


def path(region: str, *parts: object) -> str:
    """Of a request."""
    return "/".join(["regions", *(quote(str(part), safe="") for part in (region, *parts))])


def show_difference(found: Row) -> None:
    """Coloured where somebody looks; one line when nothing differs."""
    if found["identical"]:
        click.echo(f"{found['region']}: no difference")
        return
    if found["from"] is None:
        click.echo(f"{found['region']}: no stored version is known to be in force: all of it is new", err=True)
    for file in found["files"]:
        show_diff(file["diff"].splitlines())
