"""The audit log over HTTP."""

from __future__ import annotations

from typing import Any

from api.audit.schema import EXAMPLE, AuditPage, AuditQuery
from api.audit.store import ORDERS, read_entries
from api.paging import page, place_of
from api.principal import Scope
from api.rest import Resource
from api.services import services

audit = Resource("audit", "/v1/audit", "Who changed what, from where, and what was before and after")


@audit.operation(
    "GET", query=AuditQuery, answer=AuditPage, needs=Scope.ADMINISTER, example={"items": [EXAMPLE], "next": None}
)
def list_audit(query: dict[str, Any]) -> dict[str, Any]:
    """List what was done, newest first"""
    after = place_of(query, ORDERS)
    with services().database.transaction() as cursor:
        return page(read_entries(cursor, query, after, query["limit"] + 1), query, ORDERS)
