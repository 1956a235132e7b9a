"""Jinja2 as all that is rendered uses it: what a template names and nobody gave is an error."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape


def templates(*folders: Path) -> Environment:
    """Those in the first of `folders` that has them. Texts are taken as they are, but into XML and HTML as content."""
    return Environment(
        loader=FileSystemLoader(folders),
        undefined=StrictUndefined,
        autoescape=select_autoescape(("xml.j2", "html.j2"), default=False),
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
