"""The numbers that senders and calls are judged by: hard limits, and the deployment's own thresholds."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, PositiveInt

MOST_ROWS: Final = 10_000
"""Of a file that is imported."""
LARGEST_FILE: Final = 4 * 1024 * 1024
"""The same, in bytes."""

LONGEST_SESSION: Final = 366 * 86_400
"""Seconds. MariaDB cannot reckon with what is far longer."""

# The longest that kamailio/tables.cfg keeps what is counted with: longer ones would silently be shorter.
Window = Annotated[int, Field(ge=1, le=600)]
BlockTime = Annotated[int, Field(ge=1, le=86_000)]


class Strict(BaseModel):
    """Values that do not change, and no others than are named."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class LimitSettings(Strict):
    """The hard limits of rules.md, in seconds or as counts."""

    interval: PositiveInt = 100
    granted: PositiveInt = 300
    early_strikes: PositiveInt = 10
    early_window: PositiveInt = 600
    streak: PositiveInt = 20
    block: PositiveInt = 900
    keepalive_interval: PositiveInt = 20
    keepalive_missed: PositiveInt = 3
    call_interval: NonNegativeInt = 1
    channels: PositiveInt = 100
    emergency_channels: PositiveInt = 10
    ringing: PositiveInt = 185
    longest_call: PositiveInt = 14_400
    call_check: PositiveInt = 30


class ThresholdSettings(Strict):
    """From when on a sender is blocked (rule B2), in seconds or as counts; `bound_rate` (rule B3) is per second."""

    flood_requests: PositiveInt = 5000
    flood_window: Annotated[int, Field(ge=1, le=30)] = 10
    flood_block: BlockTime = 120
    wrong_passwords: PositiveInt = 40
    wrong_window: Window = 600
    wrong_block: BlockTime = 900
    guessed_usernames: PositiveInt = 50
    guess_window: Window = 600
    guess_block: BlockTime = 900
    bound_rate: PositiveInt = 5
    nonce_lifetime: Annotated[int, Field(ge=1, le=3600)] = 300


class RateSettings(Strict):
    """How often the API may be asked: a minute, by one key or person, and by one address without a key in force."""

    requests: PositiveInt = 3000
    strangers: PositiveInt = 120


class SignInSettings(Strict):
    """Failures to sign in within `window`, after which passwords are not looked at any more; how long a session lasts.

    `failures` are those for one name from one address; `longest` and `idle` (unused) end a session. Seconds or counts.
    """

    failures: PositiveInt = 5
    address_failures: PositiveInt = 20
    name_failures: PositiveInt = 50
    window: Annotated[int, Field(ge=1, le=86_400)] = 900
    longest: Annotated[int, Field(ge=1, le=LONGEST_SESSION)] = 43_200
    idle: Annotated[int, Field(ge=120, le=LONGEST_SESSION)] = 3_600
    """The last use is noted to the minute."""
