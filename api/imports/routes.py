"""Imports over HTTP: how far they are. What they make is under its own path."""

from __future__ import annotations

from typing import Any

from api.imports.progress import read_progress
from api.imports.schema import PROGRESS_EXAMPLE, ProgressSchema
from api.principal import current
from api.problems import unknown
from api.rest import Resource
from api.services import services

imports = Resource("imports", "/v1/imports", "How far an import of a file is")


@imports.operation("GET", "/<key>", answer=ProgressSchema, problems=(404,), example=PROGRESS_EXAMPLE, tenants=True)
def get_import(key: str) -> dict[str, Any]:
    """Get how far one's own import is, by its Idempotency-Key"""
    with services().database.transaction() as cursor:
        found = read_progress(cursor, current().id, key)
    if found is None:
        raise unknown("import", key, "it has not begun, carries no such Idempotency-Key, or began more than a day ago")
    return found
