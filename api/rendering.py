"""Rendering: settings in, text out, the same text for the same settings."""

from __future__ import annotations

import json
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.settings import ROOT, SIP_PORT, RegionSettings, Settings

TEMPLATES: Final = ROOT / "templates"


def render_region(settings: Settings, region: RegionSettings) -> dict[str, str]:
    """A region's files by name: `region.json` and `kamailio.cfg`. Errors: jinja2.TemplateError."""
    return {
        "region.json": json.dumps(region_facts(settings, region), indent=1) + "\n",
        "kamailio.cfg": _template("kamailio/region.cfg.j2", _context(settings, region)),
    }


def region_facts(settings: Settings, region: RegionSettings) -> dict[str, Any]:
    """What a region's two halves must know (docs/architecture.md)."""
    return {
        "region": region.name,
        "address": region.address,
        "port": SIP_PORT,
        "realm": settings.realm,
        "home": str(settings.region_home(region.name)),
        "limits": settings.limits.model_dump(),
        "test_limits": settings.test_limits,
        "thresholds": settings.thresholds.model_dump(),
        "neighbours": [each.model_dump() for each in settings.regions if each != region],
        "database": settings.database(f"region-{region.name}").model_dump(mode="json", exclude_none=True),
    }


def _context(settings: Settings, region: RegionSettings) -> dict[str, Any]:
    return {
        "region": region.name,
        "address": region.address,
        "port": SIP_PORT,
        "realm": settings.realm,
        "home": str(settings.region_home(region.name)),
        "root": str(ROOT),
        "code": str(settings.code),
        "workers": settings.workers,
        "test_limits": settings.test_limits,
        "thresholds": settings.thresholds.model_dump(),
        "limits": settings.limits.model_dump(),
    }


def _template(name: str, context: dict[str, Any]) -> str:
    environment = Environment(  # noqa: S701 -- the texts are configuration, not HTML
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, keep_trailing_newline=True, trim_blocks=True
    )
    return environment.get_template(name).render(context)
