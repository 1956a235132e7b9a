"""Who is blocked, why and until when (rules B1 to B5). Moments are milliseconds since the epoch."""

import secrets
from typing import Final

from kemi import state, tables
from kemi.ksr import Htable
from kemi.lists import CoreList
from kemi.message import Request
from kemi.recorder import Recorder, Refusal
from kemi.region import Thresholds
from kemi.tables import Blocked, block_key

ANSWERS_A_SECOND: Final = 1
HELP_A_SECOND: Final = 5
"""INVITEs to emergency numbers."""
MOST_ADDRESSES: Final = 65_536


class Blocks:
    """The blocks of this gateway, and the counters that lead to them."""

    def __init__(self, table: Htable, recorder: Recorder, thresholds: Thresholds, cores: CoreList) -> None:
        self._table = table
        self._recorder = recorder
        self._cores = cores
        self._thresholds = thresholds
        self._flood_requests = thresholds.flood_requests
        self._flood = FloodCount(table, thresholds)

    def covering(self, request: Request) -> Blocked | None:
        """The block that a request of a suspect address falls under. B3: one of a whole address lets the credentials
        pass that are bound there.
        """
        ours = self._cores.is_one_of_ours(request.address, request.now)
        whole = None if ours else self._in_force(request.address, request.now)
        own = self._in_force(block_key(request.address, request.username), request.now) if request.username else None
        if own is None and whole is not None and self._is_bound_here(request) and self._within_pace(request):
            return None
        return own or whole

    def may_answer(self, block: Blocked, now: int) -> bool:
        """B1: one answer a second for each block."""
        return self._table.sht_inc(tables.PACE, f"{block.uid}|{now // 1000}") <= ANSWERS_A_SECOND

    def may_call_for_help(self, request: Request) -> bool:
        """O4: how many emergency calls a second a blocked address may begin."""
        return self._table.sht_inc(tables.PACE, f"{request.address}|help|{request.now // 1000}") <= HELP_A_SECOND

    def unsuccessful(self, request: Request) -> None:
        """B2: a flood is requests that end in no success."""
        count = self._flood.count(request.address, request.now, 1)
        if count >= self._flood_requests:
            details: dict[str, object] = {"requests": count, "seconds": self._thresholds.flood_window}
            self.add(Refusal(request, "B2", "flood", None, details=details), None, self._thresholds.flood_block)

    def successful(self, request: Request) -> None:
        """A success takes back the count of the challenge that led to it."""
        self._flood.count(request.address, request.now, -1)

    def proven(self, request: Request) -> None:
        """The right password takes back the wrong ones of its own (address, credential)."""
        thresholds = self._thresholds
        key = _window(f"{request.address}|{request.username}", request.now, thresholds.wrong_window)
        if int(self._table.sht_get(tables.WRONG, key) or 0) > 0:
            self._table.sht_rm(tables.WRONG, key)
            self._table.sht_dec(tables.GUESS, _window(request.address, request.now, thresholds.guess_window))

    def wrong_password(self, request: Request) -> None:
        """B2: counts an answer to a fresh nonce; known and unknown usernames alike."""
        thresholds = self._thresholds
        count = count_wrong(self._table, thresholds, request.address, request.username, request.now)
        if count >= thresholds.wrong_passwords:
            details: dict[str, object] = {"attempts": count, "seconds": thresholds.wrong_window}
            self.add(
                Refusal(request, "B2", "wrong_passwords", 401, details=details),
                request.username,
                thresholds.wrong_block,
            )
        guessed = self._table.sht_get(tables.GUESS, _window(request.address, request.now, thresholds.guess_window))
        if count == 1 and int(guessed or 0) >= thresholds.guessed_usernames:
            details = {"usernames": guessed, "seconds": thresholds.guess_window}
            self.add(Refusal(request, "B2", "guessing", 401, details=details), None, thresholds.guess_block)

    def add(self, refusal: Refusal, username: str | None, seconds: int, state_text: str | None = None) -> bool:
        """Blocks, unless it is blocked already; the event says why. `state_text` is journalled in the same line."""
        request = refusal.request
        if username is None and self._cores.is_one_of_ours(request.address, request.now):
            return True
        key = block_key(request.address, username)
        self._table.sht_lock(tables.BLOCK, key)
        try:
            if self._in_force(key, request.now) is not None:
                return state_text is None or self._recorder.write(request.now, state=state_text)
            return self._add(refusal, username, seconds, state_text)
        finally:
            self._table.sht_unlock(tables.BLOCK, key)

    def _add(self, refusal: Refusal, username: str | None, seconds: int, state_text: str | None) -> bool:
        now = refusal.request.now
        block = Blocked(now + seconds * 1000, f"k-{secrets.token_hex(8)}", refusal.cause)
        refusal.details = {**(refusal.details or {}), "until": block.until}
        record = block_record(block, refusal.request.address, username, refusal.rule, now)
        kept = self._recorder.write(now, state=state_text, event=self._recorder.event(refusal), block=record)
        put(self._table, refusal.request.address, username, block)
        return kept

    def clear_counts(self, address: str, username: str | None, now: int) -> None:
        """A lifted block starts from nothing."""
        thresholds = self._thresholds
        self._table.sht_rm(tables.WRONG, _window(f"{address}|{username}", now, thresholds.wrong_window))
        if username is None:
            self._table.sht_rm(tables.FLOOD, _window(address, now, thresholds.flood_window))
            self._table.sht_rm(tables.GUESS, _window(address, now, thresholds.guess_window))

    def _in_force(self, key: str, now: int) -> Blocked | None:
        text = self._table.sht_get(tables.BLOCK, key)
        if text is None:
            return None
        block = Blocked.decode(str(text))
        return block if block.until > now else None

    def _is_bound_here(self, request: Request) -> bool:
        text = self._table.sht_get(tables.STATE, request.username) if request.username else None
        if text is None:
            return False
        binding = state.decode(str(text)).binding
        return binding is not None and binding.live(request.now) and binding.address == request.address

    def _within_pace(self, request: Request) -> bool:
        """Requests that answer a challenge are paced apart from those that anybody could have sent in this address's
        name.
        """
        key = f"{request.address}|{request.username}|{int(request.answers_challenge)}|{request.now // 1000}"
        return self._table.sht_inc(tables.PACE, key) <= self._thresholds.bound_rate


