"""Entity tags (RFC 9110 sections 8.8.3 and 13.1.1): whoever changes what it has read finds out if it changed meanwhile.

A tag stands for a row's own fields, not for what is live about it (a credential's bindings).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from flask import request

from api.problems import Refusal

NAMES: Final = ("id", "digits", "digest")


def is_tagged(row: Mapping[str, Any]) -> bool:
    """Whether `row` is one thing that may be changed or taken away."""
    return "revision" in row or any(name in row for name in NAMES)


def tag_of(row: Mapping[str, Any]) -> str:
    """The row's tag. A row without a revision never changes, except by going: what names it is its tag."""
    if "revision" in row:
        created: datetime = row["created_at"]
        return f"{row['revision']}-{int(created.replace(tzinfo=UTC).timestamp() * 1000):x}"
    named = next(str(row[name]) for name in NAMES if name in row)
    return hashlib.sha256(f"{named} {row.get('created_at')}".encode()).hexdigest()[:16]


def expect(row: Mapping[str, Any]) -> None:
    """Errors: Refusal (412) when the request's If-Match does not name the row as it is."""
    if "If-Match" in request.headers and not request.if_match.contains(tag_of(row)):
        detail = "It was changed after you read it: read it again, and repeat the request with its new ETag."
        raise Refusal(412, "changed-meanwhile", detail, headers={"ETag": quoted(tag_of(row))})


def quoted(tag: str) -> str:
    """As a header has it."""
    return f'"{tag}"'
