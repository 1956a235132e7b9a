"""INVITE of a proven sender: calls from a PBX to the core (rules O)."""

from typing import Final

from kemi import state, tables
from kemi.authentication import DISABLED_SECONDS, Answering
from kemi.callbook import CallBook, End, exactly, readable, text
from kemi.calls import CHANNEL, EMERGENCY, ENDED, RESTORED, RINGING, TRYING, UNCOUNTED, Call, call_key
from kemi.canary import CANARY_CALL, is_canary
from kemi.channels import Channels, Obstacle
from kemi.holder import Place, both, elsewhere
from kemi.ksr import Ksr
from kemi.leg import LAST_CSEQ
from kemi.message import Request
from kemi.message import dialled as dialled_user
from kemi.recorder import Recorder, Refusal
from kemi.relay import FAILED_OUTBOUND, Relay, passed_on
from kemi.replies import RELAYED, Replies, Reply, retry_after
from kemi.tables import Credential

LATER_SECONDS: Final = 60
SOON_SECONDS: Final = 5
RETRIED: Final = (408, 503)
"""What says that a core gateway is dead (rule O6)."""
CHALLENGES: Final = (401, 407)
"""A core that asks for a password: none of the PBX's business (rules O5 and W5)."""
SILENT: Final = "silent"
"""`rest` of a call of which a core has never said anything: that core may still take it up, so its slot is held."""

PHONE: Final = Obstacle("R3", "phone", 403)
LATE: Final = Obstacle("W2", "malformed", 400)
"""No request could follow in this dialog."""
DISABLED: Final = Obstacle("R2", "disabled", retry_after=DISABLED_SECONDS)
ELSEWHERE: Final = Obstacle("O1", "elsewhere", 403)
REPEATED: Final = Obstacle("O3", "repeated", retry_after=SOON_SECONDS)
NO_CORE: Final = Obstacle("O6", "no_core", retry_after=LATER_SECONDS)
NOBODY: Final = Obstacle("O6", "nobody_dialled", 404)


