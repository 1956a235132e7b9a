"""Changes of a registration that no request asked for: bindings that go, PBXs that fall silent (timer process)."""

from collections.abc import Callable
from typing import Any, NamedTuple

from kemi import apply, state, tables
from kemi.ksr import Ksr
from kemi.message import REGISTER, Request
from kemi.recorder import Recorder, Refusal
from kemi.registrar import Registrar
from kemi.state import Binding, State
from kemi.tables import Credential


class Reason(NamedTuple):
    """Why a binding goes: for the event."""

    rule: str
    cause: str
    details: dict[str, object]
    credential: Credential | None = None


class Removals:
    """Changes one credential's state at a time, under its lock; what was changed is in the journal first."""

    def __init__(self, ksr: Ksr, recorder: Recorder, registrar: Registrar) -> None:
        self._ksr = ksr
        self._table = ksr.htable
        self._recorder = recorder
        self._registrar = registrar

    def drop(self, username: str, now: int, why: Callable[[Binding], Reason | None]) -> None:
        """Removes a live binding if there is a reason; the clock of R4 runs on."""

        def without(known: State) -> tuple[State, dict[str, Any]] | None:
            binding = known.binding
            reason = why(binding) if binding is not None and binding.live(now) else None
            if binding is None or reason is None:
                return None
            return known.bound(None, now), self._event(username, binding, reason, now)

        self._change(username, now, without)

    def note(self, username: str, uid: str, keepalive: int, now: int) -> None:
        """A PBX fell silent, or was heard: kept, because R6 depends on it."""

        def noted(known: State) -> tuple[State, None] | None:
            if known.binding is None or known.binding.uid != uid:
                return None
            return known.bound(known.binding.kept_alive(keepalive), now), None

        self._change(username, now, noted)

    def _change(
        self, username: str, now: int, change: Callable[[State], tuple[State, dict[str, Any] | None] | None]
    ) -> None:
        self._ksr.cfgutils.lock(username)
        try:
            changed = change(self._registrar.state_of(username))
            if changed is not None:
                text = state.encode(changed[0])
                self._recorder.write(now, state=text, event=changed[1])
                self._table.sht_sets(tables.STATE, username, text)
        finally:
            self._ksr.cfgutils.unlock(username)

    def _event(self, username: str, binding: Binding, reason: Reason, now: int) -> dict[str, Any]:
        request = Request(now, REGISTER, binding.address, binding.port, username, True, binding.user_agent)
        credential = reason.credential or apply.credential_of(self._table, username)
        return Refusal(
            request,
            reason.rule,
            reason.cause,
            None,
            call_id=binding.call_id,
            credential=credential,
            details=reason.details,
        ).as_dict()
