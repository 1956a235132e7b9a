"""The canary: the PBX that a region's agent plays when it tries a configuration (docs/decisions/0014)."""

from typing import Final

CANARY: Final = "canary-"
"""What its usernames begin with; none that the API makes has a hyphen."""
CANARY_CALL: Final = "k-"
"""What the identifiers of its calls begin with; they are nobody's calls."""
CANARY_CORE: Final = "canary"
"""The state of its core's row in the region store: it may call in, and gets no calls but the canary's."""


def call_kind(username: str, otherwise: str) -> str:
    """What the identifier of a call in to `username` begins with, before its hyphen."""
    return CANARY_CALL[0] if is_canary(username) else otherwise


def is_canary(username: str) -> bool:
    """Whether a username is one of those."""
    return username.startswith(CANARY)
