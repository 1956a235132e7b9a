"""Whether the API works, for load balancers and supervisors."""

from __future__ import annotations

import marshmallow as ma

from api.fields import Answer
from api.rest import Resource
from api.services import services

health = Resource("health", "/v1/health", "Whether the API works")


class HealthSchema(Answer):
    """The API's health."""

    status = ma.fields.String(metadata={"example": "ok"})


@health.operation("GET", answer=HealthSchema, open_to_all=True)
def get_health() -> dict[str, str]:
    """Ask whether the API reaches its database (503 when not); needs no key"""
    with services().database.transaction() as cursor:
        cursor.execute("SELECT realm FROM deployment WHERE id = 1")
    return {"status": "ok"}
