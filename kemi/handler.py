"""The handler of all requests, replies and turns of the clock. `gateway` gives it to Kamailio.

What a request goes through reads as a list of steps; the first that deals with it ends it.
"""

import os
import time
from collections.abc import Callable
from typing import Final

from kemi.admission import Admission
from kemi.authentication import Authentication
from kemi.blocks import Blocks
from kemi.callbook import CallBook
from kemi.channels import Channels
from kemi.clockwork import Clockwork
from kemi.dialogs import Dialogs
from kemi.inbound import Inbound
from kemi.journal import Journal
from kemi.ksr import Ksr
from kemi.lists import CoreList, DeviceLists
from kemi.message import INVITE, REGISTER, Reader, Request, UnreadableError
from kemi.outbound import Outbound
from kemi.recorder import Recorder
from kemi.region import Region
from kemi.registrar import Registrar
from kemi.relay import Relay
from kemi.replies import Replies, Reply, retry_after
from kemi.responses import Responses
from kemi.store import StoreReader

FAILED_SECONDS: Final = 60
CRITICAL: Final = -2
"""Kamailio's log level, one above errors."""
TIMER_PROCESS: Final = 99
"""The timer process's number among the journals."""
OTHER_PROCESSES: Final = 1000
"""Kamailio's own timers have no rank to tell them apart; they run failure routes. Their pids do, beyond this number."""


