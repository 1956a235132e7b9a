"""Why a region refused, in a few words: for figures, where no sentence has room. architecture.md has the causes."""

from __future__ import annotations

from typing import Final

CAUSES: Final = {
    "malformed": "malformed message",
    "method": "method not served",
    "hops": "too many hops",
    "route": "relay asked for",
    "dialog": "unknown call",
    "blocked": "sender is blocked",
    "flood": "blocked for flooding",
    "wrong_passwords": "blocked for wrong passwords",
    "guessing": "blocked for guessing usernames",
    "scanner": "scanner",
    "password": "wrong password or username",
    "disabled": "credential disabled",
    "mismatch": "usernames differ",
    "phone": "phone, not a PBX",
    "early": "registered too early",
    "blocked_early": "blocked for coming too early",
    "blocked_streak": "blocked for always coming too early",
    "second_pbx": "another PBX is registered",
    "race_lost": "another PBX came first",
    "removed": "registration removed",
    "withdrawn": "credential withdrawn",
    "unseen": "new password not used",
    "elsewhere": "call from another address",
    "rate": "more than one call a second",
    "channels": "all channels in use",
    "repeated": "call from before a restart",
    "emergency": "too many emergency calls",
    "no_core": "no core gateway",
    "nobody_dialled": "no number dialled",
    "no_snapshot": "region just started",
}


def in_words(rule: str, cause: str) -> str:
    """The cause in words with its rule; one that has no words, as the region called it."""
    return f"{CAUSES.get(cause, cause)} ({rule})"
