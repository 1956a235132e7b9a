"""The variable parts of paths, by name."""

from __future__ import annotations

from typing import Any, Final

PARTS: Final = {
    "account_id": ("The tenant's account ID; case does not matter", "acme-42"),
    "binding_id": ("The binding's id", "b-6f1c0a9e"),
    "block_id": ("The block's id", "k-6f1c0a9e"),
    "call_id": ("The call's id, which its record has too", "c-6f1c0a9e"),
    "core_id": ("The core gateway's id", "co-x7k2m9p4q8wz"),
    "credential_id": ("The credential's id", "cr-x7k2m9p4q8wz"),
    "domain": ("The domain's name; case does not matter", "example.net"),
    "digits": ("The emergency number", "911"),
    "key_id": ("The key's id", "key-x7k2m9p4q8wz"),
    "name": ("The region's name", "nw1"),
    "number": ("In E.164 with its plus, which a URL has as %2B", "+14155550100"),
    "version": ("The version's number", "3"),
    "application_id": ("The application's id", "12"),
    "key": ("The Idempotency-Key that the import was sent with", "0b1f6c52-7d0e-4f0c-9a6e-0d7f6a3f2c11"),
    "user_id": ("The person's id", "us-x7k2m9p4q8wz"),
    "rule_id": ("The rule's id", "ua-x7k2m9p4q8wz"),
}


def describe_part(parameter: dict[str, Any]) -> None:
    """Describe a parameter of a path."""
    if parameter["name"] in PARTS:
        parameter["description"], parameter["example"] = PARTS[parameter["name"]]
