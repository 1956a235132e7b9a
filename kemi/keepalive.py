"""OPTIONS to every bound PBX: they keep its NAT pinhole open (rule R7) and tell whether it still answers (rule R6).

They are sent from the gateway's own port, statelessly, and spread over the interval.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from kemi import tables
from kemi.canary import is_canary
from kemi.ksr import Ksr
from kemi.region import Limits, Region
from kemi.state import ANSWERS, SILENT

CALL_ID: Final = "@keep.invalid"
"""Ends the Call-ID of a keep-alive; before it stands the binding's uid, which only its PBX has seen."""


def kept_alive(call_id: str, method: str) -> str | None:
    """The uid of the binding whose keep-alive a response with this Call-ID answers; None for any other."""
    return call_id[: -len(CALL_ID)] if call_id.endswith(CALL_ID) and method == "OPTIONS" else None


class Watched:
    """One binding under watch; `place` is its slot in the wheel."""

    def __init__(self, binding: dict[str, Any], place: int) -> None:
        self.binding = binding
        self.place = place
        self.uid: str = binding["id"]
        self.expires: int = binding["exp"]
        self.answers = 0
        self.missed = 0
        self.pinged = 0


class KeepAlive:
    """Which bindings there are, and which are due. Fed with journal lines' states."""

    def __init__(self, ksr: Ksr, region: Region, ticks_a_second: int) -> None:
        self._table = ksr.htable
        self._get = ksr.htable.sht_get
        self._send = ksr.corex.send_data
        self._host, self._port = region.address, region.port
        self._limits: Limits = region.limits
        self._slots = max(1, region.limits.keepalive_interval * ticks_a_second)
        self._wheel: list[dict[str, Watched]] = [{} for _ in range(self._slots)]
        self._watched: dict[str, Watched] = {}
        self._bound: Counter[str] = Counter()
        self._at = 0
        self._canaries = 0

    def __len__(self) -> int:
        return len(self._watched) - self._canaries

    def watch(self, username: str, binding: dict[str, Any] | None, *, fresh: bool = True) -> None:
        """The credential's binding now; None when it has none.

        A fresh one has just opened its pinhole: its first keep-alive comes half an interval to an interval later.
        """
        watched = self._watched.get(username)
        if watched is not None and binding is not None and watched.uid == binding["id"]:
            watched.binding, watched.expires = binding, binding["exp"]
            return
        if watched is not None:
            self._forget(username, watched)
        if binding is not None:
            wait = self._slots // 2 if fresh else 0
            place = (self._at + wait + hash(username) % (self._slots - wait)) % self._slots
            self._watched[username] = self._wheel[place][username] = Watched(binding, place)
            self._canaries += is_canary(username)
            self._count(binding["a"], 1)

    def _forget(self, username: str, watched: Watched) -> None:
        del self._watched[username]
        self._canaries -= is_canary(username)
        del self._wheel[watched.place][username]
        self._count(watched.binding["a"], -1)

    def _count(self, address: str, change: int) -> None:
        """What the workers know of the addresses of bindings (rule W4)."""
        before = self._bound[address]
        self._bound[address] = before + change
        if before == 0:
            self._table.sht_seti(tables.BOUND, address, 1)
        elif before + change == 0:
            del self._bound[address]
            self._table.sht_rm(tables.BOUND, address)

    def turn(self, now: int) -> Iterator[tuple[str, str, int]]:
        """Sends what is due now; yields (username, binding uid, what it is now) for each PBX that fell silent or was
        heard again.
        """
        slot = self._wheel[self._at]
        self._at = (self._at + 1) % self._slots
        for username, watched in list(slot.items()):
            if watched.expires <= now:
                self._forget(username, watched)
                continue
            change = self._judge(watched)
            if change is not None:
                yield username, watched.uid, change
            self._ping(watched)

    def _judge(self, watched: Watched) -> int | None:
        """What the answers since the last keep-alive mean, if that is news."""
        known = watched.binding["ka"]
        answers = int(self._get(tables.ALIVE, watched.uid) or 0)
        if answers < watched.answers:
            watched.answers = 0
        if answers > watched.answers:
            watched.answers, watched.missed = answers, 0
            return ANSWERS if known != ANSWERS else None
        watched.missed += watched.pinged > 0
        return SILENT if known == ANSWERS and watched.missed >= self._limits.keepalive_missed else None

    def _ping(self, watched: Watched) -> None:
        watched.pinged += 1
        binding = watched.binding
        self._send(f"sip:{binding['a']}:{binding['p']}", self._options(binding["c"], watched.uid, watched.pinged))

    def _options(self, contact: str, uid: str, number: int) -> str:
        """RFC 3261 §11. The Request-URI is the PBX's own Contact."""
        return (
            f"OPTIONS {contact} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {self._host}:{self._port};branch=z9hG4bK{uid}.{number};rport\r\n"
            f"From: <sip:{self._host}>;tag={uid}\r\n"
            f"To: <{contact}>\r\n"
            f"Call-ID: {uid}{CALL_ID}\r\n"
            f"CSeq: {number} OPTIONS\r\n"
            "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
        )
