"""REGISTER of a proven sender: the rules of `registration`, carried out (rules R1 to R6)."""

import os
from typing import Final

from kemi import contact, registration, state, tables
from kemi.authentication import DISABLED_SECONDS, Answering
from kemi.blocks import Blocks
from kemi.ksr import Ksr
from kemi.message import Request
from kemi.recorder import Recorder, Refusal
from kemi.region import Limits
from kemi.registration import Answer, Register
from kemi.replies import Reply, retry_after
from kemi.state import Peer, State
from kemi.tables import Credential

UNRECORDED: Final = Reply(503, (retry_after(60),))
CLIP: Final = 255
UIDS_AT_ONCE: Final = 64


def new_uids() -> list[str]:
    """Names for bindings that only their PBXs get to see: they are in the keep-alives' Call-IDs."""
    random = os.urandom(8 * UIDS_AT_ONCE).hex()
    return [f"b-{random[place : place + 16]}" for place in range(0, len(random), 16)]


class Registrar(Answering):
    """Answers one REGISTER at a time for each credential: the caller holds its lock."""

    def __init__(self, ksr: Ksr, limits: Limits, recorder: Recorder, blocks: Blocks) -> None:
        self._to_user = ksr.kx.get_tuser
        self._from_user = ksr.kx.get_fuser
        self._call_id = ksr.kx.get_callid
        self._pv = ksr.pv.get
        self._header = ksr.hdr.get
        self._header_at = ksr.hdr.get_idx
        self._get = ksr.htable.sht_get
        self._set = ksr.htable.sht_sets
        self._limits = limits
        self._recorder = recorder
        self._blocks = blocks
        self._uids: list[str] = []

    def answer(self, request: Request, credential: Credential) -> Reply:
        """The reply, after everything that it promises has been recorded."""
        username = request.username or ""
        if not credential.enabled:
            return self._disabled(request, credential)
        if not self._to_user() == username == self._from_user():
            return self._refuse(request, credential, "R2", "mismatch", 403)
        if request.device.is_phone:
            return self._refuse(request, credential, "R3", "phone", 403)
        try:
            register = self._read(request, credential)
        except contact.BadContactError as error:
            return self._refuse(request, credential, "W2", "malformed", 400, error.reason)
        old, peers = self.state_of(username), self._peers(username, request.now)
        answer = registration.decide(register, old, peers, request.now, self._limits, self._new_uid)
        return self._act(request, credential, answer)

    def _disabled(self, request: Request, credential: Credential) -> Reply:
        refusal = Refusal(request, "R2", "disabled", 503, credential=credential, retry_after=DISABLED_SECONDS)
        self._recorder.refused(refusal)
        return Reply(503, (retry_after(DISABLED_SECONDS),))

    def is_under_way(self, _request: Request) -> bool:
        """A REGISTER is answered before the next one of its credential is looked at."""
        return False

    def state_of(self, username: str) -> State:
        text = self._get(tables.STATE, username)
        return state.decode(str(text)) if text is not None else State(username)

    def _read(self, request: Request, credential: Credential) -> Register:
        value = self._header("Contact")
        if value is not None and self._header_at("Contact", 1) is not None:
            raise contact.BadContactError(contact.SEVERAL)
        expires = str(self._header("Expires") or "").strip()
        return Register(
            request.address,
            request.port,
            contact.parse(value) if value is not None else None,
            int(expires) if expires.isdigit() else None,
            request.user_agent,
            str(self._call_id())[:CLIP],
            int(self._pv("$cs") or 0),
            credential.version,
        )

    def _peers(self, username: str, now: int) -> list[Peer]:
        text = self._get(tables.PEER, username)
        return [peer for peer in state.decode_peers(str(text)) if peer.live(now)] if text else []

    def _new_uid(self) -> str:
        """Each process draws its own: the first is asked for after the fork."""
        if not self._uids:
            self._uids = new_uids()
        return self._uids.pop()

    def _act(self, request: Request, credential: Credential, answer: Answer) -> Reply:
        """Journal, then shared memory, then the reply: what was answered is what survives."""
        text = state.encode(answer.state) if answer.state is not None else None
        if answer.rule is not None or answer.block is not None:
            recorded = self._explain(request, credential, answer, text)
        else:
            recorded = text is None or self._recorder.registered(request.now, text)
        if not recorded or (text is not None and self._set(tables.STATE, request.username or "", text) < 0):
            return UNRECORDED
        if answer.contact is not None:
            return Reply(answer.code, (f"Contact: {answer.contact}",))
        if answer.retry_after is not None:
            return Reply(answer.code, (retry_after(answer.retry_after),))
        return Reply(answer.code)

    def _explain(self, request: Request, credential: Credential, answer: Answer, text: str | None) -> bool:
        """Journals what needs an event."""
        if answer.block is not None:
            refusal = self._refusal(request, credential, answer, answer.block.cause)
            return self._blocks.add(refusal, request.username, answer.block.seconds, text)
        refusal = self._refusal(request, credential, answer, answer.cause)
        if text is None:
            self._recorder.refused(refusal)
            return True
        return self._recorder.write(request.now, state=text, event=self._recorder.event(refusal))

    @staticmethod
    def _refusal(request: Request, credential: Credential, answer: Answer, cause: str) -> Refusal:
        return Refusal(
            request,
            answer.rule or "R4",
            cause,
            answer.code,
            credential=credential,
            retry_after=answer.retry_after,
            details=answer.details,
        )

    def _refuse(
        self, request: Request, credential: Credential, rule: str, cause: str, code: int, reason: str | None = None
    ) -> Reply:
        details: dict[str, object] | None = {"reason": reason} if reason else None
        self._recorder.refused(Refusal(request, rule, cause, code, credential=credential, details=details))
        return Reply(code)
