"""The request at hand, as far as every step needs it."""

import time
from typing import Final

from kemi import tables
from kemi.ksr import Ksr, Kx
from kemi.lists import UNLISTED, Device, DeviceLists

REGISTER: Final = "REGISTER"
INVITE: Final = "INVITE"
LONGEST_USER_AGENT: Final = 255


class Request:
    """Who sends what. `username` is what the sender claims: the digest's, else that of To (REGISTER) or From; proven
    by nothing yet. `device` is what the lists say of the User-Agent, `suspect` whether there may be anything against
    the address; `tagged` whether it claims to belong to a dialog.
    """

    def __init__(
        self,
        now: int,
        method: str,
        address: str,
        port: int,
        username: str | None,
        answers_challenge: bool,
        user_agent: str,
        device: Device = UNLISTED,
        suspect: bool = True,
        tagged: bool = False,
    ) -> None:
        self.now = now
        self.method = method
        self.address = address
        self.port = port
        self.username = username
        self.answers_challenge = answers_challenge
        self.user_agent = user_agent
        self.device = device
        self.suspect = suspect
        self.tagged = tagged


class UnreadableError(Exception):
    """A message whose sender cannot be named: no name has a NUL, and Kamailio takes none in the keys of its tables."""


def dialled(kx: Kx) -> str:
    """The user part of the Request-URI, or nothing. Errors: as `Reader.read`."""
    user = kx.get_ruser() or ""
    if "\0" in user:
        raise UnreadableError(user)
    return user


class Reader:
    """Reads what is known of a request before anything else. The getters are bound once: each look-up costs."""

    def __init__(self, ksr: Ksr, lists: DeviceLists) -> None:
        kx = ksr.kx
        self._address = kx.get_srcip
        self._port = kx.get_srcport
        self._digest_user = kx.get_au
        self._to_user = kx.get_tuser
        self._from_user = kx.get_fuser
        self._agent = kx.get_ua
        self._get = ksr.htable.sht_get
        self._lists = lists

    def read(self, method: str, now: int, *, tagged: bool) -> Request:
        """The request that the worker is handling; `now` is milliseconds since the epoch.

        Errors: UnicodeDecodeError when a name is not UTF-8 (RFC 3261 §25.1), UnreadableError when it holds a NUL.
        """
        digest = self._digest_user()
        username = digest or (self._to_user() if method == REGISTER else self._from_user())
        if username is not None and "\0" in username:
            raise UnreadableError(username)
        try:
            agent = (self._agent() or "")[:LONGEST_USER_AGENT]
        except UnicodeDecodeError:  # some PBXs write it in Latin-1; that is no reason to turn them away
            agent = ""
        address = self._address()
        return Request(
            now,
            method,
            address,
            int(self._port()),
            username,
            digest is not None,
            agent,
            self._lists.device(agent, now),
            self._get(tables.SUSPECT, address) is not None,
            tagged,
        )

    def read_source(self, method: str = "") -> Request:
        """A request of which nothing can be read, or need be, but where it came from."""
        return Request(time.time_ns() // 1_000_000, method, self._address(), int(self._port()), None, False, "")
