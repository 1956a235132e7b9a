"""The hard limits over HTTP: what pages and programs say of them comes from one place."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from api.fields import Answer, Flag
from api.rest import Resource
from api.services import services

limits = Resource("limits", "/v1/limits", "The hard limits of the service, the same for every credential")


class LimitsSchema(Answer):
    """What every credential may do, in seconds or as counts; no request changes any of it."""

    interval = ma.fields.Integer(
        metadata={"description": "Seconds between two registrations in a region (rule R4)", "example": 100}
    )
    granted = ma.fields.Integer(
        metadata={"description": "Seconds that a registration is granted (rule R5)", "example": 300}
    )
    call_interval = ma.fields.Integer(
        metadata={"description": "Seconds between two outbound calls in a region (rule O2)", "example": 1}
    )
    channels = ma.fields.Integer(
        metadata={"description": "Outbound calls at the same time in a region (rule O3)", "example": 100}
    )
    emergency_channels = ma.fields.Integer(
        metadata={"description": "Emergency calls at the same time, beside those (rule O4)", "example": 10}
    )
    test_limits = Flag(metadata={"description": "A test instance, with other limits than rules.md", "example": False})


@limits.operation("GET", answer=LimitsSchema, tenants=True)
def get_limits() -> dict[str, Any]:
    """Get the hard limits, which are the same for every credential and in every region"""
    settings = services().settings
    return settings.limits.model_dump() | {"test_limits": settings.test_limits}