class Outbound(Answering):
    """Sends calls out; the caller holds the credential's lock."""

    def __init__(
        self, ksr: Ksr, replies: Replies, recorder: Recorder, relay: Relay, book: CallBook, channels: Channels
    ) -> None:
        self._ksr = ksr
        self._kx = ksr.kx
        self._call_id = ksr.kx.get_callid
        self._from_user = ksr.kx.get_fuser
        self._from_uri = ksr.kx.get_furi
        self._to_uri = ksr.kx.get_turi
        self._pv = ksr.pv.get
        self._header = ksr.hdr.get
        self._get = ksr.htable.sht_get
        self._replies = replies
        self._recorder = recorder
        self._relay = relay
        self._book = book
        self._channels = channels

    def answer(self, request: Request, credential: Credential) -> Reply:
        """What the PBX gets, or RELAYED when the core answers it."""
        dialled = dialled_user(self._kx)
        call_id, tag, cseq = str(self._call_id()), str(self._pv("$ft")), int(str(self._pv("$cs")))
        call = self._new_call(request, EMERGENCY if self._is_emergency(dialled) else CHANNEL)
        start, dialog = self._start(call, request, credential, dialled, call_id, tag, cseq), self._dialog()
        if cseq >= LAST_CSEQ:
            return self._refuse(request, credential, start, LATE)
        if not credential.enabled:
            return self._refuse(request, credential, start, DISABLED)
        if request.device.is_phone:
            return self._refuse(request, credential, start, PHONE)
        foreign = self._elsewhere(request)
        if foreign is not None:
            return self._refuse(request, credential, start, ELSEWHERE, both(request, foreign))
        key = call_key(call_id, tag)
        obstacle = self._obstacle(request, call, dialled)
        if obstacle is not None:
            return self._refuse(request, credential, start, self._repeated(key, request) or obstacle)
        return self._send(request, credential, key, call, f"{start},{dialog}", dialled)

    def is_under_way(self, request: Request) -> bool:
        """A copy that another worker read before tm knew the INVITE: its call is known by now, and tm answers it."""
        call = self._book.find(call_key(str(self._call_id()), str(self._pv("$ft"))))
        if call is None or call.phase == ENDED or call.rest == RESTORED:
            return False
        return call.username == request.username and call.caller == f"{request.address}:{request.port}"

    def _new_call(self, request: Request, counted: int) -> Call:
        caller, username = f"{request.address}:{request.port}", request.username or ""
        uid = self._book.new_uid(CANARY_CALL[0]) if is_canary(username) else self._book.new_uid()
        return Call(uid, TRYING, counted, username, caller, "", True)

    def _obstacle(self, request: Request, call: Call, dialled: str) -> Obstacle | None:
        """Why it cannot go out; None when it has its slot and its core, and O2's token is spent."""
        if not dialled:
            return NOBODY
        obstacle = self._channels.take(call.username, call.counted, request.now)
        if obstacle is not None:
            return obstacle
        core = self._canary_core() if is_canary(call.username) else self._relay.select_core()
        if core is None:
            self._channels.undo(call.username, call.counted)
            return NO_CORE
        call.callee = core
        return None

    def _canary_core(self) -> str | None:
        """A canary calls nobody's core but its own."""
        core = self._get(tables.META, tables.CANARY_CORE)
        if core is not None:
            self._relay.aim(str(core))
        return None if core is None else str(core)

    def _send(self, request: Request, credential: Credential, key: str, call: Call, start: str, dialled: str) -> Reply:
        uri = f"sip:{dialled}@{call.callee}"
        record = f'{start},"k":{call.counted},"b0":"{call.callee}","ru":{text(uri)}'
        if not self._book.begin(key, call, record, request.now):
            self._channels.undo(call.username, call.counted)
            repeated = self._repeated(key, request)
            if repeated is not None:
                return self._refuse(request, credential, start, repeated)
            return Reply(503, (retry_after(LATER_SECONDS),))
        self._relay.clean()
        self._relay.name_tenant(credential.tenant)
        self._relay.name(uri)
        if self._relay.start(FAILED_OUTBOUND) or self._sends_elsewhere(key, call, dialled):
            return RELAYED
        self._book.ended(key, call.uid, End("gateway", 503, "O6", "not_sent"), request.now)
        self._channels.spare(call.username, call.counted)
        return Reply(503, (retry_after(SOON_SECONDS),))

    def _sends_elsewhere(self, key: str, call: Call, dialled: str) -> bool:
        """To the first of the other cores that this machine can send to."""
        while (core := self._relay.following_core()) is not None:
            call.callee = core
            self._relay.address(f"sip:{dialled}@{core}", core)
            if self._book.moved(key, call) and self._relay.again(FAILED_OUTBOUND):
                return True
        return False

    def failed(self, now: int) -> None:
        """Every branch has failed: another core before the PBX hears of it, or the end of the call (rule O6)."""
        tm = self._ksr.tm
        key = call_key(str(self._call_id()), str(self._pv("$ft")))
        call = self._book.find(key)
        code = tm.t_get_status_code()
        if call is None or call.phase > RINGING:  # an administrator has ended it
            self._relay.refused_at_last()
            self._remember(Reply(passed_on(code)))
            return
        dead = code in RETRIED and call.phase == TRYING and tm.t_is_canceled() < 0
        timed_out = tm.t_branch_timeout() > 0 or call.rest == SILENT
        core = self._relay.next_core() if dead else None
        if core is not None:
            call.callee = core
            call.rest = SILENT if timed_out else ""
            self._relay.address(f"sip:{self._kx.get_ruser() or ''}@{core}", core)
            if self._book.moved(key, call) and self._relay.again(FAILED_OUTBOUND):
                return
        self._relay.refused_at_last()
        if dead:
            self._book.ended(key, call.uid, End("gateway", 503, "O6", "no_core", held=timed_out), now)
            later = retry_after(SOON_SECONDS)
            self._remember(Reply(503, (later,)))
            self._ksr.hdr.append_to_reply(f"{later}\r\n")
            tm.t_reply(503, "Service Unavailable")
        elif code in CHALLENGES:
            self._book.ended(key, call.uid, End("callee", code, "O6", "core_challenges"), now)
            self._remember(Reply(500))
            tm.t_reply(500, "Server Internal Error")
        else:
            by = "caller" if tm.t_is_canceled() > 0 else "gateway" if tm.t_branch_timeout() > 0 else "callee"
            self._remember(Reply(passed_on(code)))
            self._book.ended(key, call.uid, End(by, passed_on(code), held=timed_out), now)

    def _remember(self, reply: Reply) -> None:
        """R1: what a copy of the INVITE gets when tm has forgotten it."""
        key = self._replies.retransmission_key(self._kx.get_srcip(), int(self._kx.get_srcport()))
        self._replies.store(key, reply)

    def _repeated(self, key: str, request: Request) -> Obstacle | None:
        """The same Call-ID and tag again: what a PBX sends whose INVITE was under way when this gateway died.

        The call of before cannot be taken up, so it is cancelled; its slot comes back when the core has answered.
        """
        old = self._book.find(key)
        if old is None:
            return None
        if old.unfinished and old.outbound and old.username == request.username:
            self._book.note(old.uid, f'"cx":{request.now}', request.now)
        return REPEATED

    def _elsewhere(self, request: Request) -> Place | None:
        username = request.username or ""
        own, others = self._get(tables.STATE, username), self._get(tables.PEER, username)
        if own is None and others is None:
            return None
        binding = state.decode(str(own)).binding if own is not None else None
        peers = state.decode_peers(str(others)) if others is not None else []
        return elsewhere(request.address, binding, peers, request.now)

    def _is_emergency(self, dialled: str) -> bool:
        """O4: two to four digits, exactly."""
        return 2 <= len(dialled) <= 4 and self._get(tables.EMERGENCY, dialled) is not None

    def _start(
        self, call: Call, request: Request, credential: Credential, dialled: str, call_id: str, tag: str, cseq: int
    ) -> str:
        """The fields of a call's first line (docs/architecture.md)."""
        return (
            f'"id":"{call.uid}","s":{request.now},"d":"out","u":{text(request.username)},"cr":{text(credential.id)},'
            f'"n":null,"tn":{text(credential.tenant)},"f":{text(self._from_user())},"to":{text(dialled)},'
            f'"a":"{call.caller}","ci":{exactly(call_id)},"ft":{exactly(tag)},'
            f'"cs":{cseq},"em":{int(call.counted == EMERGENCY)},"pv":{credential.version}'
        )

    def _dialog(self) -> str:
        """What the gateway needs to speak within the dialog itself. Read before a slot is taken: reading may fail."""
        contact = readable(self._header, "Contact")
        return f'"fu":{text(self._from_uri())},"tu":{text(self._to_uri())},"ct":{text(contact)}'

    def _refuse(
        self,
        request: Request,
        credential: Credential,
        start: str,
        obstacle: Obstacle,
        details: dict[str, object] | None = None,
    ) -> Reply:
        """An event, the record of the attempt, and the reply."""
        rule, cause, code, wait = obstacle.rule, obstacle.cause, obstacle.code, obstacle.retry_after or None
        refusal = Refusal(request, rule, cause, code, credential=credential, retry_after=wait, details=details)
        self._recorder.refused(refusal)
        self._book.refused(f'{start},"k":{UNCOUNTED}', End("gateway", code, rule, cause), request.now)
        return Reply(code, (retry_after(wait),) if wait else ())
