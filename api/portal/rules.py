"""The service's rules, each in one phrase (docs/rules.md has them whole), and what blocks are made for."""

from __future__ import annotations

from typing import Final

RULES: Final = {
    "W2": "Message cannot be used",
    "W3": "Method is not served",
    "W4": "No open relay",
    "B1": "Sender is blocked",
    "B2": "A block was made",
    "B6": "Known scanner",
    "R2": "Username or password",
    "R3": "PBXs only, no phones",
    "R4": "100 s between registrations",
    "R6": "One PBX per credential",
    "C4": "Rotation and the old password",
    "C5": "Credential was withdrawn",
    "O1": "Calls come from the registered address",
    "O2": "One call a second",
    "O3": "100 concurrent calls",
    "O4": "Emergency calls",
    "O6": "Core gateways",
    "O7": "Call found dead or too long",
    "I2": "Number, route and registration",
    "I3": "Both regions were tried",
    "F1": "Gateway has just started",
}
EVENT_RULES: Final = tuple(name for name in RULES if name not in ("I2", "I3", "O7"))
"""Those that events are about."""
CALL_RULES: Final = tuple(name for name in RULES if name[0] in "RWOI" and name not in ("W3", "W4", "R4", "R6"))
"""Those that calls are refused or ended for."""
BLOCK_CAUSES: Final = {
    "flood": "Too many requests that ended in no success",
    "wrong_passwords": "Too many wrong passwords",
    "guessing": "Too many different usernames with wrong passwords",
    "blocked_early": "Registered again too early, ten times in ten minutes",
    "blocked_streak": "Registered too early before each of twenty registrations",
}


def phrase(rule: str) -> str:
    """The rule in a few words; nothing for an unknown one."""
    return RULES.get(rule, "")


def choices(rules: tuple[str, ...]) -> list[tuple[str, str]]:
    """Pairs of rule and text, for a choice."""
    return [(rule, f"{rule}: {RULES[rule]}") for rule in rules]
