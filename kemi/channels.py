"""How many calls a credential has, and how fast it makes them: rules O2 to O4. Counters are O(1) and atomic."""

from typing import Final

from kemi import tables
from kemi.calls import CHANNEL, EMERGENCY, UNCOUNTED
from kemi.ksr import Htable
from kemi.pace import spend
from kemi.region import Limits

RATE_SECONDS: Final = 1
CHANNELS_SECONDS: Final = 10


class Obstacle:
    """Why a call does not go out; `retry_after` is seconds, 0 when coming later would not help (rule R8)."""

    def __init__(self, rule: str, cause: str, code: int = 503, retry_after: int = 0) -> None:
        self.rule = rule
        self.cause = cause
        self.code = code
        self.retry_after = retry_after


TOO_FAST: Final = Obstacle("O2", "rate", retry_after=RATE_SECONDS)
NO_CHANNEL: Final = Obstacle("O3", "channels", retry_after=CHANNELS_SECONDS)
NO_EMERGENCY_CHANNEL: Final = Obstacle("O4", "emergency", retry_after=CHANNELS_SECONDS)


class Channels:
    """Takes and gives back. Whoever takes holds the credential's lock, so that the look and the count are one."""

    def __init__(self, table: Htable, limits: Limits) -> None:
        self._get = table.sht_get
        self._set = table.sht_sets
        self._forget = table.sht_rm
        self._increment = table.sht_inc
        self._decrement = table.sht_dec
        self._channels = limits.channels
        self._emergency_channels = limits.emergency_channels
        self._paced = limits.call_interval > 0
        self._due = 0

    def take(self, username: str, counted: int, now: int) -> Obstacle | None:
        """One slot, and O2's token with it; None when it was given."""
        slots = slots_key(username, counted)
        obstacle = self._judge(self._increment(tables.CHANNELS, slots), username, counted, now)
        if obstacle is not None:
            self._decrement(tables.CHANNELS, slots)
        return obstacle

    def _judge(self, count: int, username: str, counted: int, now: int) -> Obstacle | None:
        """Of the call that is the `count`th."""
        if counted == EMERGENCY:
            return NO_EMERGENCY_CHANNEL if count > self._emergency_channels else None
        if count > self._channels:
            return NO_CHANNEL
        return TOO_FAST if self._paced and not self._spend(username, now) else None

    def undo(self, username: str, counted: int) -> None:
        """The call that took last never goes out: it spends no token either (rule O2)."""
        self.give_back(username, counted)
        self.spare(username, counted)

    def spare(self, username: str, counted: int) -> None:
        """The token of the call that took last comes back."""
        if self._paced and counted == CHANNEL:
            if self._due:
                self._set(tables.DUE, username, str(self._due))
            else:
                self._forget(tables.DUE, username)

    def give_back(self, username: str, counted: int) -> None:
        """Once for each call that took: the caller sees to that."""
        if counted != UNCOUNTED:
            self._decrement(tables.CHANNELS, slots_key(username, counted))

    def restore(self, username: str, counted: int) -> None:
        """After a start: a call that goes on counts again."""
        if counted != UNCOUNTED:
            self._increment(tables.CHANNELS, slots_key(username, counted))

    def _spend(self, username: str, now: int) -> bool:
        self._due = int(self._get(tables.DUE, username) or 0)
        due = spend(self._due, now)
        if due is None:
            return False
        self._set(tables.DUE, username, str(due))
        return True


def slots_key(username: str, counted: int) -> str:
    """Usernames have no exclamation mark."""
    return username if counted == CHANNEL else f"{username}!"
