"""The request at hand, as far as every step needs it."""

import time
from typing import NamedTuple

from kemi.ksr import Ksr

REGISTER = "REGISTER"
INVITE = "INVITE"


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
    """The request that the worker is handling; `now` is milliseconds since the epoch."""
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
        user_agent=kx.get_ua() or "",
    )
