"""The portal's menu: what is shown depends on who looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import g, url_for

from api.principal import Access, Scope

EVERYBODY: Final = Access(Scope.READ, tenants=True)
CARRIERS: Final = Access(Scope.READ, tenants=False)
ADMINISTRATORS: Final = Access(Scope.ADMINISTER, tenants=False)


@dataclass(frozen=True)
class Link:
    """A page in the menu. `access` is what the API asks of who reads it."""

    title: str
    icon: str
    endpoint: str
    access: Access = EVERYBODY

    @property
    def url(self) -> str:
        """Where it is."""
        return url_for(self.endpoint)


MENU: Final = (
    ("", (Link("Overview", "speedometer2", "portal.overview.index", CARRIERS),)),
    (
        "Endpoints",
        (
            Link("SIP credentials", "hdd-network", "portal.credentials.index"),
            Link("Phone numbers", "telephone", "portal.numbers.index"),
            Link("Tenants", "building", "portal.tenants.index"),
        ),
    ),
    (
        "Traffic",
        (
            Link("Calls", "telephone-outbound", "portal.calls.index"),
            Link("Events", "journal-text", "portal.events.index"),
            Link("Blocks", "shield-exclamation", "portal.blocks.index"),
        ),
    ),
    (
        "Network",
        (
            Link("Regions", "globe2", "portal.regions.index", CARRIERS),
            Link("Core gateways", "diagram-3", "portal.cores.index", CARRIERS),
            Link("Domains", "signpost-2", "portal.domains.index", CARRIERS),
            Link("Policy lists", "list-check", "portal.lists.index", CARRIERS),
        ),
    ),
    (
        "Control",
        (
            Link("Audit log", "clock-history", "portal.audit.index", ADMINISTRATORS),
            Link("Users", "people", "portal.users.index", ADMINISTRATORS),
            Link("API keys", "key", "portal.keys.index", ADMINISTRATORS),
        ),
    ),
)


def links() -> list[tuple[str, list[Link]]]:
    """The groups of the menu, each with what the person at hand may look at."""
    who = g.get("principal")
    if who is None:
        return []
    groups = [(title, [link for link in group if _may(link.access)]) for title, group in MENU]
    return [(title, shown) for title, shown in groups if shown]


def _may(access: Access) -> bool:
    who = g.principal
    return bool(who.scope.covers(access.scope) and (access.tenants or who.tenant is None))