def count_wrong(table: Htable, thresholds: Thresholds, address: str, username: str | None, now: int) -> int:
    """One more wrong password of (address, username), and one more username of the address if it is the first."""
    count = table.sht_inc(tables.WRONG, _window(f"{address}|{username}", now, thresholds.wrong_window))
    if count == 1:
        table.sht_inc(tables.GUESS, _window(address, now, thresholds.guess_window))
        suspect(table, address)
    return count


def put(table: Htable, address: str, username: str | None, block: Blocked) -> None:
    """Brings a block into force."""
    table.sht_sets(tables.BLOCK, block_key(address, username), block.encode())
    suspect(table, address)


def suspect(table: Htable, address: str) -> None:
    """Notes that there is something about this address: one look tells that there is nothing about most."""
    table.sht_seti(tables.SUSPECT, address, 1)


class FloodCount:
    """Requests without success, by address and window, over all workers.

    A worker adds to the shared count in portions of a hundredth of the threshold, so most requests do not touch it.
    """

    def __init__(self, table: Htable, thresholds: Thresholds) -> None:
        self._table = table
        self._seconds = thresholds.flood_window
        self._portion = max(1, thresholds.flood_requests // 100)
        self._begin = self._end = 0
        self._counts: dict[str, int] = {}

    def count(self, address: str, now: int, change: int) -> int:
        """One request more or less; returns the shared count, 0 when it was not touched."""
        if not self._begin <= now < self._end or len(self._counts) > MOST_ADDRESSES:
            self._next_window(now)
        count = self._counts.get(address, 0) + change
        if -self._portion < count < self._portion:
            self._counts[address] = count
            return 0
        self._counts[address] = 0
        return self._share(_window(address, now, self._seconds), count)

    def _next_window(self, now: int) -> None:
        length = self._seconds * 1000
        self._begin = now // length * length
        self._end = self._begin + length
        self._counts = {}

    def _share(self, key: str, count: int) -> int:
        self._table.sht_lock(tables.FLOOD, key)
        try:
            shared = int(self._table.sht_get(tables.FLOOD, key) or 0) + count
            self._table.sht_seti(tables.FLOOD, key, shared)
        finally:
            self._table.sht_unlock(tables.FLOOD, key)
        return shared


def _window(key: str, now: int, seconds: int) -> str:
    return f"{key}|{now // (seconds * 1000)}"


def block_record(block: Blocked, address: str, username: str | None, rule: str, at: int) -> dict[str, object]:
    """The "x" of a journal line."""
    return {
        "id": block.uid,
        "a": address,
        "u": username,
        "cause": block.cause,
        "rule": rule,
        "at": at,
        "until": block.until,
        "lifted": False,
    }
