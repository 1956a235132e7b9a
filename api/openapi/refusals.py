"""What each status of a refusal means: a problem (RFC 9457) with an example, and its headers."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final, NamedTuple

import marshmallow as ma

from api.problems import DETAILS, MEDIA_TYPE, PLAIN


class ProblemSchema(ma.Schema):
    """An error (RFC 9457)."""

    class Meta:
        unknown = ma.INCLUDE

    type = ma.fields.String(
        required=True,
        metadata={"description": "What it is, for programs", "example": "urn:problem-type:turnpike:invalid-fields"},
    )
    title = ma.fields.String(required=True, metadata={"description": "The same in words", "example": "Invalid fields"})
    status = ma.fields.Integer(required=True, metadata={"description": "The HTTP status", "example": 422})
    detail = ma.fields.String(
        required=True, metadata={"description": "What to do", "example": "label: write something that can be seen"}
    )
    errors = ma.fields.List(
        ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Raw()),
        metadata={
            "description": "Each wrong field; of a file, with its `line`",
            "example": [{"field": "label", "detail": "write something that can be seen"}],
        },
    )
    used_by = ma.fields.List(
        ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Raw()),
        metadata={
            "description": "What uses the thing that was to be deleted (T3)",
            "example": [{"type": "number", "number": "+14155550100", "label": "Reception"}],
        },
    )
    used_by_count = ma.fields.Integer(metadata={"description": "How many use it: `used_by` may be cut", "example": 1})
    made = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Raw(),
        metadata={
            "description": "What an earlier copy of the request made, without what was told once",
            "example": {"id": "cr-x7k2m9p4q8wz", "username": "k3v8n2mq7x4t"},
        },
    )


class Told(NamedTuple):
    """A status: what it means, an example's type (None: no more than the status) and detail, and headers."""

    meaning: str
    kind: str | None
    detail: str
    headers: tuple[str, ...] = ()


REFUSALS: Final = {
    400: Told("The body is not JSON", None, DETAILS[400]),
    401: Told(
        "No key or session, or one that is unknown, expired or revoked",
        "no-usable-key",
        "This needs an API key: send a key of this service in the header Authorization: Bearer tp_…",
        ("WWW-Authenticate",),
    ),
    403: Told(
        "The key or person may not do this",
        "scope-too-small",
        "This key may read, and that is not enough: this needs one that may operate.",
    ),
    404: Told(
        "There is no such row, or none that the sender may see; or no such page",
        "unknown-credential",
        "There is no credential cr-x7k2m9p4q8wz: GET /v1/credentials lists them.",
    ),
    405: Told(
        "The path does not know the method",
        None,
        "PUT is not possible here: use one of GET, HEAD, OPTIONS, POST.",
        ("Allow",),
    ),
    409: Told(
        "It is well formed, but does not fit what there is: it exists already, is in use, or names what there is not",
        "unknown-tenant",
        "tenant: there is no tenant acme-43: create it first (POST /v1/tenants), or send null for none.",
    ),
    412: Told(
        "The row is not as If-Match says",
        "changed-meanwhile",
        "It was changed after you read it: read it again, and repeat the request with its new ETag.",
        ("ETag",),
    ),
    413: Told("The body is too large", None, DETAILS[413]),
    415: Told("The body is of another type", None, DETAILS[415]),
    422: Told(
        "A field or parameter is unknown, missing or wrong: this document says which are right",
        "invalid-fields",
        "label: write something that can be seen",
    ),
    429: Told(
        "Too many requests",
        "too-many-requests",
        "At most 3000 requests a minute are served: repeat this one in 17 seconds.",
        ("Retry-After",),
    ),
    503: Told(
        "The database cannot be reached; regions go on serving PBXs",
        "database-unavailable",
        "The database cannot be reached. Regions keep serving PBXs; repeat the request in 5 seconds.",
        ("Retry-After",),
    ),
}


def responses() -> dict[str, dict[str, Any]]:
    """OpenAPI's components of that kind, by HTTPStatus' names."""
    return {HTTPStatus(status).name: _response(status, told) for status, told in REFUSALS.items()}


def _response(status: int, told: Told) -> dict[str, Any]:
    kind = PLAIN if told.kind is None else f"urn:problem-type:turnpike:{told.kind}"
    title = HTTPStatus(status).phrase if told.kind is None else told.kind.replace("-", " ").capitalize()
    example: dict[str, Any] = {"type": kind, "title": title, "status": status, "detail": told.detail}
    if status == 422:
        field, _, detail = told.detail.partition(": ")
        example["errors"] = [{"field": field, "detail": detail}]
    headers = ("X-Request-ID", *told.headers)
    return {
        "description": told.meaning,
        "content": {MEDIA_TYPE: {"schema": ProblemSchema, "example": example}},
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in headers},
    }
