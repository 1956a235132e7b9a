"""The settings of one credential's PBX, from what MariaDB knows of domains and regions."""

from __future__ import annotations

from typing import Any, Final

from pymysql.cursors import DictCursor

from api.domains.store import read_domain, read_domains
from api.pbxs.kinds import kinds_of
from api.pbxs.rendering import render
from api.pbxs.trunk import trunk
from api.problems import Refusal
from api.regions.store import read_places

NO_REGION: Final = "No region is in service, and a PBX needs one: ask for settings when there is one again."


def settings_for(
    cursor: DictCursor, username: str, pbx: str, domain: str | None, password: str | None = None
) -> dict[str, Any]:
    """As `SettingsSchema` shows them; without `password` its place is marked.

    Errors: Refusal (409: there is no such domain, or no region in service).
    """
    named = _domain(cursor, domain)
    wanted = trunk(username, password, named, read_places(cursor))
    if not wanted.places:
        raise Refusal(409, "no-region-in-service", NO_REGION)
    return {
        "pbx": pbx,
        "domain": named,
        "regions": [place.name for place in wanted.places],
        "files": [{"pbx": kind.key, **vars(file)} for kind in kinds_of(pbx) for file in render(kind, wanted)],
    }


def _domain(cursor: DictCursor, name: str | None) -> str | None:
    """The one that is asked for, else the first, if there is any."""
    if name is None:
        return next((str(row["name"]) for row in read_domains(cursor)), None)
    found = read_domain(cursor, name)
    if found is None:
        detail = f"domain: there is no domain {name}: GET /v1/domains lists them."
        raise Refusal(409, "unknown-domain", detail)
    return str(found["name"])
