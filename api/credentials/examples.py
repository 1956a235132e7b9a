"""Examples of credentials for the OpenAPI document."""

from __future__ import annotations

from typing import Final

EXAMPLE: Final = {
    "id": "cr-x7k2m9p4q8wz",
    "username": "k3v8n2mq7x4t",
    "label": "Acme head office",
    "tenant": "acme-42",
    "enabled": True,
    "created_at": "2026-01-31T12:00:00.000Z",
    "updated_at": "2026-01-31T12:00:00.000Z",
    "rotated_at": None,
    "old_password_until": None,
    "new_password_seen_at": None,
    "warnings": [],
}
APPLIED: Final = {"ending_calls": 0, "change": 41, "pending_regions": []}
ROTATED: Final = {
    "id": EXAMPLE["id"],
    "username": EXAMPLE["username"],
    "old_password_until": "2026-02-02T12:00:00.000Z",
}
SECRET: Final = {"password": "b7TqZk4mWx9RfHn3vCs8YpLd", "settings": None}
