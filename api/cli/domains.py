"""`./turnpike domain …` and `./turnpike dns …`"""

from __future__ import annotations

import sys
from typing import Any

import click

from api.cli import zones
from api.cli.client import connect
from api.cli.files import write_text
from api.cli.output import json_option, print_json, show_diff, show_row, show_rows

DOMAINS = ("name", "label", "registrar", "name_servers", "hostmaster", "ttl")
VERSIONS = ("version", "serial", "rendered_at", "actor_name", "digest")


@click.group()
def domain() -> None:
    """Alias domains: under what names PBXs find the regions."""


@domain.command()
@click.argument("name")
@click.option("--name-server", "name_servers", multiple=True, required=True, help="Host name; the primary one first.")
@click.option("--label", help="What people call it.")
@click.option("--hostmaster", help="E-mail address for the zone; hostmaster@NAME unless told.")
@click.option("--ttl", default=60, show_default=True, help="Seconds for which answers may be kept.")
@json_option
def add(as_json: bool, **wanted: Any) -> None:
    """Add an alias domain; PBXs use reg.NAME."""
    show_row(connect().post("domains", _told(wanted)), as_json)


@domain.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List alias domains."""
    show_rows(connect().get("domains")["items"], DOMAINS, as_json, "there are no domains yet")


@domain.command()
@click.argument("name", metavar="DOMAIN")
@json_option
def show(name: str, as_json: bool) -> None:
    """Show an alias domain."""
    show_row(connect().get(zones.path(name)), as_json)


@domain.command()
@click.argument("name", metavar="DOMAIN")
@click.option("--name-server", "name_servers", multiple=True, help="Host name, in place of all there are.")
@click.option("--label", help="What people call it; empty for nothing.")
@click.option("--hostmaster", help="E-mail address for the zone.")
@click.option("--ttl", type=int, help="Seconds for which answers may be kept.")
@json_option
def change(name: str, as_json: bool, **wanted: Any) -> None:
    """Change an alias domain."""
    told = _told(wanted)
    if "label" in told:
        told["label"] = told["label"] or None
    show_row(connect().patch(zones.path(name), told), as_json)


@domain.command()
@click.argument("name", metavar="DOMAIN")
@json_option
def remove(name: str, as_json: bool) -> None:
    """Remove an alias domain; DNS goes on until its zone is taken out there."""
    show_row(connect().delete(zones.path(name)), as_json)


@click.group()
def dns() -> None:
    """Zones for name servers, and whether DNS answers what it should."""


@dns.command()
@click.argument("name", metavar="DOMAIN")
@click.option("--output", metavar="FILE", default="-", help="Replaced when the zone is whole; - is standard output.")
@click.option("--records", is_flag=True, help="Only the records, for the domain's own zone; nothing is stored.")
@json_option
def render(name: str, output: str, records: bool, as_json: bool) -> None:
    """Store today's zone as a version, if it is new, and write it."""
    zone = connect().get(zones.path(name, "zone")) if records else connect().post(zones.path(name, "zones"), {})
    zones.warn(zone)
    if output != "-":
        write_text(zone["records" if records else "text"], output)
    if as_json:
        print_json(zone)
    elif output == "-":
        click.echo(zone["records" if records else "text"], nl=False)


@dns.command()
@click.argument("name", metavar="[DOMAIN]", required=False)
@json_option
def check(name: str | None, as_json: bool) -> None:
    """Let named-checkzone look at today's zone, or at all domains' zones; exit status 1 if one is refused."""
    client = connect()
    found = [client.get(zones.path(each, "zone/check")) for each in zones.domains(client, name)]
    for zone in found:
        zones.warn(zone)
    show_rows(found, ("domain", "passed", "lines"), as_json, "there are no domains yet")
    sys.exit(0 if all(zone["passed"] for zone in found) else 1)


@dns.command()
@click.argument("name", metavar="DOMAIN")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(min=1), help="How many.")
@json_option
def history(name: str, limit: int, as_json: bool) -> None:
    """List stored versions of a zone, the newest first."""
    show_rows(connect().rows(zones.path(name, "zones"), limit), VERSIONS, as_json, "no version was stored yet")


@dns.command()
@click.argument("name", metavar="DOMAIN")
@click.option("--version", type=click.IntRange(min=1), help="Compare with this one in place of the newest.")
def diff(name: str, version: int | None) -> None:
    """Show what differs between the newest stored version and today's zone; exit status 1 if anything does."""
    lines = zones.difference(connect(), name, version)
    show_diff(lines)
    sys.exit(1 if lines else 0)


@dns.command()
@click.argument("name", metavar="[DOMAIN]", required=False)
@click.option("--resolver", metavar="ADDRESS[#PORT]", help="Ask this one in place of the setting resolvers.")
@json_option
def doctor(name: str | None, resolver: str | None, as_json: bool) -> None:
    """Compare what DNS answers with what it should, for one domain or all; exit status 1 if anything differs."""
    client = connect()
    found = [client.get(zones.path(each, "dns"), resolver=resolver) for each in zones.domains(client, name)]
    if as_json:
        print_json(found)
    else:
        _tell(found)
    sys.exit(0 if all(each["right"] for each in found) else 1)


def _tell(found: list[dict[str, Any]]) -> None:
    if not found:
        click.echo("there are no domains yet", err=True)
    for each in found:
        asked = ", ".join(each["resolvers"]) or "nobody"
        click.echo(f"{each['domain']}: {'all is right' if each['right'] else 'not right'} (asked: {asked})")
        for item in each["items"]:
            click.echo(f"  {item['sentence']}")


def _told(wanted: dict[str, Any]) -> dict[str, Any]:
    """What was told of it."""
    named = {name: list(value) if isinstance(value, tuple) else value for name, value in wanted.items()}
    return {name: value for name, value in named.items() if value not in (None, [])}
