"""When a region may be changed or removed: what PBXs and other regions would notice of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pymysql.cursors import DictCursor
from pymysql.err import IntegrityError

from api.problems import Refusal
from api.regions import store

Row = Mapping[str, Any]


def refuse_hazard(cursor: DictCursor, region: Row, wanted: Row) -> None:
    """Errors: Refusal (409) when `wanted`, unless it is forced, would hurt PBXs: no region left for them in SRV records
    (rule D1), or one there that does not work; and always when a region that runs would change its address.
    """
    state, before = wanted.get("state", region["state"]), region["state"]
    if wanted.get("address", region["address"]) != region["address"] and region["alive"]:
        detail = f"address: {region['name']} runs at {region['address']}: stop it first, and start it at the new one."
        raise Refusal(409, "region-runs", detail)
    if state == before or wanted["force"]:
        return
    if before == store.IN_SERVICE and store.lock_in_service(cursor) == [region["name"]]:
        detail = (
            f"state: {region['name']} is the only region in service: without it PBXs find none (rule D1). Take another"
            ' into service first, or send "force": true.'
        )
        raise Refusal(409, "last-in-service", detail)
    if state == store.OUT and store.count_bindings(cursor, region["name"]):
        detail = (
            f"state: PBXs are registered in {region['name']}, and calls from other regions would reach them no"
            ' more: wait until their bindings have ended, or send "force": true.'
        )
        raise Refusal(409, "region-in-use", detail)
    if not region["ready"] and (state == store.IN_SERVICE or before == store.OUT):
        detail = (
            f"state: {region['name']} is not ready, and PBXs would be sent there in vain: start it first (GET"
            f' /v1/regions/{region["name"]} tells when it is ready), or send "force": true.'
        )
        raise Refusal(409, "region-not-ready", detail)


def refuse_address(cursor: DictCursor, region: Row) -> None:
    """Errors: Refusal (409) when a core gateway has the region's address: what comes from there would be either's."""
    if store.is_core(cursor, region["address"]):
        detail = f"address: {region['address']} is a core gateway's: GET /v1/cores lists them."
        raise Refusal(409, "cores-address", detail)


def taken(error: IntegrityError, wanted: Row) -> Refusal:
    """409 for a name or an address that another region has."""
    if "region_address" in str(error.args[-1]):
        detail = f"address: another region has {wanted['address']}: GET /v1/regions lists them."
        return Refusal(409, "address-taken", detail)
    return Refusal(
        409, "region-exists", f"name: there is a region {wanted['name']} already: GET /v1/regions lists them."
    )


def refuse_if_used(cursor: DictCursor, region: Row) -> None:
    """Errors: Refusal (409) while PBXs are sent there, its agent reports, or something is the region's (rule T3)."""
    name = region["name"]
    if region["state"] == store.IN_SERVICE:
        detail = f"Region {name} is in service (rule D1): drain it first, and wait until DNS has forgotten it."
        raise Refusal(409, "region-in-service", detail)
    uses = store.read_uses(cursor, name)
    if region["alive"]:
        uses.append({"type": "agent", "region": name})
    if uses:
        kinds = [use["type"] for use in uses]
        counts = ", ".join(f"{kinds.count(kind)} {kind}(s)" for kind in dict.fromkeys(kinds))
        detail = f"Region {name} is in use by {counts}: stop it, let bindings end and remove its core gateways first."
        raise Refusal(409, "region-in-use", detail, more={"used_by": uses, "used_by_count": len(uses)})
