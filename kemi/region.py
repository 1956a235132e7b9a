"""A region's facts, of its configuration (`region.json`) and of its host (`host.json`). Times are seconds."""

import json
import os
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Final

HOME: Final = "TURNPIKE_REGION"
"""Environment: the region's home folder."""
CHOSEN: Final = "TURNPIKE_CONFIGURATION"
"""Environment: the folder of the configuration; where it is not set, that which `current` names."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The hard limits of rules R4 to R6 and O2 to O7, in seconds or as counts; only a test instance has others.

    `call_interval` 0 switches O2 off. `ringing` is longer than three minutes (RFC 3261 §16.6, timer C).
    """

    interval: int = 100
    granted: int = 300
    early_strikes: int = 10
    early_window: int = 600
    streak: int = 20
    block: int = 900
    keepalive_interval: int = 20
    keepalive_missed: int = 3
    call_interval: int = 1
    channels: int = 100
    emergency_channels: int = 10
    ringing: int = 185
    longest_call: int = 14_400
    call_check: int = 30


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From when on a sender is blocked (rule B2); `bound_rate` is requests a second (rule B3)."""

    flood_requests: int = 5000
    flood_window: int = 10
    flood_block: int = 120
    wrong_passwords: int = 40
    wrong_window: int = 600
    wrong_block: int = 900
    guessed_usernames: int = 50
    guess_window: int = 600
    guess_block: int = 900
    bound_rate: int = 5
    nonce_lifetime: int = 300


@dataclass(frozen=True, slots=True)
class Region:
    """Who this gateway is, where its files lie, and the limits that it keeps."""

    name: str
    address: str
    port: int
    realm: str
    home: Path
    limits: Limits
    thresholds: Thresholds
    test_limits: bool
    configuration: str = ""
    """The name of its configuration's folder."""

    @property
    def store(self) -> Path:
        return self.home / "store.sqlite"

    @property
    def journals(self) -> Path:
        return self.home / "journal"

    @property
    def destinations(self) -> Path:
        """The dispatcher's list of gateways that calls can be sent to."""
        return self.home / "dispatcher.list"

    @property
    def pulse(self) -> Path:
        return self.home / "pulse.json"


class LimitsRefusedError(Exception):
    """Other limits than the service's, outside a test."""


def load_chosen() -> Region:
    """The region whose home the environment names, with the configuration that it names. Errors: as `load`."""
    home, chosen = Path(os.environ[HOME]), os.environ.get(CHOSEN)
    return load(home, Path(chosen) if chosen else (home / "current").resolve(strict=True))


def load(home: Path, configuration: Path) -> Region:
    """Reads `region.json` of a configuration's folder, and `host.json` of the region's home.

    Errors: OSError, ValueError, KeyError or TypeError when a file is missing or wrong, LimitsRefusedError when it
    changes a hard limit for an address that is neither loopback nor in a network namespace of its own.
    """
    facts = json.loads((configuration / "region.json").read_text(encoding="utf-8"))
    host = json.loads((home / "host.json").read_text(encoding="utf-8"))
    region = Region(
        name=facts["region"],
        address=facts["address"],
        port=facts["port"],
        realm=facts["realm"],
        home=Path(host["home"]),
        limits=Limits(**facts["limits"]),
        thresholds=Thresholds(**facts["thresholds"]),
        test_limits=facts["test_limits"],
        configuration=configuration.name,
    )
    _refuse_changed_limits(region)
    return region


def _refuse_changed_limits(region: Region) -> None:
    changed = region.limits != Limits()
    if (changed or region.test_limits) and not (ip_address(region.address).is_loopback or in_own_network()):
        raise LimitsRefusedError(f"{region.address} is not a test address: hard limits cannot be changed")


def in_own_network() -> bool:
    """Whether this process has a network of its own, apart from the machine's."""
    try:
        return Path("/proc/self/ns/net").readlink() != Path("/proc/1/ns/net").readlink()
    except OSError:
        return False
