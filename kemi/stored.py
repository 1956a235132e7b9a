"""Rows of the region store, as Kamailio reads them. Times are milliseconds since the epoch."""

from dataclasses import dataclass, field
from typing import NamedTuple

from kemi.journal import Block, Call, State


class Credential(NamedTuple):
    """`ha1` None: deleted. `version` grows with each new password; `old_ha1` is that of the version before it, which
    also works until `old_until` (rule C4).
    """

    username: str
    id: str
    ha1: str | None
    enabled: int
    version: int
    tenant: str | None
    old_ha1: str | None = None
    old_until: int | None = None


class Peer(NamedTuple):
    """A binding of another region; `expires` 0: gone."""

    username: str
    region: str
    uid: str
    address: str
    port: int
    user_agent: str
    since: int
    expires: int
    silent: int
    version: int


class Number(NamedTuple):
    """`present` 0: deleted. `username` is that of the credential that it is routed to."""

    number: str
    username: str | None
    tenant: str | None
    present: int


class Core(NamedTuple):
    """One of this region's. `state`: enabled, disabled (it may call in, and gets no calls) or gone."""

    id: str
    address: str
    port: int
    state: str


class Region(NamedTuple):
    """Another one. `state`: in-service, draining (it goes on serving) or gone."""

    name: str
    address: str
    state: str


class EmergencyNumber(NamedTuple):
    """`state`: listed or gone."""

    digits: str
    state: str


class UserAgent(NamedTuple):
    """`kind`: phone, scanner or gone."""

    id: str
    kind: str
    pattern: str


class Command(NamedTuple):
    """Remove a binding, lift a block, end a call or all calls of a username that began before a moment; carrying one
    out twice does no harm.
    """

    n: int
    entity: str
    entity_id: str
    data: str


@dataclass(frozen=True)
class Changes:
    """What came since a sequence number. `change` None: the store has never been filled."""

    seq: int = 0
    change: int | None = None
    credentials: list[Credential] = field(default_factory=list)
    peers: list[Peer] = field(default_factory=list)
    numbers: list[Number] = field(default_factory=list)
    cores: list[Core] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)
    emergency_numbers: list[EmergencyNumber] = field(default_factory=list)
    user_agents: list[UserAgent] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)


@dataclass(frozen=True)
class ColdStart:
    """Folded journals as of one moment. What lies behind `positions` (file name → offset) must still be replayed."""

    states: list[State] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    positions: dict[str, int] = field(default_factory=dict)
