"""`up`, `status`, `logs`, `down`: the service on this machine."""

from __future__ import annotations

import json
import os
import signal
import sys

import click
from rich.console import Console
from rich.table import Table

from api.service import status as state
from api.service.lifecycle import Instance, StopAskedError, tell_systemd
from api.service.status import Status
from api.settings import SIP_PORT, Settings


def commands() -> list[click.Command]:
    """What this module adds to the command line."""
    return [up, status, logs, down]


@click.command()
@click.option("--detach", "-d", is_flag=True, help="Return as soon as everything is ready.")
def up(detach: bool) -> None:
    """Start the service and, unless detached, stay until Ctrl-C."""
    settings = Settings.load()
    instance = Instance(settings, lambda line: click.echo(line, err=True))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, instance.ask_to_stop)
    try:
        _announce(settings, instance.start())
    except StopAskedError:
        click.echo("stopped before everything was ready", err=True)
        return
    if not detach:
        _stay(instance)


def _stay(instance: Instance) -> None:
    tell_systemd("READY=1")
    click.echo("Ctrl-C stops all of it.", err=True)
    ended = instance.wait()
    if ended == 0:
        return
    if ended is None:
        click.echo("stopping", err=True)
    instance.stop()
    if ended is not None:
        raise click.ClickException("the supervisor was killed; everything has been stopped")


def _announce(settings: Settings, now: Status) -> None:
    table = Table(show_header=False, box=None, pad_edge=False)
    if now.api:
        table.add_row("API", now.api)
        table.add_row("portal", f"{now.api}/portal/")
    for region in settings.regions:
        table.add_row(f"region {region.name}", f"{region.address}:{SIP_PORT} (UDP)")
    if now.api:
        table.add_row("administrator's key", str(settings.home / "secrets" / "admin.key"))
    if now.test_limits:
        table.add_row("TEST LIMITS", str(settings.home / "limits.toml"))
    Console(soft_wrap=True).print(table)
    for problem in (*now.problems, *now.notes):
        click.echo(f"warning: {problem}", err=True)
    if not now.ready:
        click.echo("warning: the regions serve what they knew last; the rest follows when MariaDB is back", err=True)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def status(as_json: bool) -> None:
    """Show how the service is; exit status 0 only when all is ready."""
    now = state.gather(Settings.load())
    if as_json:
        click.echo(json.dumps(now.as_json(), indent=1))
    else:
        _show(now)
    sys.exit(0 if now.ready else 1)


def _show(now: Status) -> None:
    console = Console(soft_wrap=True)
    if now.parts:
        console.print(_parts(now))
    if now.test_limits:
        console.print("TEST LIMITS", style="bold yellow")
    for problem in now.problems:
        console.print(problem, style="red")
    for note in now.notes:
        console.print(note, style="yellow")
    console.print("ready" if now.ready else "not ready", style="bold")


def _parts(now: Status) -> Table:
    table = Table("part", "state", "pid", "up for", box=None, pad_edge=False)
    for part in now.parts:
        said = "done" if part.done else part.state.lower()
        table.add_row(part.name, said, str(part.pid or ""), "" if part.uptime is None else f"{part.uptime:.0f} s")
    return table


@click.command()
@click.argument("part", required=False)
@click.option("--follow", "-f", is_flag=True, help="Go on with what is yet to come.")
@click.option("--lines", "-n", default=100, show_default=True, help="How many lines of the past.")
def logs(part: str | None, follow: bool, lines: int) -> None:
    """Show the log of PART, or of all parts."""
    folder = Settings.load().home / "log"
    known = {file.stem: file for file in sorted(folder.glob("*.log"))}
    if not known:
        raise click.ClickException(f"there are no logs in {folder}: start the service with ./turnpike up")
    if part and part not in known:
        raise click.BadParameter(f"{part} has no log: choose one of {', '.join(known)}", param_hint="PART")
    files = [str(known[part])] if part else [str(file) for file in known.values()]
    os.execvp("tail", ["tail", "-n", str(lines), *(["-F"] if follow else []), "--", *files])  # noqa: S606, S607


@click.command()
def down() -> None:
    """Stop the service, and whatever a killed one has left."""
    settings = Settings.load()
    stopped = Instance(settings, click.echo).stop()
    click.echo(f"stopped {settings.home}" if stopped else f"nothing is running in {settings.home}", err=True)