class Gateway:
    """The handler: made once before Kamailio forks, then used by each process for itself."""

    def __init__(self, ksr: Ksr, region: Region, boot: int) -> None:
        self._ksr = ksr
        self._region = region
        self._boot = boot
        self._rank = 0
        self._complaint = ""
        self._clockwork: Clockwork | None = None
        recorder = Recorder(ksr, lambda: Journal(region.journals, boot, self._rank))
        cores = CoreList(ksr.htable)
        blocks = Blocks(ksr.htable, recorder, region.thresholds, cores)
        self._method = ksr.kx.get_method
        self._reader = Reader(ksr, DeviceLists(ksr.htable))
        replies = Replies(ksr, region.realm)
        self._blocks = blocks
        self._recorder = recorder
        self._replies = replies
        self._authentication = Authentication(ksr, region.realm, replies, recorder, blocks)
        self._registrar = Registrar(ksr, region.limits, recorder, blocks)
        admission = Admission(ksr, replies, recorder, blocks)
        self._admission = admission
        channels = Channels(ksr.htable, region.limits)
        self._book = CallBook(ksr.htable, recorder, channels)
        relay = Relay(ksr, region.limits.ringing)
        self._outbound = Outbound(ksr, replies, recorder, relay, self._book, channels)
        self._inbound = Inbound(ksr, region, cores, admission, replies, relay, self._book)
        self._dialogs = Dialogs(ksr, self._reader, cores, replies, admission, relay, self._book)
        self._responses = Responses(ksr, cores, self._book)

    # The steps: each says whether it has dealt with the request

    def _registers(self, request: Request) -> bool:
        return (
            self._is_not_heard(request)
            or self._admission.refuses_preloaded_route(request)
            or self._authentication.challenges(request)
            or self._authentication.answers(request, self._registrar)
        )

    def _calls(self, request: Request) -> bool:
        """INVITE."""
        return (
            self._inbound.answers(request)
            or self._is_not_heard(request)
            or self._dialogs.bridges(request)
            or self._admission.refuses_unknown_dialog(request)
            or self._admission.refuses_preloaded_route(request)
            or self._authentication.challenges(request)
            or self._authentication.answers(request, self._outbound)
        )

    def _asks(self, request: Request) -> bool:
        """Any other method."""
        admission = self._admission
        return (
            self._is_not_heard(request)
            or self._dialogs.bridges(request)
            or admission.drops_ack(request)
            or admission.refuses_unknown_dialog(request)
            or admission.refuses_preloaded_route(request)
            or admission.answers_options(request)
            or admission.refuses_method(request)
        )

    def _is_not_heard(self, request: Request) -> bool:
        admission = self._admission
        return (
            admission.ignores_scanner(request)
            or admission.refuses_blocked(request)
            or admission.refuses_malformed(request)
            or admission.refuses_last_hop(request)
        )

    # What Kamailio calls

    def child_init(self, rank: int) -> int:
        """Kamailio calls this in each process; workers have ranks from 1.

        Kamailio's parsers call malformed messages errors, with several lines each: anybody could fill the log.
        """
        self._rank = rank if rank > 0 else OTHER_PROCESSES + os.getpid()
        if rank > 0:
            self._ksr.kex.setdebug(CRITICAL)
        return 0

    def ksr_request_route(self, _msg: object) -> int:
        """Each request."""
        try:
            method, now = self._method(), time.time_ns() // 1_000_000
            if method == REGISTER:
                self._registers(self._reader.read(method, now, tagged=False))
            elif self._dialogs.passes(method, now):
                return 1
            elif method == INVITE:
                self._calls(self._reader.read(method, now, tagged=self._dialogs.tagged))
            else:
                self._asks(self._reader.read(method, now, tagged=self._dialogs.tagged))
        except (UnicodeDecodeError, UnreadableError):
            self._refuses_unreadable()
        except Exception as error:  # noqa: BLE001 - an exception would leave the sender without an answer
            self._failed(error)
        return 1

    def ksr_reply_route(self, _msg: object) -> int:
        """Each response. One that could not be judged goes nowhere: its sender repeats it."""
        try:
            self._responses.answered(time.time_ns() // 1_000_000)
        except Exception as error:  # noqa: BLE001 - Kamailio would pass it on
            self._ksr.set_drop()
            if not isinstance(error, UnicodeDecodeError):
                self._ksr.crit(f"response failed: {type(error).__name__}: {error}\n")
        return 1

    def outbound_failed(self, _msg: object) -> int:
        """Every branch of a PBX's INVITE has failed (`relay.FAILED_OUTBOUND`)."""
        return self._guard(lambda: self._outbound.failed(time.time_ns() // 1_000_000))

    def inbound_failed(self, _msg: object) -> int:
        """Every branch of a core's INVITE has failed (`relay.FAILED_INBOUND`)."""
        return self._guard(lambda: self._inbound.failed(time.time_ns() // 1_000_000))

    def bye_failed(self, _msg: object) -> int:
        """A BYE was refused or found nobody (`relay.FAILED_BYE`)."""
        return self._guard(lambda: self._responses.bye_failed(time.time_ns() // 1_000_000))

    def _guard(self, act: Callable[[], None]) -> int:
        """tm then sends what it has."""
        try:
            act()
        except Exception as error:  # noqa: BLE001 - an exception would be logged without its place
            self._ksr.crit(f"failure route failed: {type(error).__name__}: {error}\n")
        return 1

    def turn_clockwork(self, _msg: object, _argument: str) -> int:
        """The timer process, ten times a second."""
        try:
            if self._clockwork is None:
                self._rank = TIMER_PROCESS
                self._clockwork = self._wind_up()
            self._clockwork.tick(time.time_ns() // 1_000_000)
            self._complaint = ""
        except Exception as error:  # noqa: BLE001 - the next turn tries again
            self._complain(f"clockwork: {type(error).__name__}: {error}\n")
        return 1

    def _refuses_unreadable(self) -> None:
        """W2: SIP is UTF-8 (RFC 3261 §25.1). Who is blocked is so for these too."""
        source = self._reader.read_source()
        if not self._admission.refuses_blocked(source):
            self._admission.refuse(source, "W2", "malformed", 400)

    def _wind_up(self) -> Clockwork:
        return Clockwork(
            self._ksr,
            self._region,
            self._boot,
            StoreReader(self._region.store),
            self._recorder,
            self._registrar,
            self._blocks,
            self._book,
        )

    def _complain(self, complaint: str) -> None:
        """Once for as long as it stays the same: there are ten turns a second."""
        if complaint != self._complaint:
            self._ksr.crit(complaint)
        self._complaint = complaint

    def _failed(self, error: Exception) -> None:
        self._ksr.crit(f"request failed: {type(error).__name__}: {error}\n")
        self._replies.send(Reply(500, (retry_after(FAILED_SECONDS),)))
