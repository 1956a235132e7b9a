"""What a region knows of one credential's registration: the "s" of a journal line, and the value in the htable.

Moments are milliseconds since the epoch. `docs/architecture.md` has the format.
"""

import json
from json.encoder import encode_basestring_ascii
from typing import Any, Final, NamedTuple

UNKNOWN: Final = 0
ANSWERS: Final = 1
SILENT: Final = 2
"""A PBX and keep-alives: never answered one; does; used to and has missed too many (rule R6)."""


class Binding:
    """A credential's live registration in this region; `password` is the version that the PBX proved."""

    def __init__(
        self,
        uid: str,
        address: str,
        port: int,
        contact: str,
        user_agent: str,
        call_id: str,
        cseq: int,
        since: int,
        expires: int,
        keepalive: int = UNKNOWN,
        password: int = 0,
    ) -> None:
        self.uid = uid
        self.address = address
        self.port = port
        self.contact = contact
        self.user_agent = user_agent
        self.call_id = call_id
        self.cseq = cseq
        self.since = since
        self.expires = expires
        self.keepalive = keepalive
        self.password = password

    def live(self, now: int) -> bool:
        return self.expires > now

    def kept_alive(self, keepalive: int) -> "Binding":
        """The same with other news of its keep-alives."""
        return Binding(
            self.uid,
            self.address,
            self.port,
            self.contact,
            self.user_agent,
            self.call_id,
            self.cseq,
            self.since,
            self.expires,
            keepalive,
            self.password,
        )


class State:
    """The clock of R4, its strikes, and the binding. A higher version replaces a lower one."""

    def __init__(
        self,
        username: str,
        version: int = 0,
        clock: int = 0,
        named: int = 0,
        streak: int = 0,
        early_address: str = "",
        early: tuple[int, ...] = (),
        binding: Binding | None = None,
    ) -> None:
        self.username = username
        self.version = version
        self.clock = clock
        self.named = named
        self.streak = streak
        self.early_address = early_address
        self.early = early
        self.binding = binding

    def next_version(self, now: int) -> int:
        """Grows even when the clock steps back, and beyond what a lost journal may have held."""
        return max(self.version + 1, now)

    def bound(self, binding: Binding | None, now: int) -> "State":
        """The same with another binding, or none: the clock of R4 runs on."""
        return State(
            self.username,
            self.next_version(now),
            self.clock,
            self.named,
            self.streak,
            self.early_address,
            self.early,
            binding,
        )


class Peer(NamedTuple):
    """A binding in another region, as MariaDB told."""

    region: str
    uid: str
    address: str
    port: int
    user_agent: str
    since: int
    expires: int
    silent: bool

    def live(self, now: int) -> bool:
        return self.expires > now


_BINDING_KEYS = ("id", "a", "p", "c", "ua", "ci", "cs", "since", "exp", "ka", "pv")

_quote: Final = encode_basestring_ascii
_encode: Final = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
_decode: Final = json.JSONDecoder().raw_decode


def encode(state: State) -> str:
    """A State as one line of JSON. Written out, because each registration needs it: a third of the encoder's time.

    Addresses and uids are the gateway's own and need no quoting.
    """
    bound = "null" if state.binding is None else _encode_binding(state.binding)
    return (
        f'{{"u":{_quote(state.username)},"v":{state.version},"clock":{state.clock},"named":{state.named},'
        f'"streak":{state.streak},"early":["{state.early_address}",{list(state.early)}],"b":{bound}}}'
    )


def _encode_binding(binding: Binding) -> str:
    return (
        f'{{"id":"{binding.uid}","a":"{binding.address}","p":{binding.port},'
        f'"c":{_quote(binding.contact)},"ua":{_quote(binding.user_agent)},"ci":{_quote(binding.call_id)},'
        f'"cs":{binding.cseq},"since":{binding.since},"exp":{binding.expires},"ka":{binding.keepalive},'
        f'"pv":{binding.password}}}'
    )


def decode(text: str) -> State:
    """Errors: ValueError, KeyError or TypeError when the text is none of `encode`'s."""
    return from_dict(_decode(text)[0])


def from_dict(value: dict[str, Any]) -> State:
    """A State from a parsed journal line's "s"."""
    binding = value["b"]
    address, early = value["early"]
    return State(
        value["u"],
        value["v"],
        value["clock"],
        value["named"],
        value["streak"],
        address,
        tuple(early),
        binding and Binding(*[binding[key] for key in _BINDING_KEYS]),
    )


def encode_peers(peers: list[Peer]) -> str:
    return _encode(peers)


def decode_peers(text: str) -> list[Peer]:
    return [Peer(*fields) for fields in _decode(text)[0]]
