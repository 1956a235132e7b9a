"""Blocks in MariaDB, which the regions' agents write."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from pymysql.cursors import DictCursor

COLUMNS: Final = (
    "SELECT k.uid AS id, k.region, k.address, k.username, c.id AS credential, c.tenant, k.cause, k.rule, k.at, k.until,"
    " k.lifted_at, IF(k.lifted_at IS NULL, GREATEST(0, TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(3), k.until)), 0) AS ends_in"
    " FROM block k LEFT JOIN credential c ON c.username = CONVERT(k.username USING ascii) WHERE TRUE"
)
ACTIVE: Final = "k.lifted_at IS NULL AND k.until > UTC_TIMESTAMP(3)"
CONDITIONS: Final = {
    "id": "k.uid = %(id)s",
    "region": "k.region = %(region)s",
    "address": "k.address = %(address)s",
    "credential": "(k.username = %(credential)s"
    " OR k.username = (SELECT username FROM credential WHERE id = %(credential)s))",
}
BEHIND: Final = "k.at <= %(moment)s AND (k.at < %(moment)s OR k.uid < %(last)s)"


def read_blocks(
    cursor: DictCursor, wanted: Mapping[str, Any], after: tuple[datetime, str] | None = None, limit: int = 1
) -> list[dict[str, Any]]:
    """Up to `limit` blocks, newest first: the active ones, unless `wanted` says ended."""
    chosen = {name: wanted[name] for name in CONDITIONS if wanted.get(name) is not None}
    parts = [COLUMNS, *(CONDITIONS[name] for name in chosen)]
    parts += [] if wanted.get("ended") else [ACTIVE]
    parts += [BEHIND] if after else []
    values = chosen | {"limit": limit} | ({"moment": after[0], "last": after[1]} if after else {})
    cursor.execute(" AND ".join(parts) + " ORDER BY k.at DESC, k.uid DESC LIMIT %(limit)s", values)
    return list(cursor.fetchall())
