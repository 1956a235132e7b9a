"""The story from its beginning to its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from api.cli.client import Client, Row
from api.cli.output import show_rows
from api.demo import calls
from api.demo.patience import NotAsToldError, Patience
from api.demo.places import Region
from api.demo.stage import Record, Stage, stage
from api.demo.telling import Teller, meaning

CDRS: Final = ("started", "way", "dialled", "code", "seconds", "ended by", "rule")
USAGE: Final = ("day", "tenant", "direction", "calls", "answered", "seconds")


def play(client: Client, regions: tuple[Region, ...], patience: Patience, teller: Teller) -> None:
    """Errors: StopAskedError, NotAsToldError, click.ClickException; then nothing is left either."""
    places = ", ".join(f"{region.name} at {region.address}" for region in regions)
    teller.plain(
        f"Two PBXs (PJSIP) and the carrier's core (sipp) play on this machine, with {client.url}\n"
        f"and its regions {places}. It takes twenty seconds and leaves nothing behind;\n"
        "Ctrl-C ends it sooner, as cleanly. After $ stands the command for what you see."
    )
    with stage(client, regions, patience, teller) as actors:
        for chapter in CHAPTERS:
            chapter(actors)


def _customer(on: Stage) -> None:
    tell = on.teller
    tell.chapter("The carrier makes a customer")
    on.customer.make_tenant()
    tell.happened(f"tenant {on.customer.account}: whose calls these are", try_it="tenant create")
    for name in ("PBX A", "PBX B"):
        pbx = on.add_pbx(name)
        tell.happened(f"credential {pbx.login.username} for {name}, and number {pbx.number}, which rings it")
    tell.happened(
        "the service makes username and password, and tells the password once: not here",
        try_it="credential create; ./turnpike number create",
    )
    for region in on.regions:
        core = on.add_core(region)
        on.customer.add_core(region.name, core.address)
        tell.happened(f"{core.name} at {core.address}: region {region.name} sends its calls there")
    on.patience.until(on.customer.is_known, 10, "both regions know the customer")
    tell.happened("both regions know all of it", try_it="core add; ./turnpike region list")


def _registrations(on: Stage) -> None:
    on.teller.chapter("The PBXs register, each in both regions")
    for pbx in on.pbxs:
        pbx.start(on.regions)
        for region in on.regions:
            granted = on.patience.until(partial(pbx.granted, region), 10, f"{pbx.name} registers in {region.name}")
            codes = meaning(pbx.codes_of_registration(region))
            on.teller.said((pbx.name, region.name), "REGISTER", f"{codes}: granted {granted} s")
    bound = on.patience.until(lambda: _bindings(on), 5, "GET /v1/bindings lists them")
    on.teller.happened(
        f"{len(bound)} bindings are listed; calls will go to the address that each REGISTER came from",
        try_it="binding list",
    )


def _bindings(on: Stage) -> list[Row]:
    rows = [row for pbx in on.pbxs for row in on.client.rows("bindings", credential=pbx.login.username)]
    return rows if len(rows) == len(on.pbxs) * len(on.regions) else []


def _records(on: Stage) -> None:
    on.teller.chapter("What is recorded")
    told = Counter(on.expected)
    rows = on.patience.until(lambda: _cdrs(on, len(on.expected)), 15, f"there are {len(on.expected)} records")
    written = Counter(Record(row["callee"], row["code"], row["ended_by"]) for row in rows)
    if written != told:
        raise NotAsToldError(f"the records say {list(written - told)} where {list(told - written)} happened")
    on.teller.happened(f"{len(rows)} calls, each with one record, of tenant {on.customer.account}", try_it="cdr list")
    show_rows([_told(on, row) for row in rows], CDRS, False, "")
    used = on.patience.until(lambda: _usage(on), 10, "usage counts them all")
    on.teller.happened("what they add up to, for the bill", try_it="usage")
    show_rows(used, USAGE, False, "")


def _cdrs(on: Stage, count: int) -> list[Row]:
    """Oldest first."""
    rows = list(on.client.rows("cdrs", tenant=on.customer.account))
    return rows[::-1] if len(rows) >= count else []


def _usage(on: Stage) -> list[Row]:
    rows = list(on.client.rows("usage", tenant=on.customer.account))
    return rows if sum(row["calls"] for row in rows) == len(on.expected) else []


def _told(on: Stage, row: Row) -> dict[str, Any]:
    pbx = next((pbx.name for pbx in on.pbxs if pbx.login.username == row["username"]), "-")
    core = [f"core {row['region']}"] if row["core"] else []
    way = [pbx, row["region"], *core]
    if row["direction"] == "inbound":
        way = [*core, row["region"], *([row["via"]] if row["via"] else []), pbx]
    return {
        "started": row["started_at"][11:19],
        "way": " ▶ ".join(way),
        "dialled": row["callee"],
        "code": row["code"],
        "seconds": row["seconds"],
        "ended by": row["ended_by"],
        "rule": row["rule"],
    }


def _farewell(on: Stage) -> None:
    on.teller.chapter("Nothing is left behind")
    for pbx in on.pbxs:
        pbx.leave()
        for region in on.regions:
            on.patience.until(partial(pbx.has_left, region), 10, f"{pbx.name} leaves {region.name}")
        on.teller.said((pbx.name, "both regions"), "REGISTER, Expires: 0", "200 OK: registered nowhere any more")


CHAPTERS: Final[tuple[Callable[[Stage], None], ...]] = (
    _customer,
    _registrations,
    calls.out,
    calls.refused,
    calls.inward,
    calls.ended,
    _records,
    _farewell,
)
