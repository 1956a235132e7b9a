"""Whether a configuration can be put in force here: what it is for, and what Kamailio says of it."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any, Final

from kemi import region as regions
from kemi.agent.gateways import first_complaint
from kemi.region import CHOSEN, HOME, Region

CHECK_SECONDS: Final = 30
ROOM: Final = 16 << 20
"""Bytes that a region's home must have left before anything is switched: journals, store, pulse."""

_SOCKET: Final = re.compile(r"^\s+(\w+): \S+ \[([^]]+)\]:\d+", re.MULTILINE)
"""A line of what Kamailio's check says that it would listen on."""


class RefusedError(Exception):
    """A configuration that cannot be put in force. The text says why."""


def check(command: list[str], home: Path, folder: Path, now: Region | None) -> Region:
    """What the configuration in `folder` says of the region. `command` starts Kamailio here, `now` is what is in force.

    Errors: RefusedError.
    """
    region = _read(home, folder)
    if now is not None:
        _refuse_another(region, now)
    refuse_bad(command, home, folder, region.address)
    return region


def _read(home: Path, folder: Path) -> Region:
    try:
        return regions.load(home, folder)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, regions.LimitsRefusedError) as error:
        raise RefusedError(f"region.json cannot be used here: {type(error).__name__}: {error}") from error


def _refuse_another(region: Region, now: Region) -> None:
    """What cannot change while calls are in progress, or only by a start (rules.md, R1)."""
    for what in ("name", "address", "port", "realm"):
        wanted, here = getattr(region, what), getattr(now, what)
        if wanted != here:
            raise RefusedError(f"it is for another region: its {what} is {wanted}, and {here} here")
    if (region.limits, region.test_limits) != (now.limits, now.test_limits):
        raise RefusedError("it has other hard limits than the region runs with: only a start may bring test limits")


def refuse_bad(command: list[str], home: Path, folder: Path, address: str) -> None:
    """Errors: RefusedError with Kamailio's first complaint unless its check accepts the configuration; and when it
    would listen on anything but UDP at `address` (rule W1; and test limits are for that address alone).
    """
    environment = {**os.environ, HOME: str(home), CHOSEN: str(folder)}
    asked = [*command, "-c", "-f", str(folder / "kamailio.cfg")]
    try:
        done = subprocess.run(  # noqa: S603
            asked, env=environment, capture_output=True, timeout=CHECK_SECONDS, check=False, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired as error:
        raise RefusedError(f"Kamailio's check did not end within {CHECK_SECONDS} seconds") from error
    except OSError as error:
        raise RefusedError(f"Kamailio's check cannot be run: {error}") from error
    said = (done.stdout + done.stderr).decode("utf-8", "replace").replace(f"{folder}/", "")
    if done.returncode:
        raise RefusedError(f"Kamailio refuses it{first_complaint(said) or ', and gives no reason'}")
    for protocol, place in _SOCKET.findall(said):
        if (protocol, place) != ("udp", address):
            raise RefusedError(f"it listens on {protocol} at {place}: only UDP at {address} may be (rule W1)")


def refuse_full(home: Path) -> None:
    """Errors: RefusedError when the disk has too little room left for a gateway to start."""
    disk = os.statvfs(home)
    room = disk.f_bavail * disk.f_frsize
    if room < ROOM:
        raise RefusedError(f"the disk of {home} has {room >> 20} MiB left: {ROOM >> 20} MiB are needed")


def read_host(home: Path) -> dict[str, Any]:
    """`host.json`. Errors: OSError, ValueError, TypeError when it is wrong."""
    facts = json.loads((home / "host.json").read_text(encoding="utf-8"))
    if not isinstance(facts, dict):
        raise TypeError("host.json holds no object")
    return facts
