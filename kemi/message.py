"""The request at hand, as far as every step needs it."""

import time
from typing import Final, NamedTuple

from kemi.ksr import Ksr, Kx

REGISTER = "REGISTER"
INVITE = "INVITE"
LONGEST_USER_AGENT: Final = 255


class Request(NamedTuple):
    """Who sends what. `username` is what the sender claims: the digest's, else that of To (REGISTER) or From; proven
    by nothing yet.
    """

    now: int
    method: str
    address: str
    port: int
    username: str | None
    answers_challenge: bool
    user_agent: str


class UnreadableError(Exception):
    """A message whose sender cannot be named."""


def read(ksr: Ksr) -> Request:
    """The request that the worker is handling; `now` is milliseconds since the epoch.

    Errors: UnicodeDecodeError when a name is not UTF-8 (RFC 3261 §25.1), UnreadableError when it holds a NUL.
    """
    kx = ksr.kx
    method = kx.get_method()
    digest = _name(kx.get_au())
    return Request(
        now=time.time_ns() // 1_000_000,
        method=method,
        address=kx.get_srcip(),
        port=int(kx.get_srcport()),
        username=digest or _name(kx.get_tuser() if method == REGISTER else kx.get_fuser()),
        answers_challenge=digest is not None,
        user_agent=_user_agent(kx),
    )


def _name(value: str | None) -> str | None:
    """No name has a NUL, and Kamailio takes none in the keys of its tables."""
    if value is not None and "\0" in value:
        raise UnreadableError(value)
    return value


def read_source(ksr: Ksr) -> Request:
    """A request of which nothing can be read but where it came from."""
    kx = ksr.kx
    return Request(time.time_ns() // 1_000_000, "", kx.get_srcip(), int(kx.get_srcport()), None, False, "")


def _user_agent(kx: Kx) -> str:
    """Some PBXs write it in Latin-1; that is no reason to turn them away."""
    try:
        return (kx.get_ua() or "")[:LONGEST_USER_AGENT]
    except UnicodeDecodeError:
        return ""
