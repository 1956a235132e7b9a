"""What DNS answers of a domain, over HTTP (rules D1 and D2)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from api.dns.asking import own_resolvers
from api.dns.checking import examine
from api.dns.schema import DnsQuery, DnsSchema
from api.domains.routes import known
from api.domains.store import read_domain
from api.domains.zone_store import read_newest
from api.principal import Access, Scope, current
from api.regions.store import read_places
from api.rest import Resource
from api.services import services

dns = Resource("dns", "/v1/domains", "Whether DNS answers what it should")


@dns.operation("GET", "/<domain>/dns", query=DnsQuery, answer=DnsSchema, problems=(404,))
def examine_dns(query: dict[str, Any], domain: str) -> dict[str, Any]:
    """Ask resolvers and the domain's name servers, and compare; it takes two seconds when one is silent"""
    if "resolver" in query:
        current().check(Access(Scope.ADMINISTER, tenants=False))
    with services().database.transaction() as cursor:
        row = known(read_domain(cursor, domain), domain)
        places, newest = read_places(cursor), read_newest(cursor, row["name"])
    resolvers = [query["resolver"]] if "resolver" in query else list(services().settings.resolvers) or own_resolvers()
    found = examine(row, places, resolvers, serial=newest["serial"] if newest else None)
    return {
        "domain": row["name"],
        "right": not found,
        "resolvers": resolvers,
        "items": [asdict(each) for each in found],
    }
