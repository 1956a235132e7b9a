"""What OpenAPI says of every operation beside its fields: who may use it, headers, and how it is refused."""

from __future__ import annotations

from typing import Any, Final

from api.idempotency import PATTERN
from api.operations import Operation

SECURITY: Final = "bearer"
BASIC: Final = "basic"
EVERY_PROBLEM: Final = (429, 503)
KEY_PROBLEMS: Final = (401, 403)
BODY_PROBLEMS: Final = (400, 413, 415)
CHANGED: Final = ("PATCH", "DELETE")
WHO: Final = {"read": "may read", "operate": "may operate", "administer": "may administer"}
IDEMPOTENCY_KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": (
        "The same for each copy of a request, such as a UUID: it is carried out once, and copies get its answer again. "
        "What is told once is not told again: 409 says what to do. Kept for 24 hours. "
        "GET /v1/imports/{key} shows how far an import, or the check of one, is; a check is carried out each time."
    ),
    "schema": {"type": "string", "pattern": f"^{PATTERN}$", "examples": ["0b1f6c52-7d0e-4f0c-9a6e-0d7f6a3f2c11"]},
}
IF_MATCH: Final = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of what you read: 412 when it was changed meanwhile (RFC 9110 section 13.1.1)",
    "schema": {"type": "string", "examples": ['"3-19c14a2b000"']},
}


def problems(known: Operation, method: str, own: tuple[int, ...], *, has_body: bool) -> list[int]:
    """The statuses of an operation's refusals; `own` are those of the operation itself."""
    found = {*own, *EVERY_PROBLEM}
    found |= set(KEY_PROBLEMS) if known.access else set()
    found |= set(BODY_PROBLEMS) if has_body else set()
    found |= {401} if known.basic else set()
    found |= {409} if method == "POST" and not known.basic else {412} if method in CHANGED else set()
    return sorted(found)


def operation(known: Operation, method: str, own: tuple[int, ...]) -> dict[str, Any]:
    """What is said of an operation; `own` are the statuses of its own refusals."""
    described: dict[str, Any] = {"security": [], "description": "Needs no key."}
    if known.access:
        bound = " It may be bound to a tenant, and sees only what is that tenant's." if known.access.tenants else ""
        described["security"] = [{SECURITY: [str(known.access.scope)]}]
        described["description"] = f"Needs a key or session that {WHO[known.access.scope]}.{bound}"
    if known.basic:
        described["security"] = [{BASIC: []}]
        described["description"] = "Needs a person's name and password, in a header."
    if known.upload:
        described["requestBody"] = known.upload.described()
    if method == "POST" and not known.basic:
        described["parameters"] = [IDEMPOTENCY_KEY, *([IF_MATCH] if 412 in own else [])]
    elif method in CHANGED:
        described["parameters"] = [IF_MATCH]
    return described


def describe(spec: Any) -> None:
    """What is the same for the whole document."""
    scheme = "A key or a session: `Authorization: Bearer tp_…`. The names beside it are the scope that is needed."
    spec.components.security_scheme(SECURITY, {"type": "http", "scheme": "bearer", "description": scheme})
    scheme = "A person's name and password (RFC 7617), to sign in: so no body ever holds a password."
    spec.components.security_scheme(BASIC, {"type": "http", "scheme": "basic", "description": scheme})
