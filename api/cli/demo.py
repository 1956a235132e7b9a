"""`./turnpike demo`: what the service does, played on a running instance."""

from __future__ import annotations

import signal
import sys
from typing import Final

import click

from api.cli.client import connect
from api.demo.patience import NotAsToldError, Patience, StopAskedError
from api.demo.places import regions_for
from api.demo.stage import clean as clean_up
from api.demo.story import play
from api.demo.telling import Teller

STOPPED: Final = 130
"""Exit status of who was asked to stop, as shells have it."""


@click.command()
@click.option("--clean", is_flag=True, help="Only remove what a demonstration has left that was killed.")
def demo(clean: bool) -> None:
    """Show on a running instance what it does: PBXs register, call out and are called. Nothing stays of it."""
    client = connect()
    if clean:
        click.echo(f"removed: {', '.join(clean_up(client)) or 'there was nothing'}", err=True)
        return
    regions, patience = regions_for(client), Patience()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, patience.ask_to_stop)
    try:
        play(client, regions, patience, Teller())
    except StopAskedError:
        click.echo("stopped before the end of the story", err=True)
        sys.exit(STOPPED)
    except NotAsToldError as error:
        raise click.ClickException(f"not as told: {error}") from error
