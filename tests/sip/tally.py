"""Counting calls in progress by one's own knowledge: what the limits of the service are judged by."""

import threading
from collections import Counter
from collections.abc import Callable

from tests.sip.message import Message


def of_all(_: Message) -> str:
    return ""


class Tally:
    """Calls in progress, and the most that ever were, in all and by what `kind` makes of the INVITE.

    From the INVITE's arrival to a final refusal or a BYE in either direction. Several cores may share one tally.
    """

    def __init__(self, kind: Callable[[Message], str] = of_all) -> None:
        self._kind = kind
        self._lock = threading.Lock()
        self.total = 0
        self.count = 0
        self.highest = 0
        self.counts: Counter[str] = Counter()
        self.highests: Counter[str] = Counter()

    def enter(self, invite: Message) -> None:
        kind = self._kind(invite)
        with self._lock:
            self.total += 1
            self.count += 1
            self.counts[kind] += 1
            self.highest = max(self.highest, self.count)
            self.highests[kind] = max(self.highests[kind], self.counts[kind])

    def leave(self, invite: Message) -> None:
        with self._lock:
            self.count -= 1
            self.counts[self._kind(invite)] -= 1
