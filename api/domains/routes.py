"""Alias domains over HTTP (rule D2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pymysql.err import IntegrityError

from api.dns.records import origin
from api.domains import store
from api.domains.schema import (
    EXAMPLE,
    DomainChange,
    DomainDeleted,
    DomainList,
    DomainSchema,
    NewDomain,
)
from api.principal import Scope, own_tenant
from api.problems import Refusal, unknown
from api.rest import Resource
from api.services import services
from api.work import Work, work

domains = Resource("domains", "/v1/domains", "Alias domains: under what names PBXs find the regions")
shown = DomainSchema().dump


@domains.operation("POST", body=NewDomain, answer=DomainSchema, status=201, example=EXAMPLE, needs=Scope.ADMINISTER)
def add_domain(wanted: dict[str, Any]) -> dict[str, Any]:
    """Add an alias domain"""
    name = wanted["name"]
    domain = {"hostmaster": f"hostmaster@{name}"} | wanted
    domain["name_servers"] = _outside(name, wanted["name_servers"])
    with work() as unit:
        try:
            store.insert_domain(unit.cursor, domain)
        except IntegrityError as error:
            raise Refusal(409, "domain-exists", f"There is a domain {name} already: GET /v1/domains/{name}.") from error
        made = known(store.read_domain(unit.cursor, name), name)
        unit.record("create", "domain", name, after=shown(made))
        unit.answer(made)
    return unit.answered()


@domains.operation("GET", answer=DomainList, tenants=True)
def list_domains() -> dict[str, Any]:
    """List alias domains, by name"""
    with services().database.transaction() as cursor:
        return {"items": [_as_seen(row) for row in store.read_domains(cursor)]}


@domains.operation("GET", "/<domain>", answer=DomainSchema, problems=(404,), example=EXAMPLE, tenants=True)
def get_domain(domain: str) -> dict[str, Any]:
    """Get an alias domain"""
    with services().database.transaction() as cursor:
        return _as_seen(known(store.read_domain(cursor, domain), domain))


@domains.operation(
    "PATCH",
    "/<domain>",
    body=DomainChange,
    answer=DomainSchema,
    problems=(404, 409),
    example=EXAMPLE,
    needs=Scope.ADMINISTER,
)
def change_domain(wanted: dict[str, Any], domain: str) -> dict[str, Any]:
    """Relabel an alias domain, or change what its zone says of itself"""
    with work() as unit:
        before = lock(unit, domain)
        name = before["name"]
        if "name_servers" in wanted:
            wanted["name_servers"] = _outside(name, wanted["name_servers"])
        store.update_domain(unit.cursor, name, wanted)
        after = known(store.read_domain(unit.cursor, name), name)
        unit.record("change", "domain", name, before=shown(before), after=shown(after))
        unit.answer(after)
    return unit.answered()


@domains.operation("DELETE", "/<domain>", answer=DomainDeleted, problems=(404,), needs=Scope.ADMINISTER)
def remove_domain(domain: str) -> dict[str, Any]:
    """Remove an alias domain; DNS goes on until its zone is taken out there"""
    with work() as unit:
        before = lock(unit, domain)
        store.delete_domain(unit.cursor, before["name"])
        unit.record("delete", "domain", before["name"], before=shown(before))
        unit.answer({"name": before["name"]})
    return unit.answered()


def lock(unit: Work, name: str) -> dict[str, Any]:
    """The domain as If-Match names it, which nobody else can change meanwhile. Errors: Refusal (404, 412)."""
    domain = known(store.lock_domain(unit.cursor, name), name)
    unit.expect(domain)
    return domain


def known(domain: dict[str, Any] | None, name: str) -> dict[str, Any]:
    """Errors: Refusal (404) when there is none."""
    if domain is None:
        raise unknown("domain", name, "GET /v1/domains lists them")
    return domain


def _as_seen(domain: dict[str, Any]) -> dict[str, Any]:
    """Without the label, which is the operator's, for who is bound to a tenant."""
    return domain if own_tenant() is None else domain | {"label": None}


def _outside(name: str, servers: Sequence[str]) -> list[str]:
    """Each once. Errors: Refusal (409) for one within the zone, where it would have no address."""
    zone = origin(name)
    for server in servers:
        if server == zone or server.endswith(f".{zone}"):
            detail = (
                f"name_servers: {server} lies within {zone}, which has addresses of regions only: name another host."
            )
            raise Refusal(409, "name-server-inside", detail)
    return list(dict.fromkeys(servers))
