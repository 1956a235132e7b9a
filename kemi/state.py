"""What a region knows of one credential's registration: the "s" of a journal line, and the value in the htable.

Moments are milliseconds since the epoch. `docs/architecture.md` has the format.
"""

import json
from json.encoder import encode_basestring_ascii as _quote
from typing import Any, NamedTuple

UNKNOWN, ANSWERS, SILENT = 0, 1, 2
"""A PBX and keep-alives: never answered one; does; used to and has missed too many (rule R6)."""


class Binding(NamedTuple):
    """A credential's live registration in this region; `password` is the version that the PBX proved."""

    uid: str
    address: str
    port: int
    contact: str
    user_agent: str
    call_id: str
    cseq: int
    since: int
    expires: int
    keepalive: int = UNKNOWN
    password: int = 0

    def live(self, now: int) -> bool:
        return self.expires > now


class State(NamedTuple):
    """The clock of R4, its strikes, and the binding. A higher version replaces a lower one."""

    username: str
    version: int = 0
    clock: int = 0
    named: int = 0
    streak: int = 0
    early_address: str = ""
    early: tuple[int, ...] = ()
    binding: Binding | None = None

    def next_version(self, now: int) -> int:
        """Grows even when the clock steps back, and beyond what a lost journal may have held."""
        return max(self.version + 1, now)


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

_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
_decode = json.JSONDecoder().raw_decode


def encode(state: State) -> str:
    """A State as one line of JSON. Written out, because each registration needs it: a third of the encoder's time."""
    username, version, clock, named, streak, early_address, early, binding = state
    bound = "null" if binding is None else _encode_binding(binding)
    return (
        f'{{"u":{_quote(username)},"v":{version},"clock":{clock},"named":{named},"streak":{streak},'
        f'"early":[{_quote(early_address)},{list(early)}],"b":{bound}}}'
    )


def _encode_binding(binding: Binding) -> str:
    uid, address, port, contact, agent, call_id, cseq, since, expires, keepalive, password = binding
    return (
        f'{{"id":{_quote(uid)},"a":{_quote(address)},"p":{port},"c":{_quote(contact)},"ua":{_quote(agent)},"ci":{_quote(call_id)},'
        f'"cs":{cseq},"since":{since},"exp":{expires},"ka":{keepalive},"pv":{password}}}'
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
