"""Audit log: who did what to what, when, from where, and what it was before and after."""

from __future__ import annotations

from typing import Final

from flask import Blueprint
from flask.typing import ResponseReturnValue

from api.audit.schema import ACTORS
from api.portal.differences import differences, document
from api.portal.forms import query
from api.portal.listing import find
from api.portal.showing import show

FILTERS: Final = ("entity", "entity_id", "actor", "tenant", "action", "request_id", "since", "until")
ACTIONS: Final = [
    "create",
    "change",
    "delete",
    "rotate",
    "end-grace",
    "remove",
    "end",
    "lift",
    "sign-in",
    "sign-in-refused",
    "sign-out",
    "revoke",
    "reset-password",
    "end-sessions",
    "apply",
    "rollback",
    "store",
    "withdraw",
]
"""What is done most; any other can be typed."""
ENTITIES: Final = [
    "credential",
    "number",
    "tenant",
    "binding",
    "call",
    "block",
    "region",
    "core",
    "configuration",
    "application",
    "domain",
    "zone",
    "user_agent",
    "emergency_number",
    "user",
    "key",
]
BY: Final = dict(zip(ACTORS, ("API key", "Person", "The service", "Not signed in"), strict=True))

audit: Final = Blueprint("audit", __name__, url_prefix="/audit")


@audit.get("/")
def index() -> ResponseReturnValue:
    """The entries that a filter finds, newest first."""
    wanted = query(*FILTERS)
    found = find("audit", query=wanted | query("after"))
    return show(
        "audit/index.html",
        "list",
        status=found.status,
        answer=found.answer,
        wrong=found.wrong,
        wanted=wanted,
        actions=ACTIONS,
        entities=ENTITIES,
        by=BY,
        differences=differences,
        document=document,
    )
