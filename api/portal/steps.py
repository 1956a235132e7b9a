"""How far a region has come with a configuration, step by step (docs/decisions/0014)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

APPLYING: Final = ("waiting", "checking", "switching", "trying", "in-force")
CHECKING: Final = ("waiting", "checking", "checked")
ENDS: Final = {
    "refused": ("waiting", "refused"),
    "rolled-back": ("waiting", "checking", "switching", "trying", "rolled-back"),
    "withdrawn": ("waiting", "withdrawn"),
}
FAILED: Final = {"refused": "refused", "rolled-back": "trying"}
"""Of an end, the step that did not succeed."""
KINDS: Final = {"in-force": "ok", "checked": "ok", "refused": "bad", "rolled-back": "bad", "withdrawn": "off"}
TITLES: Final = {"in-force": "In force", "rolled-back": "Rolled back"}
MEANINGS: Final = {
    "waiting": "for the region\u2019s agent",
    "checking": "Kamailio reads it",
    "switching": "the gateway gets it",
    "trying": "a canary registers and calls",
    "in-force": "the region runs it",
    "checked": "Kamailio takes it",
    "refused": "it never came into force",
    "rolled-back": "what was in force before is again",
    "withdrawn": "before it began",
}

Application = Mapping[str, Any]


class Step(NamedTuple):
    """One of them: its `state` is done, now, todo or failed."""

    title: str
    state: str
    meaning: str


def steps(application: Application) -> list[Step]:
    """From the request to the end, as far as that is known."""
    at = application["state"]
    names = _way(application)
    return [Step(_title(name), _state(name, names, at), MEANINGS[name]) for name in names]


def with_steps(application: Application) -> dict[str, Any]:
    """An application with its `steps`, what its state is called (`title`), and how that is marked (`kind`)."""
    at = application["state"]
    return {**application, "steps": steps(application), "title": _title(at), "kind": KINDS.get(at, "info")}


def since(applications: Sequence[Application], version: int | None) -> Application | None:
    """What brought `version`, which is in force, of `applications`, newest first; None when that is not among them."""
    brought = None
    for each in (each for each in applications if each["state"] == "in-force"):
        if each["version"] != version:
            break
        brought = each
    return brought


def _title(state: str) -> str:
    return TITLES.get(state, state.capitalize())


def _way(application: Application) -> tuple[str, ...]:
    if application["state"] in ENDS:
        return ENDS[application["state"]]
    if application["action"] == "start":
        return ("in-force",)
    return CHECKING if application["action"] == "check" else APPLYING


def _state(name: str, names: Sequence[str], at: str) -> str:
    if name == FAILED.get(at):
        return "failed"
    if name == at:
        return "done" if at in KINDS else "now"
    return "done" if names.index(name) < names.index(at) else "todo"
