"""The shared-memory tables of a gateway (`kamailio/tables.cfg` defines them), and the shape of their values."""

from typing import Final, NamedTuple

CREDENTIAL: Final = "credential"
"""username → Credential"""
STATE: Final = "state"
"""username → state.encode"""
PEER: Final = "peer"
"""username → state.encode_peers, other regions' bindings"""
BOUND: Final = "bound"
"""address → 1 when a PBX is registered from there"""
ANSWER: Final = "answer"
"""retransmission key → the reply that was sent"""
BLOCK: Final = "block"
"""address, or address|username → Blocked"""
SUSPECT: Final = "suspect"
"""address → 1 when something is or was lately known against it: a block, or a wrong password"""
PACE: Final = "pace"
"""anything|second → how often"""
FLOOD: Final = "flood"
"""address|window → requests without success"""
WRONG: Final = "wrong"
"""address|username|window → wrong passwords"""
GUESS: Final = "guess"
"""address|window → usernames with a wrong password"""
TALLY: Final = "tally"
"""what|window → refusals"""
ALIVE: Final = "alive"
"""binding uid → answers to keep-alives"""
NUMBER: Final = "number"
"""number in E.164 → Route"""
EMERGENCY: Final = "emergency"
"""digits → 1 when they are on the emergency list"""
CALL: Final = "call"
"""calls.call_key → calls.Call"""
CHANNELS: Final = "channels"
"""channels.slots_key → calls that count"""
DUE: Final = "due"
"""username → when the next call is due (rule O2)"""
TURN: Final = "turn"
"""username → how many calls came in for it: whose turn it is (rule I3)"""
CORES: Final = "cores"
"""META's key of the core gateways that calls are sent to"""
CORE_ADDRESSES: Final = "core addresses"
"""META's key of all cores' addresses, also those that get no calls: they may call in"""
CANARY_CORE: Final = "canary"
"""META's key of `address:port` of the core that a canary calls"""
REGIONS: Final = "regions"
"""META's key of the other regions: name and address of each gateway (rule I3)"""
META: Final = "meta"
"""facts about the tables themselves"""


class Credential:
    """What a gateway knows of a credential. `ha1` is MD5(username:realm:password) (RFC 2617 §3.2.2.2), `version`
    the number of its password, `tenant` whose calls it makes (rule O5).

    `old_ha1` is that of the password before, which works until `old_until`; empty and 0 when none does (rule C4).
    """

    def __init__(
        self,
        ha1: str,
        enabled: bool,
        identity: str,
        version: int,
        tenant: str | None = None,
        old_ha1: str = "",
        old_until: int = 0,
    ) -> None:
        self.ha1 = ha1
        self.enabled = enabled
        self.id = identity
        self.version = version
        self.tenant = tenant
        self.old_ha1 = old_ha1
        self.old_until = old_until

    def before(self) -> "Credential":
        """The same as its old password has it."""
        return Credential(self.old_ha1, self.enabled, self.id, self.version - 1, self.tenant)

    def alone(self) -> "Credential":
        """The same without its old password."""
        return Credential(self.ha1, self.enabled, self.id, self.version, self.tenant)

    def is_in_force(self, version: int, now: int) -> bool:
        """Whether that version of the password works (rules C4 and C5)."""
        return self.enabled and (version == self.version or (self.old_until > now and version == self.version - 1))

    def encode(self) -> str:
        """The old password is there only when there is one: most credentials have none."""
        old = f":{self.old_ha1}:{self.old_until}" if self.old_until else ""
        return f"{self.ha1}|{int(self.enabled)}{old}|{self.version}|{self.tenant or ''}|{self.id}"

    @classmethod
    def decode(cls, text: str) -> "Credential":
        ha1, enabled, version, tenant, identity = text.split("|", 4)
        if len(enabled) == 1:
            return cls(ha1, enabled == "1", identity, int(version), tenant or None)
        enabled, old_ha1, old_until = enabled.split(":", 2)
        return cls(ha1, enabled == "1", identity, int(version), tenant or None, old_ha1, int(old_until))


class Route(NamedTuple):
    """What a gateway knows of a number: whose PBX it rings, and whose calls these are (rules I2 and I5)."""

    username: str | None
    tenant: str | None

    def encode(self) -> str:
        return f"{self.username or ''}|{self.tenant or ''}"

    @classmethod
    def decode(cls, text: str) -> "Route":
        username, tenant = text.split("|", 1)
        return cls(username or None, tenant or None)


class Blocked(NamedTuple):
    """A block in force. `until` is milliseconds since the epoch."""

    until: int
    uid: str
    cause: str

    def encode(self) -> str:
        return f"{self.until}|{self.uid}|{self.cause}"

    @classmethod
    def decode(cls, text: str) -> "Blocked":
        until, uid, cause = text.split("|", 2)
        return cls(int(until), uid, cause)


def block_key(address: str, username: str | None) -> str:
    """The key of a block that covers an address, or one credential there."""
    return address if username is None else f"{address}|{username}"
