"""`./turnpike apply` and `rollback`: one region after the other, up to the first that fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

import click

from api.cli.client import Client, connect
from api.cli.configurations import chosen, path, show_difference
from api.cli.following import Following, is_attended

Command = TypeVar("Command", bound=Callable[..., Any])
Row = Mapping[str, Any]
QUESTIONS: Final = {"apply": "Apply", "rollback": "Go back to"}
Step = Callable[[Client, str, int | None, bool], None]


def commands() -> list[click.Command]:
    """What this module adds to the command line."""
    return [apply, rollback]


def _options(command: Command) -> Command:
    for option in (
        click.option("--yes", "-y", is_flag=True, help="Do not ask."),
        click.option("--version", type=click.IntRange(min=1), help="Of the named region."),
        click.argument("region", required=False),
    ):
        command = option(command)
    return command


@click.command()
@_options
def apply(region: str | None, version: int | None, yes: bool) -> None:
    """Bring configurations into force.

    In REGION, or in each, one after the other: what is rendered now, or a version. Shows what changes, and asks on a
    terminal. Calls survive. A region goes back by itself when it does not work, and those after it are left alone.
    """
    _in_turn(region, version, yes, _apply)


@click.command()
@_options
def rollback(region: str | None, version: int | None, yes: bool) -> None:
    """Bring back what was in force before.

    In REGION, or in each, one after the other: what was in force before what it runs, or a version. A second
    one brings back what the first has taken away.
    """
    _in_turn(region, version, yes, _go_back)


def _in_turn(region: str | None, version: int | None, yes: bool, step: Step) -> None:
    if version is not None and region is None:
        raise click.UsageError("--version needs a REGION: each region counts its own")
    client = connect()
    names = list(chosen(client, region))
    for place, name in enumerate(names):
        try:
            step(client, name, version, yes)
        except click.ClickException as error:
            raise click.ClickException(error.message.rstrip(".") + _spared(names[place + 1 :])) from error


def _spared(names: Sequence[str]) -> str:
    return f"; left as it is: {', '.join(names)}" if names else ""


def _apply(client: Client, region: str, version: int | None, yes: bool) -> None:
    wanted = version or client.post(path(region, "configurations"), {})["version"]
    _bring(client, client.get(path(region, "diff"), to=wanted), "apply", yes)


def _go_back(client: Client, region: str, version: int | None, yes: bool) -> None:
    wanted: dict[str, Any] = {"to": version} if version else {"back": "true"}
    _bring(client, client.get(path(region, "diff"), **wanted), "rollback", yes)


def _bring(client: Client, found: Row, action: str, yes: bool) -> None:
    """Into force what was compared; what has been shown is what is asked for."""
    region, version = found["region"], found["to"]
    if found["identical"]:
        click.echo(f"{region}: version {version} is in force already")
        return
    show_difference(found)
    _ask(f"{QUESTIONS[action]} version {version} in {region}?", region, yes)
    made = client.post(path(region, "applications"), {"action": action, "version": version})
    Following(client, made).until_end()


def _ask(question: str, region: str, yes: bool) -> None:
    if not yes and is_attended() and not click.confirm(question):
        raise click.ClickException(f"{region} was left as it is")
