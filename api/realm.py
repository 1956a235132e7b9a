"""What is said of a realm that cannot be changed (rule R1)."""

from __future__ import annotations


def refusal(kept: str, wanted: str) -> str:
    """Why `wanted` cannot take the place of `kept` while there are credentials: their HA1 depends on it (RFC 7616)."""
    return (
        f"the realm is {kept} and credentials depend on it: "
        f"set realm back from {wanted} to {kept}, or delete all credentials first (rule R1)"
    )
