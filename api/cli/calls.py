"""`./turnpike cdr …`, `call …` and `usage`: calls that were, that are, and what they add up to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import quote

import click

from api.cli.client import connect
from api.cli.files import save
from api.cli.output import json_option, show_row, show_rows, sort_option

Command = TypeVar("Command", bound=Callable[..., Any])
CDRS = (
    "id",
    "started_at",
    "region",
    "direction",
    "username",
    "tenant",
    "caller",
    "callee",
    "code",
    "seconds",
    "ended_by",
    "rule",
)
CALLS = ("id", "region", "direction", "state", "duration", "username", "tenant", "caller", "callee", "core")
USAGE = ("day", "tenant", "direction", "calls", "answered", "seconds")
DIRECTION = click.Choice(["outbound", "inbound"])


def _call_filters(command: Command) -> Command:
    for option in (
        click.option("--direction", type=DIRECTION),
        click.option("--number", help="The number that was called in."),
        click.option("--tenant", help="Account ID."),
        click.option("--credential", help="Id or username."),
        click.option("--region", help="Name of a region."),
    ):
        command = option(command)
    return command


def _cdr_filters(command: Command) -> Command:
    for option in (
        click.option("--until", help="Started before this time."),
        click.option("--since", help="Started at this time (UTC) or later, such as 2026-01-31T12:00:00Z."),
        click.option("--rule", help="Such as O2."),
        click.option("--answered/--unanswered", default=None, help="Only those."),
        click.option("--code", type=int, help="Final SIP status."),
        click.option("--callee", help="What was dialled; a * at the end stands for the rest."),
        click.option("--caller", help="Who called; a * at the end stands for the rest."),
    ):
        command = option(command)
    return _call_filters(command)


@click.group()
def cdr() -> None:
    """Records of calls that have ended or were refused."""


@cdr.command("list")
@_cdr_filters
@click.option("--limit", default=50, show_default=True, type=click.IntRange(min=1), help="How many.")
@sort_option("-started_at", "started_at")
@json_option
def list_cdrs(limit: int, as_json: bool, **filters: Any) -> None:
    """List call records, newest first unless told."""
    show_rows(connect().rows("cdrs", limit, **filters), CDRS, as_json, "there are no such calls")


@cdr.command("show")
@click.argument("call_id", metavar="CALL")
@json_option
def show_cdr(call_id: str, as_json: bool) -> None:
    """Show a call record."""
    show_row(connect().get(f"cdrs/{quote(call_id, safe='')}"), as_json)


@cdr.command("export")
@_cdr_filters
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True), default="-")
def export_cdrs(file: str, **filters: Any) -> None:
    """Write all call records that the filters find to FILE as CSV, or to the standard output."""
    save(connect().download("cdrs.csv", **filters), file)


@click.group()
def call() -> None:
    """Calls in progress."""


@call.command("list")
@_call_filters
@sort_option("-started_at", "started_at")
@json_option
def list_calls(as_json: bool, **filters: Any) -> None:
    """List live calls, newest first unless told."""
    show_rows(connect().rows("calls", **filters), CALLS, as_json, "nobody is calling")


@call.command("end")
@click.argument("call_id", metavar="CALL")
@json_option
def end_call(call_id: str, as_json: bool) -> None:
    """End a call with a BYE to both sides."""
    show_row(connect().delete(f"calls/{quote(call_id, safe='')}"), as_json)


@click.command()
@click.option("--tenant", help="Account ID.")
@click.option("--since", help="First day (UTC), such as 2026-01-01; 30 days before the last unless told.")
@click.option("--until", help="Last day; today unless told.")
@click.option(
    "--csv",
    "file",
    type=click.Path(dir_okay=False, allow_dash=True),
    help="Write it to this file as CSV, or to the standard output for -.",
)
@json_option
def usage(as_json: bool, file: str | None, **filters: Any) -> None:
    """Add up calls by tenant, day and direction, newest day first."""
    if file is not None and as_json:
        raise click.UsageError("choose --csv or --json")
    if file is not None:
        save(connect().download("usage.csv", **filters), file)
        return
    show_rows(connect().rows("usage", **filters), USAGE, as_json, "there were no calls")
