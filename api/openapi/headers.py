"""Headers of requests and answers that have to do with more than one operation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from api.idempotency import HEADER as IDEMPOTENCY_KEY
from api.replays import HEADER as REPLAYED
from api.request_ids import HEADER as REQUEST_ID


def _header(description: str, example: str | int, *, required: bool = False, **schema: Any) -> dict[str, Any]:
    return {"description": description, "required": required, "schema": schema, "example": example}


HEADERS: Final = {
    REQUEST_ID: _header(
        "Names the request, in the log and in the audit log too",
        "9f1c2b7e44d0a6c3",
        required=True,
        type="string",
        pattern="^[A-Za-z0-9._-]{1,64}$",
    ),
    "ETag": _header(
        "Stands for the row as it is: send it as If-Match with the change that builds on it",
        '"3-19c14a2b000"',
        type="string",
        pattern='^"[0-9a-f-]+"$',
    ),
    REPLAYED: _header(
        "true: the request was carried out before, and this is its answer again", "true", type="string", enum=["true"]
    ),
    "Retry-After": _header("Seconds after which to repeat it", 17, required=True, type="integer", minimum=1),
    "WWW-Authenticate": _header(
        "How to authenticate (RFC 6750; signing in: RFC 7617)",
        'Bearer realm="api"',
        required=True,
        type="string",
        pattern="^(Bearer|Basic) ",
    ),
    "Allow": _header("The methods that the path knows", "GET, HEAD, OPTIONS, POST", required=True, type="string"),
    "Content-Disposition": _header(
        "A name for the file", 'attachment; filename="cdrs.csv"', required=True, type="string"
    ),
    "Cache-Control": _header("No copy may be kept on the way (C2)", "no-store", required=True, type="string"),
}
PARAMETERS: Final = {
    REQUEST_ID: {
        "name": REQUEST_ID,
        "in": "header",
        "required": False,
        "description": "A name of the sender's own for this request; when it cannot be used, another is made up",
        "schema": {"type": "string", "examples": ["ticket-4711"]},
    }
}


def success_headers(path: str, method: str, operation: Mapping[str, Any], media_type: str) -> dict[str, Any]:
    """Of an operation's answer that is no refusal."""
    names = [REQUEST_ID, "Cache-Control"]
    if media_type == "text/csv":
        names.append("Content-Disposition")
    elif is_tagged(path, method):
        names.append("ETag")
    if any(each["name"] == IDEMPOTENCY_KEY for each in operation.get("parameters", [])):
        names.append(REPLAYED)
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def is_tagged(path: str, method: str) -> bool:
    """Whether the answer is one row that can be changed or taken away (api.etags)."""
    return (method in ("get", "patch") and path.endswith("}")) or (method == "post" and path.count("/") == 2)
