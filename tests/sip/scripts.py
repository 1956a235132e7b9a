"""What a callee does with a call: a list of answers, each so long after the INVITE arrived."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.sip.message import Headers, Message

SILENCE = 0
"""In place of a code: no answer."""
REASONS = {
    100: "Trying",
    180: "Ringing",
    181: "Call Is Being Forwarded",
    183: "Session Progress",
    200: "OK",
    202: "Accepted",
    302: "Moved Temporarily",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    408: "Request Timeout",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    482: "Loop Detected",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    491: "Request Pending",
    500: "Server Internal Error",
    503: "Service Unavailable",
    600: "Busy Everywhere",
    603: "Decline",
    604: "Does Not Exist Anywhere",
}


@dataclass(frozen=True)
class Step:
    """An answer `after` seconds. Each `fork` answers with a To tag of its own, as phones behind a proxy do."""

    after: float
    code: int
    headers: Headers = ()
    fork: int = 0
    session: bool = False
    reliable: bool = False

    @property
    def status(self) -> str:
        return f"{self.code} {REASONS.get(self.code, 'Whatever')}"


@dataclass(frozen=True)
class Script:
    """`hold`: hang up so many seconds after the answer. `heeds_cancel` False: the answer crosses with the CANCEL."""

    steps: tuple[Step, ...] = ()
    trying: bool = True
    hold: float | None = None
    heeds_cancel: bool = True


Chooser = Callable[[Message], Script]


def answers(
    after: float = 0.0,
    *,
    ring: float | None = 0.0,
    hold: float | None = None,
    headers: Headers = (),
    reliable: bool = False,
    heeds_cancel: bool = True,
) -> Script:
    """Ring after `ring` seconds (None: not at all), answer after `after`."""
    first = () if ring is None else (Step(ring, 180, reliable=reliable),)
    return Script((*first, Step(after, 200, headers, session=True)), hold=hold, heeds_cancel=heeds_cancel)


def answers_after_early_media(after: float = 0.1, *, hold: float | None = None, reliable: bool = True) -> Script:
    """183 with a session at once, then 200; the 183 reliable where the caller supports it (RFC 3262)."""
    return Script((Step(0, 183, session=True, reliable=reliable), Step(after, 200, session=True)), hold=hold)


def refuses(code: int, after: float = 0.0, *, ring: float | None = None, headers: Headers = ()) -> Script:
    first = () if ring is None else (Step(ring, 180),)
    return Script((*first, Step(after, code, headers)))


def redirects(contact: str, after: float = 0.0) -> Script:
    return refuses(302, after, headers=(("Contact", contact),))


def rings(after: float = 0.0) -> Script:
    """Ring until the caller gives up."""
    return Script((Step(after, 180),))


def tries() -> Script:
    """100 and nothing more."""
    return Script()


def stays_silent() -> Script:
    """Not even a 100, though CANCEL is answered."""
    return Script(trying=False)


def forks(count: int = 2, after: float = 0.0, apart: float = 0.01) -> Script:
    """Several phones ring, and answer before the first answer reaches the proxy before them (section 13.2.2.4)."""
    ringing = tuple(Step(0, 180, fork=fork) for fork in range(count))
    answered = tuple(Step(after + fork * apart, 200, fork=fork, session=True) for fork in range(count))
    return Script(ringing + answered)
