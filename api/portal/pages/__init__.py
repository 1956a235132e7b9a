"""One module a page, or a family of pages: what each asks of the API, and the template that shows it."""

from __future__ import annotations

from typing import Final

from api.portal.pages.applications import applications
from api.portal.pages.audit import audit
from api.portal.pages.blocks import blocks
from api.portal.pages.calls import calls
from api.portal.pages.configurations import configurations
from api.portal.pages.cores import cores
from api.portal.pages.credential import credential
from api.portal.pages.credential_ending import credential_ending
from api.portal.pages.credentials import credentials
from api.portal.pages.domains import domains
from api.portal.pages.events import events
from api.portal.pages.imports import imports
from api.portal.pages.keys import keys
from api.portal.pages.lists import lists
from api.portal.pages.numbers import numbers
from api.portal.pages.overview import overview
from api.portal.pages.regions import regions
from api.portal.pages.tenant import tenants
from api.portal.pages.users import users
from api.portal.pages.zones import zones

PAGES: Final = (
    overview,
    credentials,
    credential,
    credential_ending,
    numbers,
    imports,
    tenants,
    calls,
    events,
    blocks,
    regions,
    configurations,
    applications,
    cores,
    domains,
    zones,
    lists,
    audit,
    users,
    keys,
)
