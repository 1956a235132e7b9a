"""What a credential's page offers to do: what fits its state, what the person may, and what there are pages for."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.portal.blueprint import TEMPLATES

CHANGES = ("edit", "rotate", "end_grace", "disable", "enable", "delete")
EVERY = frozenset(f"portal.credentials.{name}" for name in CHANGES)


def offered(pages: frozenset[str] = EVERY, scope: str = "operate", **credential: Any) -> list[str]:
    """The words on the menu."""
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    scopes = ("read", "operate", "administer")
    html = environment.get_template("credential/actions.html").render(
        seen=SimpleNamespace(id="cr-1"),
        credential={"enabled": True, "old_password_until": None} | credential,
        who=SimpleNamespace(tenant=None),
        may=lambda needed: scopes.index(scope) >= scopes.index(needed),
        way=lambda endpoint, **_: f"/{endpoint}" if endpoint in pages else None,
        icon=lambda _: "",
    )
    return [found.strip() for found in re.findall(r"<(?:button|a)[^>]*>([^<]*)<", html)]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({}, ["Edit", "New password", "Disable", "Delete"]),
        ({"enabled": False}, ["Edit", "New password", "Enable", "Delete"]),
        (
            {"old_password_until": "2026-02-02T12:00:00.000Z"},
            ["Edit", "New password", "End the old password", "Disable", "Delete"],
        ),
    ],
)
def test_what_is_offered_fits_the_state(state: dict[str, Any], words: list[str]) -> None:
    assert offered(**state) == ["Actions", *words]


def test_who_may_only_read_is_offered_nothing() -> None:
    assert offered(scope="read") == []


def test_only_an_administrator_is_led_to_the_audit_log() -> None:
    pages = EVERY | {"portal.audit.index"}
    assert "Changes" not in offered(pages)
    assert "Changes" in offered(pages, scope="administer")


def test_nothing_is_offered_that_has_no_page() -> None:
    assert offered(frozenset()) == []
    assert offered(frozenset({"portal.credentials.edit"})) == ["Actions", "Edit"]
