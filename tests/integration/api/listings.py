"""Every list of the API as MariaDB sees it: what it is asked, and by which index it should answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from api.audit import store as audit
from api.bindings import store as bindings
from api.blocks import store as blocks
from api.calls import store as calls
from api.cdrs import store as cdrs
from api.configurations import application_store as applications
from api.configurations import store as configurations
from api.credentials import store as credentials
from api.domains import zone_store as zones
from api.events import store as events
from api.keys import store as keys
from api.numbers import store as numbers
from api.paging import Place
from api.tenants import store as tenants
from api.users import store as users

Row = dict[str, Any]
Statement = Callable[[Row, Place | None, int], tuple[str, Row]]
Filter = tuple[str, Any, str, str]
"""A filter, a value of it, the index that a list walks for it, and the one where a single tenant may be seen."""
NUMBER = "+14155550007"
MIDDLE = datetime.fromisoformat("2026-01-01T02:30:00")


@dataclass(frozen=True)
class Listing:
    """A list: what makes its statement, what it is sorted by, and a place in it; `plain` are its indexes unfiltered."""

    statement: Statement
    sorts: tuple[tuple[str, Place], ...]
    plain: tuple[str, str | None]
    filters: tuple[Filter, ...] = ()


def _same(name: str, value: Any, index: str) -> Filter:
    return name, value, index, index


def _people(sorts: tuple[tuple[str, Place], ...], index: str) -> Listing:
    others = (_same("role", "read", index), _same("tenant", "t7", index), _same("enabled", True, index))
    return Listing(users.statement, sorts, (index, None), (_same("name", "p7", "name"), *others))


BY_AGE = ("credential_by_age", "credential_tenant_by_age")
STARTED = (("-started_at", (MIDDLE, "c-1")), ("started_at", (MIDDLE, "c-1")))
LISTINGS: Mapping[str, Listing] = {
    "/v1/credentials": Listing(
        credentials.statement,
        (("-created_at", (MIDDLE, "cr-1")), ("created_at", (MIDDLE, "cr-1"))),
        BY_AGE,
        (
            ("label", "office", *BY_AGE),
            ("enabled", False, *BY_AGE),
            ("grace", True, *BY_AGE),
            ("grace", False, *BY_AGE),
            ("live", True, *BY_AGE),
            _same("tenant", "t7", "credential_tenant_by_age"),
            _same("username", "u7", "username"),
        ),
    ),
    "/v1/credentials by username": Listing(
        credentials.statement,
        (("username", ("u1",)), ("-username", ("u1",))),
        ("credential_by_username", "credential_tenant_by_username"),
        (
            ("label", "office", "credential_by_username", "credential_tenant_by_username"),
            _same("tenant", "t7", "credential_tenant_by_username"),
        ),
    ),
    "/v1/numbers": Listing(
        numbers.statement,
        (("number", (NUMBER,)), ("-number", (NUMBER,))),
        ("PRIMARY", "number_tenant_route"),
        (
            _same("tenant", "t7", "number_tenant_route"),
            _same("credential", "u7", "number_credential"),
            ("prefix", "+1415555", "PRIMARY", "number_tenant_route"),
            ("routed", True, "number_routed", "number_tenant_route"),
            ("routed", False, "number_routed", "number_tenant_route"),
        ),
    ),
    "/v1/tenants": Listing(
        tenants.statement,
        (("account_id", ("t1",)), ("-account_id", ("t9",))),
        ("PRIMARY", "PRIMARY"),
        (_same("search", "x", "PRIMARY"),),
    ),
    "/v1/bindings": Listing(
        bindings.statement,
        (("username", ("u1", "nw1")),),
        ("binding_username", "credential_tenant_by_username"),
        (
            ("region", "nw1", "PRIMARY", "credential_tenant_by_username"),
            _same("credential", "u7", "binding_username"),
        ),
    ),
    "/v1/blocks": Listing(
        blocks.statement,
        (("-at", (MIDDLE, "k-1")), ("at", (MIDDLE, "k-1"))),
        ("block_by_age", "block_by_age"),
        (
            _same("region", "nw1", "block_region"),
            _same("address", "192.0.2.7", "block_address"),
            _same("credential", "u7", "block_of_username"),
            _same("ended", True, "block_by_age"),
        ),
    ),
    "/v1/events": Listing(
        events.statement,
        (("-id", (5000,)), ("id", (5000,))),
        ("PRIMARY", "PRIMARY"),
        (
            _same("region", "nw1", "event_region"),
            _same("rule", "R4", "event_rule"),
            _same("address", "192.0.2.7", "event_address"),
            _same("credential", "u7", "event_username"),
            _same("credential", "cr-7", "event_credential"),
        ),
    ),
    "/v1/calls": Listing(
        calls.statement,
        STARTED,
        ("cdr_live", "cdr_live"),
        (
            _same("tenant", "t7", "cdr_live"),
            *(_same(name, "x", "cdr_live") for name in ("region", "direction", "credential", "number")),
        ),
    ),
    "/v1/cdrs": Listing(
        cdrs.statement,
        STARTED,
        ("cdr_started", "cdr_tenant"),
        (
            ("region", "nw1", "cdr_region", "cdr_tenant"),
            ("direction", "inbound", "cdr_direction", "cdr_tenant"),
            _same("credential", "cr-7", "cdr_credential"),
            _same("credential", "u7", "cdr_username"),
            _same("number", "+14155557", "cdr_number"),
            _same("tenant", "t7", "cdr_tenant"),
            _same("caller", "+14155557", "cdr_caller"),
            _same("callee", "+12125557", "cdr_callee"),
            ("caller", "+1*", "cdr_started", "cdr_tenant"),
            ("callee", "*", "cdr_started", "cdr_tenant"),
            ("code", 503, "cdr_code", "cdr_tenant"),
            ("answered", False, "cdr_answered", "cdr_tenant"),
            ("rule", "O3", "cdr_rule", "cdr_tenant"),
            ("since", MIDDLE - timedelta(days=31), "cdr_started", "cdr_tenant"),
            ("until", MIDDLE + timedelta(hours=1), "cdr_started", "cdr_tenant"),
        ),
    ),
    "/v1/audit": Listing(
        audit.statement,
        (("-id", (5000,)),),
        ("audit_by_age", None),
        (
            _same("entity", "credential", "audit_kind"),
            _same("entity_id", "cr-7", "audit_entity_id"),
            _same("actor", "key-1", "audit_actor"),
            _same("tenant", "t7", "audit_tenant"),
            _same("action", "change", "audit_action"),
            _same("request_id", "r7", "audit_request"),
            _same("since", MIDDLE, "audit_by_age"),
            _same("until", MIDDLE, "audit_by_age"),
        ),
    ),
    "/v1/regions/{name}/configurations": Listing(
        lambda _wanted, after, limit: configurations.statement("nw1", after, limit),
        (("-version", (5000,)),),
        ("PRIMARY", None),
    ),
    "/v1/regions/{name}/applications": Listing(
        lambda _wanted, after, limit: applications.statement("nw1", after, limit),
        (("-id", (5000,)),),
        ("application_region", None),
    ),
    "/v1/users": _people((("-created_at", (MIDDLE, "u-1")), ("created_at", (MIDDLE, "u-1"))), "user_by_age"),
    "/v1/users by name": _people((("name", ("p1",)), ("-name", ("p9",))), "name"),
    "/v1/domains/{domain}/zones": Listing(
        lambda wanted, after, limit: zones.statement({"domain": "d7.example", **wanted}, after, limit),
        (("-version", (500,)),),
        ("PRIMARY", None),
    ),
    "/v1/keys": Listing(
        lambda _wanted, after, limit: keys.statement(after, limit),
        (("-created_at", (MIDDLE, "key-1")),),
        ("api_key_by_age", None),
    ),
}


def asked() -> list[Any]:
    """Each list, filter, order, page and kind of sender: a name, then a statement's maker and the index expected."""
    return [
        (f"{path} {sort} {name} {value} {'next' if after else 'first'} {scope}", make, index)
        for path, listing in LISTINGS.items()
        for name, value, *indexes in [("", None, *listing.plain), *listing.filters]
        for scope, index in zip((None, "t7"), indexes, strict=True)
        if scope is None or listing.plain[1]
        for sort, place in listing.sorts
        for after in (None, place)
        for make in [partial(listing.statement, {"sort": sort, "scope": scope, name: value}, after, 51)]
    ]
