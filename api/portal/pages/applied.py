"""How far a change has come, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def told(sentence: str, answer: Mapping[str, Any]) -> str:
    """`sentence`, and the regions that have not applied the change that `answer` is of (rule C5)."""
    late = answer.get("pending_regions")
    if not late:
        return sentence
    when = "they are" if late[1:] else "it is"
    return f"{sentence} Not applied yet by {', '.join(late)}: it will be, when {when} reached."
