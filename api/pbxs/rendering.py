"""Settings as files: a kind of PBX and a trunk in, texts out, the same texts for the same trunk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from api.pbxs.kinds import Kind
from api.pbxs.trunk import Trunk
from api.settings import ROOT
from api.templates import templates

TEMPLATES: Final = ROOT / "templates" / "pbx"
EXPIRY: Final = 300
"""Seconds that are granted (rule R5): a PBX that asks for them gets what it asked for."""
RETRY: Final = 30
"""Seconds from a refusal to the next try: less would only meet the same refusal (rules R4 and R8)."""
PORT: Final = 5060
CHANNELS: Final = 100
"""Calls out at the same time, in each region (rule O3)."""


@dataclass(frozen=True)
class File:
    """One file of a PBX."""

    name: str
    media_type: str
    text: str


def render(kind: Kind, trunk: Trunk) -> tuple[File, ...]:
    """The files of this kind of PBX for `trunk`, which has a place at least. Errors: jinja2.TemplateError."""
    context = {
        "kind": kind,
        "trunk": trunk,
        "expiry": EXPIRY,
        "retry": RETRY,
        "port": PORT,
        "channels": CHANNELS,
    }
    found = templates(TEMPLATES)
    return tuple(
        File(name, kind.media_type, found.get_template(f"{kind.key}/{name}.j2").render(context)) for name in kind.files
    )
