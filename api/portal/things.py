"""Where the portal shows a thing that something else names."""

from __future__ import annotations

from typing import Final

from flask import current_app, url_for

PAGES: Final = {
    "credential": "portal.credential.one",
    "tenant": "portal.tenants.one",
    "number": "portal.numbers.one",
    "region": "portal.regions.one",
    "domain": "portal.domains.one",
    "call": "portal.calls.one",
}
LISTS: Final = {
    "tenant": "portal.tenants.index",
    "number": "portal.numbers.index",
    "region": "portal.regions.index",
    "domain": "portal.domains.index",
    "core": "portal.cores.index",
    "block": "portal.blocks.index",
    "user": "portal.users.index",
    "key": "portal.keys.index",
    "user_agent": "portal.lists.index",
    "emergency_number": "portal.lists.index",
}


def place_of(kind: str, name: str | None) -> str | None:
    """The address of its page, else of the list that it is in; None where there is neither."""
    page = PAGES.get(kind, "")
    if page in current_app.view_functions and name:
        (argument,) = next(current_app.url_map.iter_rules(page)).arguments
        return url_for(page, _external=False, **{argument: name})
    return url_for(LISTS[kind]) if kind in LISTS else None
