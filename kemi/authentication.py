"""Digest authentication (RFC 2617, RFC 7616; rules R1 and R2).

The nonce is the auth module's: one answer each (`one_time_nonce`), bound to the address that it was given to
(`auth_checks_* = 8`).
"""

from typing import Final

from kemi import digest, tables
from kemi.blocks import Blocks
from kemi.ksr import Ksr
from kemi.message import INVITE, REGISTER, Request
from kemi.recorder import Recorder, Refusal
from kemi.replies import CHALLENGED, RELAYED, Replies, Reply, retry_after
from kemi.tables import Credential

HA1_GIVEN: Final = 1
DECOY: Final = Credential("0" * 32, False, "", 0).encode()
"""Checked for an unknown username, so that it takes the same time (rule R2). No password has this HA1."""

NOT_READY_SECONDS: Final = 30
DISABLED_SECONDS: Final = 300

MOST_ANSWERS: Final = 8
"""How many `Authorization` headers are looked through."""

PROVEN: Final = 1
WRONG: Final = -2
NO_ANSWER: Final = -5
"""`pv_auth_check`'s codes. Others (nonce expired, used, of another address, broken): stale."""


class Answering:
    """What a method does for a sender that has proved its password, under the lock of its credential."""

    def answer(self, request: Request, credential: Credential) -> Reply:
        """The reply, or RELAYED. `credential.version` is that of the password that was proved."""
        raise NotImplementedError

    def is_under_way(self, request: Request) -> bool:
        """Whether a request whose nonce has been used is a copy of one that somebody else is about to answer."""
        raise NotImplementedError


class Authentication:
    """Challenges, and hands a request on once its sender has proved the password."""

    def __init__(self, ksr: Ksr, realm: str, replies: Replies, recorder: Recorder, blocks: Blocks) -> None:
        self._lock = ksr.cfgutils.lock
        self._unlock = ksr.cfgutils.unlock
        self._get = ksr.htable.sht_get
        self._check = ksr.auth.pv_auth_check
        self._header_at = ksr.hdr.get_idx
        self._realm = realm
        self._replies = replies
        self._recorder = recorder
        self._blocks = blocks
        self._ready = False

    def challenges(self, request: Request) -> bool:
        """R1: no Authorization, so a challenge, the same whether or not the username exists."""
        if request.answers_challenge and request.username:
            return False
        if not self._ready and self._is_not_ready(request):
            return True
        self._blocks.unsuccessful(request)
        self._replies.challenge()
        return True

    def answers(self, request: Request, proven: Answering) -> bool:
        """One request that answers a challenge, one at a time for each credential (a copy of it may be on another
        worker).
        """
        username = request.username or ""
        self._lock(username)
        try:
            self._answer(request, username, proven)
        finally:
            self._unlock(username)
        return True

    def _answer(self, request: Request, username: str, proven: Answering) -> None:
        relays = request.method == INVITE  # tm knows the copies of what goes on: most calls need no key
        key = "" if relays else self._key(request)
        text = self._get(tables.CREDENTIAL, username)
        if text is None and not self._ready and self._is_not_ready(request):
            return
        credential = Credential.decode(str(text or DECOY))
        if credential.old_until > request.now:
            credential = self._as_answered(request, credential)
        proof = self._check(self._realm, credential.ha1, HA1_GIVEN, 0)
        if proof == PROVEN:
            reply = self._proven(request, credential, proven)
            if reply is not RELAYED:
                key = key or self._key(request)
                self._replies.send(reply)
                self._replies.store(key, reply)
        elif proof == WRONG:
            self._wrong(request, key or self._key(request))
        elif proven.is_under_way(request):
            self._blocks.unsuccessful(request)
        else:
            self._repeat_or_challenge(request, key or self._key(request), stale=proof != NO_ANSWER)

    def _as_answered(self, request: Request, credential: Credential) -> Credential:
        """C4: as the old password has it when the answer was made with that one; Kamailio then judges with that HA1."""
        answer = self._answer_in("Authorization" if request.method == REGISTER else "Proxy-Authorization")
        if digest.is_answered_with(credential.old_ha1, request.method, answer):
            return credential.before()
        return credential

    def _answer_in(self, name: str) -> dict[str, str]:
        """The answer to our own challenge: there may be others', of other realms."""
        for place in range(MOST_ANSWERS):
            value = self._header(name, place)
            if value is None:
                break
            answer = digest.read(value)
            if answer.get("realm") == self._realm:
                return answer
        return {}

    def _header(self, name: str, place: int) -> str | None:
        try:
            return self._header_at(name, place)
        except UnicodeDecodeError:
            return None

    def _key(self, request: Request) -> str:
        return self._replies.retransmission_key(request.address, request.port)

    def _repeat_or_challenge(self, request: Request, key: str, *, stale: bool) -> None:
        """A nonce that was used before: a retransmission gets its answer again, a replay does not."""
        stored = self._replies.stored(key)
        if stored is not None:
            self._repeat(request, stored)
            return
        self._blocks.unsuccessful(request)
        self._replies.challenge(stale=stale)

    def _repeat(self, request: Request, stored: Reply) -> None:
        """Copies of a refused request are a flood in the end (rule B2)."""
        if stored.code != 200:
            self._blocks.unsuccessful(request)
        if stored.code == CHALLENGED.code:
            self._replies.challenge()
        else:
            self._replies.send(stored)

    def _wrong(self, request: Request, key: str) -> None:
        """R2: unknown user and wrong password leave the same trace."""
        self._recorder.wrong_password(request)
        self._blocks.wrong_password(request)
        self._replies.store(key, CHALLENGED)
        self._blocks.unsuccessful(request)
        self._replies.challenge()

    def _proven(self, request: Request, credential: Credential, proven: Answering) -> Reply:
        if request.suspect:
            self._blocks.proven(request)
        reply = proven.answer(request, credential)
        if reply.code == 200 or reply is RELAYED:
            self._blocks.successful(request)
        else:
            self._blocks.unsuccessful(request)
        return reply

    def _is_not_ready(self, request: Request) -> bool:
        """F1: a region that has never heard of any credential must not call passwords wrong."""
        if self._get(tables.META, "snapshot"):
            self._ready = True
            return False
        self._recorder.refused(Refusal(request, "F1", "no_snapshot", 503, retry_after=NOT_READY_SECONDS))
        self._replies.send(Reply(503, (retry_after(NOT_READY_SECONDS),)))
        return True
