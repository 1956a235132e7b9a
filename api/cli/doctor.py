"""`./turnpike doctor`: why a trunk is down, and what to do."""

from __future__ import annotations

from typing import Any, Final

import click
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from api.cli.client import connect
from api.cli.credentials import path_of
from api.cli.output import console, harmless, json_option, print_json

Row = dict[str, Any]
WORKS: Final = {True: ("works", "green"), False: ("does not work", "red"), None: ("may or may not work", "yellow")}
MARKS: Final = {True: ("ok", "green"), False: ("no", "red"), None: ("?", "yellow")}
STYLES: Final = {"down": "red", "degraded": "yellow", "notice": "dim"}


@click.command()
@click.argument("name", metavar="USERNAME")
@json_option
@click.pass_context
def doctor(context: click.Context, name: str, as_json: bool) -> None:
    """Say whether a credential's trunk works, and if not, why and what to change.

    USERNAME may be an id too. The exit status is 0 when the trunk works, else 1.
    """
    client = connect()
    found = client.get(f"{path_of(client, name)}/diagnosis")
    if as_json:
        print_json(found)
    else:
        show(found)
    context.exit(0 if found["works"] else 1)


def show(found: Row) -> None:
    """The verdict, the regions, and what to do."""
    screen = console()
    word, style = WORKS[found["works"]]
    screen.print(Text.assemble((harmless(f"{found['username']} {word}"), f"bold {style}"), _pbx(found["pbx"])))
    screen.print(Text(harmless(found["verdict"])))
    screen.print()
    screen.print(_regions(found["regions"]))
    if found["findings"]:
        screen.print(Text("\nWhat to do", style="bold"))
    for number, finding in enumerate(found["findings"], 1):
        screen.print(_said(number, finding, found["verdict"]))
        screen.print(Padding(Text(harmless(finding["advice"])), (0, 0, 0, 3), expand=False))


def _pbx(pbx: Row | None) -> str:
    if pbx is None:
        return ""
    return harmless(f"  ({pbx['name']}: {pbx['user_agent']})" if pbx["name"] else f"  ({pbx['user_agent']})")


def _regions(regions: list[Row]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("region", "", "registered from", "last accepted", "calls", "cores"):
        table.add_column(title)
    for region in regions:
        known, calls, cores = region["registration"] or {}, region["calls"], region["cores"]
        live = known.get("state") in ("live", "silent")
        table.add_row(
            region["region"],
            Text(*MARKS[region["works"]]),
            f"{known['address']}:{known['port']}, {known['expires_in']} s left" if live else "-",
            _time(known.get("accepted_at")),
            f"{calls['channels']} of {calls['channels_most']}, {calls['last_minute']} in a minute",
            f"{cores['enabled'] - cores['dead']} of {cores['enabled']}",
        )
    return table


def _said(number: int, finding: Row, verdict: str) -> Text:
    """A finding; what the verdict has said already is not said again."""
    where = ", ".join(filter(None, (finding["severity"], finding["region"], f"rule {finding['rule']}")))
    told = "" if finding["sentence"] in verdict else f" {finding['sentence']}"
    return Text.assemble(f"{number}. ", (where, STYLES[finding["severity"]]), harmless(f":{told}"))


def _time(moment: str | None) -> str:
    return "-" if moment is None else f"{moment[:10]} {moment[11:19]}"
