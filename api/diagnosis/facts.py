"""What is known of one trunk at one moment. Moments are UTC without a zone, as MariaDB gives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from api.dns.checking import Difference
from api.limits import LimitSettings

SILENCE: Final = timedelta(seconds=5)
"""Without a word for so long an agent or a gateway counts as away."""
LIVE: Final = "live"
SILENT: Final = "silent"
EXPIRED: Final = "expired"
ENDED: Final = "ended"


@dataclass(frozen=True)
class Owned:
    """The credential. `version` is its present password's; `seen` are first uses: (version, region) to moment."""

    id: str
    username: str
    tenant: str | None
    enabled: bool
    version: int
    rotated_at: datetime | None
    old_until: datetime | None
    seen: Mapping[tuple[int, str], datetime]

    @property
    def seen_at(self) -> datetime | None:
        """When the present password was first used in any region."""
        return min((at for (version, _), at in self.seen.items() if version == self.version), default=None)

    @property
    def was_seen(self) -> bool:
        """Whether a password before the present one was used."""
        return any(version < self.version for version, _ in self.seen)


@dataclass(frozen=True)
class Registration:
    """The last that a region accepted: `live`, `silent` (a PBX that used to answer keep-alives), `expired` or `ended`.

    `accepted_at` alone is known when everything else was forgotten. `keepalive`: 0 never answered, 1 answers, 2 used
    to. `strikes` and `streak` are those of rule R4.
    """

    state: str
    accepted_at: datetime | None = None
    address: str | None = None
    port: int | None = None
    contact: str | None = None
    user_agent: str | None = None
    since: datetime | None = None
    expires_at: datetime | None = None
    ended_at: datetime | None = None
    password_version: int | None = None
    keepalive: int | None = None
    strikes: int = 0
    streak: int = 0

    @property
    def is_live(self) -> bool:
        """Whether calls are still sent there."""
        return self.state in (LIVE, SILENT)


@dataclass(frozen=True)
class Refusal:
    """An event about the username. `proven`: the sender knew the password."""

    region: str
    at: datetime
    rule: str
    cause: str
    sentence: str
    proven: bool = False
    until: datetime | None = None
    count: int = 1
    code: int | None = None
    retry_after: int | None = None
    address: str | None = None
    user_agent: str | None = None
    method: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def last_at(self) -> datetime:
        """The last of several that are counted together."""
        return self.until or self.at


@dataclass(frozen=True)
class Blocked:
    """A block in force. `username` None: it covers the whole address."""

    region: str
    address: str
    username: str | None
    rule: str
    cause: str
    at: datetime
    until: datetime


@dataclass(frozen=True)
class Core:
    """One of the carrier's gateways of a region."""

    place: str
    enabled: bool
    dead: bool


@dataclass(frozen=True)
class Calls:
    """Of one region. `channels` are outbound calls in progress without emergency calls; `last_minute` went out.

    `unanswered`: calls in that the PBX said nothing to, since the last one that it answered.
    """

    channels: int = 0
    last_minute: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
    """In the last hour, by cause."""
    recently: Mapping[str, int] = field(default_factory=dict)
    """In the last minutes, by cause."""
    unanswered: int = 0
    challenged: int = 0


@dataclass(frozen=True)
class Region:
    """What one region says. `behind_since`: when the oldest change was made that its gateway does not apply yet."""

    name: str
    address: str
    state: str = "in-service"
    heartbeat_at: datetime | None = None
    gateway_at: datetime | None = None
    behind_since: datetime | None = None
    registration: Registration | None = None
    refusals: Sequence[Refusal] = ()
    """Newest first."""
    blocks: Sequence[Blocked] = ()
    cores: Sequence[Core] = ()
    calls: Calls = Calls()


@dataclass(frozen=True)
class Number:
    """A number of the tenant that rings nobody, and how many calls to it were refused in the last hour."""

    number: str
    refused: int = 0
    last_at: datetime | None = None


@dataclass(frozen=True)
class Facts:
    """All of it. `numbers` are those that ring this credential, `count` how many there are."""

    now: datetime
    limits: LimitSettings
    credential: Owned
    regions: Sequence[Region] = ()
    numbers: Sequence[str] = ()
    number_count: int = 0
    unrouted: Sequence[Number] = ()
    unrouted_count: int = 0
    domains: Sequence[str] = ()
    dns: Sequence[Difference] = ()

    @property
    def interval(self) -> timedelta:
        """Between two accepted registrations in a region (rule R4)."""
        return timedelta(seconds=self.limits.interval)

    def is_heard(self, region: Region) -> bool:
        """Whether the region's agent reports; what is known of it is old otherwise."""
        return region.heartbeat_at is not None and self.now - region.heartbeat_at <= SILENCE

    def is_up(self, region: Region) -> bool:
        """Whether the region's gateway lives, as its agent says."""
        return region.gateway_at is not None and self.now - region.gateway_at <= SILENCE

    def live(self) -> list[tuple[Region, Registration]]:
        """Where the trunk is registered, as far as is known."""
        return [(each, each.registration) for each in self.regions if each.registration and each.registration.is_live]

    def was_accepted_after(self, moment: datetime) -> bool:
        """Whether any region accepted a registration since: what was refused before has not kept the PBX out."""
        known = [each.registration for each in self.regions if each.registration]
        return any(each.accepted_at is not None and each.accepted_at > moment for each in known)

    def addresses(self) -> set[str]:
        """Where the PBX was when it last proved its password."""
        registered = {each.registration.address for each in self.regions if each.registration}
        proven = {refusal.address for each in self.regions for refusal in each.refusals if refusal.proven}
        return {address for address in registered | proven if address}
