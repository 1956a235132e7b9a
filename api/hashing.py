"""What is kept of a person's password: Argon2id (RFC 9106), with the parameters of its section 4 for little memory."""

from __future__ import annotations

from threading import BoundedSemaphore
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from argon2.profiles import RFC_9106_LOW_MEMORY

from api.passwords import new_password

AT_ONCE: Final = 2
"""Hashes that one process computes at the same time; each takes 64 MiB."""


class PasswordHashes:
    """Makes and checks them. What nobody has is checked like what somebody has, and takes the same time."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
        self._turn = BoundedSemaphore(AT_ONCE)
        self._decoy = self.make(new_password())

    def make(self, password: str) -> str:
        """What is kept of `password`, with its salt and parameters."""
        with self._turn:
            return self._hasher.hash(password)

    def checked(self, kept: str | None, password: str) -> str | None:
        """What to keep from now on if `kept` was made of `password`, else None. `kept` None: that of nobody.

        It is made anew if it was made with other parameters than are used now.
        """
        try:
            with self._turn:
                self._hasher.verify(kept or self._decoy, password)
        except VerifyMismatchError:
            return None
        return self.make(password) if kept and self._hasher.check_needs_rehash(kept) else kept
