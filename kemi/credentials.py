"""Credentials in force: what the store says of them, old passwords that end, and bindings that go with the password
that made them (rules C4 and C5). Part of the timer process.
"""

from collections.abc import Iterable
from functools import partial
from typing import Final

from kemi import apply
from kemi.canary import is_canary
from kemi.graces import Graces
from kemi.ksr import Htable
from kemi.removal import Reason, Removals
from kemi.state import Binding
from kemi.stored import Credential as CredentialRow
from kemi.tables import Credential

OVER: Final = "given a new password and the old one's grace period is over"


class Credentials:
    """Moments are milliseconds since the epoch."""

    def __init__(self, table: Htable, removals: Removals) -> None:
        self._table = table
        self._removals = removals
        self._graces = Graces()
        self._usernames: set[str] = set()
        self._deleted: dict[str, str] = {}
        """username → id, of the rows that were put last."""
        self._ended: dict[str, int] = {}
        """username → version of the password beside which the old one has just ended."""

    def __len__(self) -> int:
        return len(self._usernames)

    def put(self, rows: list[CredentialRow], now: int) -> list[str]:
        """Brings rows into force; returns the usernames about which something is different now."""
        self._deleted = {row.username: row.id for row in rows if row.ha1 is None}
        self._ended = {row.username: row.version for row in rows if row.old_until and row.old_until <= now}
        self._note_ended([row.username for row in rows if row.username in self._graces])
        changed = apply.credentials(self._table, rows, now)
        for row in rows:
            self._graces.put(row.username, apply.end_of_grace(row, now))
        self._usernames.update(row.username for row in rows if row.ha1 is not None and not is_canary(row.username))
        self._usernames.difference_update(self._deleted)
        return changed

    def withdraw(self, usernames: Iterable[str], now: int) -> None:
        """C5: a binding goes with its password; the event says what became of the credential."""
        for username in usernames:
            credential = apply.credential_of(self._table, username)
            known = credential or Credential("", False, self._deleted.get(username, ""), 0)
            became = "deleted" if credential is None else self._became(username, known)
            reason = Reason("C5", "withdrawn", {"reason": became}, known)
            self._removals.drop(username, now, partial(_unless_in_force, reason=reason, now=now))

    def turn(self, now: int) -> None:
        """C4: an old password whose time is over has ended by itself; what it made goes."""
        over = self._graces.over(now)
        if not over:
            return
        self._ended = {}
        self._note_ended(over)
        for username in over:
            apply.end_grace(self._table, username, now)
            self._graces.put(username, 0)
        self.withdraw(over, now)

    def _note_ended(self, usernames: Iterable[str]) -> None:
        for username in usernames:
            credential = apply.credential_of(self._table, username)
            if credential is not None:
                self._ended[username] = credential.version

    def _became(self, username: str, credential: Credential) -> str:
        if not credential.enabled:
            return "disabled"
        return OVER if self._ended.get(username) == credential.version else "given a new password"


def _unless_in_force(binding: Binding, reason: Reason, now: int) -> Reason | None:
    credential = reason.credential
    in_force = credential is not None and credential.is_in_force(binding.password, now)
    return None if in_force else reason
