"""Following an application from the moment that it was asked for to its end."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import Any, Final

import click

from api.cli.client import Client

Row = Mapping[str, Any]
LOOK: Final = 0.25
"""Seconds between two looks."""
SILENCE: Final = 5.0
"""Seconds after which a silent agent is told."""
OVERDUE: Final = 30.0
"""The same for one that is alive and does not begin."""
PATIENCE: Final = 15.0
"""Seconds for which the API may be away meanwhile."""
UNDER_WAY: Final = ("waiting", "checking", "switching", "trying")
GOOD: Final = {"checked": "Kamailio takes it", "in-force": "in force"}
BAD: Final = {"refused": "refused", "rolled-back": "rolled back", "withdrawn": "withdrawn"}


class Following:
    """Says each state as it comes."""

    def __init__(self, client: Client, application: Row) -> None:
        self._client = client
        self._path = f"regions/{application['region']}/applications/{application['id']}"
        self._application = application
        self._began = self._reached = time.monotonic()
        self._told = ""
        self._silence_told = False

    def until_end(self) -> None:
        """Errors: click.ClickException when it is refused, rolled back or withdrawn, or cannot be followed."""
        try:
            while self._application["state"] in UNDER_WAY:
                self._tell(self._application["state"])
                self._mind_silence()
                time.sleep(LOOK)
                self._look()
        except KeyboardInterrupt:
            self._leave()
        self._end()

    @property
    def _named(self) -> str:
        return f"{self._application['region']}: version {self._application['version']}"

    @property
    def _passed(self) -> float:
        return time.monotonic() - self._began

    def _tell(self, state: str) -> None:
        if state != self._told:
            self._told = state
            click.echo(f"{self._named} {self._passed:5.1f} s  {state}")

    def _look(self) -> None:
        """The API may be away for a moment: what was asked for goes on."""
        try:
            self._application = self._client.get(self._path)
            self._reached = time.monotonic()
        except click.ClickException as error:
            if time.monotonic() - self._reached > PATIENCE:
                raise click.ClickException(f"{error.message}. {self._goes_on()}") from error

    def _mind_silence(self) -> None:
        """Once: what an agent does not begin can be withdrawn; nobody asks where nobody can answer."""
        waits, silent = self._application["state"] == "waiting", self._application["agent_silent"]
        late = self._passed > SILENCE if silent else waits and self._passed > OVERDUE
        if self._silence_told or not late:
            return
        self._silence_told = True
        what = "is silent: is the service running there, and does it reach MariaDB?" if silent else "does not begin"
        click.echo(f"{self._application['region']}: its agent {what}", err=True)
        if waits and self._wants_to_withdraw():
            self._withdraw()

    def _wants_to_withdraw(self) -> bool:
        if not is_attended():
            return True
        question = "Withdraw it? Otherwise it begins when the agent is back; Ctrl-C withdraws it too."
        try:
            return click.confirm(question, err=True)
        except click.Abort:
            return True

    def _withdraw(self) -> None:
        try:
            self._application = self._client.delete(self._path)
        except click.ClickException as error:  # it has begun at this moment, or the API is away
            click.echo(error.message, err=True)

    def _leave(self) -> None:
        """Ctrl-C."""
        if self._silence_told and self._application["state"] == "waiting":
            self._withdraw()
        if self._application["state"] in UNDER_WAY:
            raise click.ClickException(self._goes_on())

    def _goes_on(self) -> str:
        region = self._application["region"]
        return f"{self._named} goes on without you: ./turnpike history {region} shows what comes of it"

    def _end(self) -> None:
        state, reason = self._application["state"], self._application["reason"]
        if state in BAD:
            because = f": {' '.join(reason.split())}" if reason else ""
            raise click.ClickException(f"{self._named} was {BAD[state]}{because}")
        restarted = ", the gateway was restarted" if self._application["restarted"] else ""
        self._tell(GOOD[state] + restarted)


def is_attended() -> bool:
    """Whether somebody is there who can answer."""
    return sys.stdin.isatty() and sys.stdout.isatty()
