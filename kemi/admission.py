"""Who is heard at all: rules W2 to W4 and B. Each step says whether it has dealt with the request."""

import re
from typing import Final

from kemi import tables
from kemi.blocks import Blocks
from kemi.ksr import Ksr
from kemi.message import INVITE, Request, dialled
from kemi.recorder import Recorder, Refusal
from kemi.registration import seconds_until
from kemi.replies import Replies, Reply, retry_after

MESSAGE_CHECKS: Final = 1 + 2 + 4 + 32 + 64 + 128 + 256 + 1024 + 4096 + 16384
"""sanity: SIP version, scheme, required headers, CSeq method and value, Content-Length, Expires, URIs, doubled tags,
first Via.
"""
URI_CHECKS: Final = 1 + 2 + 4 + 8
"""Request-URI, From, To, Contact."""
LONGEST_MESSAGE: Final = 16_384
"""Bytes. A REGISTER has some 600, an INVITE with a long SDP some 5,000."""

ALLOW: Final = "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, REGISTER"
UNANSWERED: Final = "ACK"

_ROUTE: Final = re.compile(r"<sip:([A-Za-z0-9.-]{1,255})(?::5060)?(?:;[^<>,]*)?>", re.IGNORECASE)


class Admission:
    """The steps before anybody's password matters."""

    def __init__(self, ksr: Ksr, replies: Replies, recorder: Recorder, blocks: Blocks) -> None:
        self._ksr = ksr
        self._length = ksr.kx.get_msglen
        self._pv = ksr.pv.get
        self._is_sane = ksr.sanity.sanity_check
        self._is_forwarded_less_than = ksr.maxfwd.is_maxfwd_lt
        self._is_present = ksr.hdr.is_present
        self._remove = ksr.hdr.remove
        self._get = ksr.htable.sht_get
        self._replies = replies
        self._recorder = recorder
        self._blocks = blocks

    def ignores_scanner(self, request: Request) -> bool:
        """B6."""
        if not request.device.is_scanner:
            return False
        self._recorder.refused(Refusal(request, "B6", "scanner", None))
        return True

    def refuses_blocked(self, request: Request) -> bool:
        """B1: 429 at most once a second, then silence."""
        block = self._blocks.covering(request) if request.suspect else None
        if block is None or self._is_emergency(request):
            return False
        left = seconds_until(block.until, request.now)
        details: dict[str, object] = {"cause": block.cause, "until": block.until}
        self._recorder.refused(Refusal(request, "B1", "blocked", 429, retry_after=left, details=details))
        if request.method != UNANSWERED and self._blocks.may_answer(block, request.now):
            self._replies.send(Reply(429, (retry_after(left),)))
        return True

    def _is_emergency(self, request: Request) -> bool:
        """O4: a blocked address may send five emergency INVITEs a second."""
        if request.method != INVITE or self._get(tables.EMERGENCY, dialled(self._ksr.kx) or "-") is None:
            return False
        return self._blocks.may_call_for_help(request)

    def refuses_malformed(self, request: Request) -> bool:
        """W2."""
        return self.is_malformed() and self.refuse(request, "W2", "malformed", 400)

    def is_malformed(self) -> bool:
        try:
            ends = self._pv("$rb") is not None  # the empty line after the headers (RFC 3261 §7)
        except UnicodeDecodeError:  # a body may be binary
            ends = True
        return not ends or self._length() > LONGEST_MESSAGE or self._is_sane(MESSAGE_CHECKS, URI_CHECKS) <= 0

    def refuses_last_hop(self, request: Request) -> bool:
        """W3."""
        return self.is_last_hop() and self.refuse(request, "W3", "hops", 483)

    def is_last_hop(self) -> bool:
        """Max-Forwards 0 (RFC 3261 §16.3)."""
        return self._is_forwarded_less_than(1) >= 0

    def drops_ack(self, request: Request) -> bool:
        """An ACK that reaches this point belongs to no call, and is never answered (RFC 3261 §17.1.1.3)."""
        return request.method == UNANSWERED

    def refuses_unknown_dialog(self, request: Request) -> bool:
        """W4: a request within a dialog goes through only if its call is known here. A CANCEL without a transaction:
        RFC 3261 §9.2.
        """
        if request.method != "CANCEL" and not request.tagged:
            return False
        return self.refuse(request, "W4", "dialog", 481)

    def refuses_preloaded_route(self, request: Request) -> bool:
        """W4: nobody chooses where a message goes. A Route that names this gateway is what an outbound proxy setting
        makes.
        """
        if self._is_present("Route") < 0:
            return False
        if not self._routes_here():
            return self.refuse(request, "W4", "route", 403)
        self._remove("Route")
        return False

    def answers_options(self, request: Request) -> bool:
        """W3: PBXs qualify their trunks with OPTIONS."""
        if request.method != "OPTIONS":
            return False
        self._blocks.unsuccessful(request)
        self._replies.send(Reply(200, (ALLOW,)))
        return True

    def refuses_method(self, request: Request) -> bool:
        """W3."""
        return self.refuse(request, "W3", "method", 405, ALLOW)

    def refuse(self, request: Request, rule: str, cause: str, code: int, *headers: str) -> bool:
        """A refusal that needs no password."""
        self._blocks.unsuccessful(request)
        self._recorder.refused(Refusal(request, rule, cause, code))
        if request.method != UNANSWERED:
            self._replies.send(Reply(code, headers))
        return True

    def _routes_here(self) -> bool:
        """Whether the only Route names this gateway, or the host that the Request-URI names."""
        if self._ksr.hdr.get_idx("Route", 1) is not None:
            return False
        match = _ROUTE.fullmatch((self._ksr.hdr.get("Route") or "").strip())
        if match is None:
            return False
        return match[1].lower() == str(self._ksr.kx.get_rhost()).lower() or self._ksr.is_myself(f"sip:{match[1]}")
