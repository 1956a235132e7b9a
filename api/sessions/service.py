"""Signing in: by HTTP, and from the portal. A password is looked at only after the attempt has been counted."""

from __future__ import annotations

from typing import Any, Final

from pymysql.cursors import DictCursor

from api.audit.store import Actor, Entry, add_entries
from api.database import Database
from api.hashing import PasswordHashes
from api.limits import SignInSettings
from api.problems import Refusal
from api.rates import Rates
from api.request_ids import request_id
from api.sessions import attempts
from api.sessions.store import add_session
from api.users.schema import NAME
from api.users.store import find_password, lock_enabled, note_sign_in

Row = dict[str, Any]
UNKNOWN: Final = "unknown"
"""What the audit log says instead of a name that is nobody's: it may be a password."""
WRONG: Final = "Name or password is wrong, or this user is disabled."
CHALLENGE: Final = 'Basic realm="api", charset="UTF-8"'
"""RFC 7617 section 2."""


class SignIns:
    """Who signs in, and who is refused. Both are in the audit log."""

    def __init__(self, database: Database, hashes: PasswordHashes, rates: Rates, settings: SignInSettings) -> None:
        self._database = database
        self._hashes = hashes
        self._rates = rates
        self._settings = settings

    @property
    def idle(self) -> int:
        """Seconds unused after which a session has ended."""
        return self._settings.idle

    def sign_in(self, name: str, password: str, address: str) -> Row:
        """Begin a session: a person's row with its `token`, which is kept nowhere, `session` (its id) and `expires_at`.

        An unknown name, a wrong password and a disabled user get the same answer after the same work.
        Errors: Refusal (401; 429 with the seconds to wait), DatabaseUnavailableError.
        """
        self._rates.count_stranger(address)
        with self._database.transaction() as cursor:
            attempt = attempts.reserve(cursor, name, address, self._settings)
            claimed = find_password(cursor, name) if NAME.fullmatch(name) else None
        kept = self._hashes.checked(claimed["password"] if claimed else None, password)
        with self._database.transaction() as cursor:
            user = lock_enabled(cursor, claimed["id"], claimed["password_set_at"]) if claimed and kept else None
            if user and kept:
                attempts.withdraw(cursor, attempt)
                note_sign_in(cursor, user["id"], kept)
                session = add_session(cursor, user["id"], address, self._settings)
                _record(cursor, "sign-in", user, address, {"session": session["session"]})
                return user | session
            _record(cursor, "sign-in-refused", claimed, address, {"cause": _cause(claimed, kept)})
        raise Refusal(401, "wrong-password", WRONG, headers={"WWW-Authenticate": CHALLENGE})


def _cause(claimed: Row | None, kept: str | None) -> str:
    """Disabled: or deleted, or given another password, at this very moment."""
    return "unknown name" if claimed is None else "disabled" if kept else "wrong password"


def _record(cursor: DictCursor, action: str, user: Row | None, address: str, told: Row) -> None:
    actor = Actor("nobody", None, None, address, request_id())
    entry = Entry(action, "user", UNKNOWN, after=told)
    if user:
        entry = Entry(action, "user", user["id"], after={"name": user["name"]} | told, tenant=user["tenant"])
    add_entries(cursor, actor, [entry])
