"""A start of the service: the regions of its settings are regions of the deployment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pymysql.cursors import DictCursor

from api.audit.store import SERVICE, Entry, add_entries
from api.changes import Change
from api.regions.store import IN_SERVICE, insert_region, is_core, read_places, update_region
from api.settings import RegionSettings


class RegionsError(Exception):
    """The settings do not go with the regions that there are. The text is one line that says what to do."""


def settle_regions(cursor: DictCursor, wanted: Sequence[RegionSettings]) -> list[Change]:
    """Adds those that are missing, in service, and lets addresses follow the settings; returns what regions must learn.

    One that was removed through the API and is in the settings is there again: the settings say what this host runs.
    Errors: RegionsError when a region of another host, or a core gateway, has the address.
    """
    known = {place["name"]: place for place in read_places(cursor)}
    _refuse_taken(known, wanted)
    new = [region for region in wanted if region.name not in known]
    moved = [region for region in wanted if region.name in known and known[region.name]["address"] != region.address]
    for region in (*new, *moved):
        if is_core(cursor, region.address):
            detail = f"a core gateway has the address {region.address}: choose another in settings.toml"
            raise RegionsError(f"region {region.name}: {detail}, or remove that core (./turnpike core list)")
    for region in moved:  # two may have changed places
        cursor.execute("UPDATE region SET address = %s WHERE name = %s", (f"from {region.name}", region.name))
    for region in moved:
        update_region(cursor, region.name, {"address": region.address})
    for region in new:
        insert_region(cursor, {"name": region.name, "address": region.address, "state": IN_SERVICE, "label": None})
    entries = [Entry("create", "region", each.name, after=each.model_dump() | {"state": IN_SERVICE}) for each in new]
    entries += [_moving(known[each.name], each) for each in moved]
    if entries:
        add_entries(cursor, SERVICE, entries)
    return [Change("region", region.name) for region in (*new, *moved)]


def removed_regions(cursor: DictCursor) -> list[str]:
    """Names of regions that were and are no more: their hosts shall not log in any more."""
    cursor.execute("SELECT region FROM binding_sync WHERE region NOT IN (SELECT name FROM region)")
    return [row["region"] for row in cursor.fetchall()]


def _refuse_taken(known: dict[str, dict[str, Any]], wanted: Sequence[RegionSettings]) -> None:
    own = {region.name for region in wanted}
    others = {place["address"]: name for name, place in known.items() if name not in own}
    for region in wanted:
        if region.address in others:
            raise RegionsError(
                f"region {region.name}: {others[region.address]} has the address {region.address}: choose another in "
                f"settings.toml, or remove that region (./turnpike region remove {others[region.address]})"
            )


def _moving(before: dict[str, Any], after: RegionSettings) -> Entry:
    return Entry("change", "region", after.name, before, before | {"address": after.address})
