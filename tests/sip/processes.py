"""Process trees, read from /proc: which processes serve, and killing them as a power cut of one region would."""

import os
import signal
from collections.abc import Iterable
from pathlib import Path


def _parent(pid: int) -> int | None:
    """The parent of a living process (not of a zombie), or None."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[1])


def tree(roots: Iterable[int]) -> frozenset[int]:
    """These processes and all that descend from them, as far as they live."""
    parents = {int(entry): _parent(int(entry)) for entry in os.listdir("/proc") if entry.isdigit()}
    found = {root for root in roots if parents.get(root) is not None}
    while grown := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= grown
    return frozenset(found)


def started_for(home: Path) -> frozenset[int]:
    """All processes whose environment names this state folder, whoever their parent is by now."""
    mark = f"TURNPIKE_VAR={home}".encode()
    return frozenset(int(entry) for entry in os.listdir("/proc") if entry.isdigit() and mark in _environment(entry))


def _environment(pid: str) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def kill(pids: Iterable[int]) -> None:
    """SIGKILL to each; those that have gone already do not matter."""
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
