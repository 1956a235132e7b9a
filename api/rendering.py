"""Rendering: settings and rows in, text out, the same text for the same data.

Nothing in it is a fact of a host (docs/decisions/0012), and nothing of other regions.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from traceback import extract_tb
from typing import Any, Final

import jinja2

from api.settings import ROOT, SIP_PORT, RegionSettings, Settings
from api.templates import templates

TEMPLATES: Final = ROOT / "templates"
INCLUDED: Final = ROOT / "kamailio"
"""Files that `kamailio.cfg` includes, from the folder that it lies in."""
MAIN: Final = "kamailio/region.cfg.j2"
LARGEST: Final = 1_000_000

Files = dict[str, str]


class TemplateError(Exception):
    """A template that cannot be rendered. The text is one line that names the template, its line and the cause."""


def render_region(settings: Settings, region: RegionSettings) -> Files:
    """A region's configuration: texts by file name, in the order of their names.

    A template of the same name in the state folder's `templates/` takes the place of the service's.
    Errors: TemplateError; OSError when a file of the service is missing.
    """
    facts = region_facts(settings, region)
    files = included() | {
        "kamailio.cfg": _rendered(MAIN, facts, (settings.home / "templates", TEMPLATES)),
        "region.json": json.dumps(facts, indent=1) + "\n",
    }
    return dict(sorted(files.items()))


def included() -> Files:
    """What every region's `kamailio.cfg` includes. Errors: OSError."""
    return {file.name: file.read_text(encoding="utf-8") for file in INCLUDED.glob("*.cfg")}


def region_facts(settings: Settings, region: RegionSettings) -> dict[str, Any]:
    """What both halves of a region must know (docs/architecture.md), and what templates may use."""
    return {
        "region": region.name,
        "address": region.address,
        "port": SIP_PORT,
        "realm": settings.realm,
        "limits": settings.limits.model_dump(),
        "test_limits": settings.test_limits,
        "thresholds": settings.thresholds.model_dump(),
    }


def render_cores(cores: Iterable[Mapping[str, Any]]) -> str:
    """A region's core set for people: a line for each core, by address and port. It is no part of a configuration."""
    by_place = sorted(cores, key=lambda core: (core["address"], core["port"], core["id"]))
    return "".join(f"{_core(core)}\n" for core in by_place)


def _core(core: Mapping[str, Any]) -> str:
    state = "enabled" if core["enabled"] else "disabled"
    return " ".join([f"{core['address']}:{core['port']}", state, core["id"], core["label"] or ""]).rstrip()


def _rendered(name: str, facts: Mapping[str, Any], folders: tuple[Path, ...]) -> str:
    try:
        text = templates(*folders).get_template(name).render(facts)
        text.encode()
    except Exception as error:  # a template may fail as any program may
        raise TemplateError(_complaint(name, error, folders)) from error
    if len(text) > LARGEST:
        raise TemplateError(f"{name}: what it renders is longer than {LARGEST} characters")
    return text


def _complaint(name: str, error: Exception, folders: tuple[Path, ...]) -> str:
    """Jinja writes the template's own lines into the traceback."""
    place, line = _place(error, folders) or (name, None)
    cause = f"there is no template {error.name}" if isinstance(error, jinja2.TemplateNotFound) else str(error)
    said = " ".join((cause or type(error).__name__).split())
    return f"{place}{f', line {line}' if line else ''}: {said}"


def _place(error: Exception, folders: tuple[Path, ...]) -> tuple[str, int | None] | None:
    if isinstance(error, jinja2.TemplateSyntaxError) and error.name:
        return error.name, error.lineno
    for frame in reversed(extract_tb(error.__traceback__)):
        for folder in folders:
            if Path(frame.filename).is_relative_to(folder):
                return str(Path(frame.filename).relative_to(folder)), frame.lineno
    return None
