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


def read(ksr: Ksr) -> Request:
    """The request that the worker is handling; `now` is milliseconds since the epoch.

    Errors: UnicodeDecodeError when a name is not UTF-8 (RFC 3261 §25.1).
    """
    kx = ksr.kx
    method = kx.get_method()
    digest = kx.get_au()
    return Request(
        now=time.time_ns() // 1_000_000,
        method=method,
        address=kx.get_srcip(),
        port=int(kx.get_srcport()),
        username=digest or (kx.get_tuser() if method == REGISTER else kx.get_fuser()),
        answers_challenge=digest is not None,
        user_agent=_user_agent(kx),
    )


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
