"""What must outlive the process: each line goes to the process's own journal before the answer leaves.

Refusals are events. Those that anybody can cause are counted together when they come in numbers: in each window of
ten seconds five of a kind from one address, and two hundred of a kind from all, are written one by one; the rest only
raises a counter, which the timer process writes as one event when the window ends.
"""

import json
from collections.abc import Callable
from typing import Any, Final

from kemi import tables
from kemi.journal import Journal
from kemi.ksr import Ksr
from kemi.message import Request
from kemi.tables import Credential

WINDOW_MS: Final = 10_000
FROM_ONE_ADDRESS: Final = 5
FROM_ALL: Final = 200

_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


class Refusal:
    """An event in the making: rule, cause and the details that explain it."""

    __slots__ = ("call_id", "cause", "code", "credential", "details", "request", "retry_after", "rule")

    def __init__(
        self,
        request: Request,
        rule: str,
        cause: str,
        code: int | None,
        *,
        call_id: str | None = None,
        credential: Credential | None = None,
        retry_after: int | None = None,
        details: dict[str, object] | None = None,
    ) -> None:
        self.request = request
        self.rule = rule
        self.cause = cause
        self.code = code
        self.call_id = call_id
        self.credential = credential
        self.retry_after = retry_after
        self.details = details

    def as_dict(self) -> dict[str, object]:
        """The "e" of a journal line."""
        request = self.request
        return {
            "rule": self.rule,
            "cause": self.cause,
            "u": request.username,
            "id": self.credential.id if self.credential else None,
            "a": request.address,
            "p": request.port,
            "ua": request.user_agent,
            "m": request.method,
            "ci": self.call_id,
            "code": self.code,
            "ra": self.retry_after,
            "n": 1,
            "until": None,
            "with": self.details or {},
        }


class Recorder:
    """Appends to this process's journal, which `open_journal` opens at the first line."""

    def __init__(self, ksr: Ksr, open_journal: Callable[[], Journal]) -> None:
        self._increment = ksr.htable.sht_inc
        self._get_call_id = ksr.kx.get_callid
        self._open = open_journal
        self._journal: Journal | None = None

    def registered(self, now: int, state: str) -> bool:
        """One line of nothing but a new state; false when it could not be kept."""
        return self._append(f'{{"t":{now},"s":{state}}}')

    def call(self, now: int, fields: str) -> bool:
        """One line of what a call did; `fields` is the inside of its "c". False when it could not be kept."""
        return self._append(f'{{"t":{now},"c":{{{fields}}}}}')

    def write(
        self,
        now: int,
        *,
        state: str | None = None,
        event: dict[str, Any] | None = None,
        block: dict[str, Any] | None = None,
        wrong: tuple[str, str | None] | None = None,
    ) -> bool:
        """One line; false when it could not be kept."""
        parts = [f'{{"t":{now}']
        if state is not None:
            parts.append(f'"s":{state}')
        if event is not None:
            parts.append(f'"e":{_encode(event)}')
        if block is not None:
            parts.append(f'"x":{_encode(block)}')
        if wrong is not None:
            parts.append(f'"w":{_encode(wrong)}')
        return self._append(",".join(parts) + "}")

    def refused(self, refusal: Refusal) -> None:
        """One event, or one more in a count. Nothing that a rule needs depends on it being kept."""
        if self._is_counted(refusal, f"{refusal.rule}|{refusal.cause}"):
            return
        self.write(refusal.request.now, event=self.event(refusal))

    def wrong_password(self, request: Request) -> None:
        """An event, or one more in a count; and the fact that B2 counts, which outlives the process."""
        refusal = Refusal(request, "R2", "password", 401)
        counted = self._is_counted(refusal, "R2|password")
        event = None if counted else self.event(refusal)
        self.write(request.now, event=event, wrong=(request.address, request.username))

    def event(self, refusal: Refusal) -> dict[str, object]:
        """The event of a refusal, to be written with what it changed."""
        refusal.call_id = self._call_id()
        return refusal.as_dict()

    def _is_counted(self, refusal: Refusal, kind: str) -> bool:
        """Whether the windows are full; what a count says of its senders is what they have in common."""
        window = refusal.request.now // WINDOW_MS
        if refusal.credential is not None:
            scope = f"{refusal.request.address}/{refusal.request.username}"
            return self._over(f"{kind}|{scope}|{window}", FROM_ONE_ADDRESS, refusal, {})
        if self._over(f"{kind}||{window}", FROM_ALL, refusal, {"a": None, "u": None, "ua": ""}):
            return True
        common: dict[str, object] = {"u": None, "ua": ""}
        return self._over(f"{kind}|{refusal.request.address}|{window}", FROM_ONE_ADDRESS, refusal, common)

    def _over(self, key: str, limit: int, refusal: Refusal, common: dict[str, object]) -> bool:
        count = self._increment(tables.TALLY, key)
        if count == limit + 1:
            first = {**refusal.as_dict(), "p": None, **common}
            self._append(f'{{"t":{refusal.request.now},"o":{_encode({"key": key, "over": limit, "first": first})}}}')
        return count > limit

    def _call_id(self) -> str | None:
        try:
            return self._get_call_id()
        except UnicodeDecodeError:
            return None

    def _append(self, line: str) -> bool:
        if self._journal is None:
            self._journal = self._open()
        return self._journal.append(line)
