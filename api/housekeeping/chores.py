"""The chores of the service. A new one is a function of a cursor, and a line here."""

from __future__ import annotations

from typing import Final

from api import idempotency
from api.credentials import grace
from api.housekeeping.housekeeper import Chore
from api.imports import progress
from api.sessions import attempts
from api.sessions import store as sessions
from api.traffic import store as traffic

CHORES: Final = (
    Chore("old passwords cleared away", 5, grace.clear_ended),
    Chore("warnings of new passwords that nobody has used", 5, grace.warn_of_unseen),
    Chore("uses of passwords forgotten", 3600, grace.forget_uses),
    Chore("idempotency keys forgotten", 600, idempotency.forget),
    Chore("sessions forgotten", 600, sessions.forget),
    Chore("attempts to sign in forgotten", 600, attempts.forget),
    Chore("progress of imports forgotten", 600, progress.forget),
    Chore("minutes of traffic forgotten", 600, traffic.forget),
)
