"""One UDP socket and one thread that serves it: datagrams, timers, and work that tests hand in."""

import heapq
import itertools
import random
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

Address = tuple[str, int]
Result = TypeVar("Result")
BUFFER = 16 << 20
BATCH = 64  # datagrams between two looks at the timers


@dataclass(frozen=True)
class Timers:
    """T1 and T2 of RFC 3261 section 17.1.1.1, in seconds; what a transaction lives for is 64 times T1."""

    t1: float = 0.5
    t2: float = 4.0

    @property
    def lifetime(self) -> float:
        return 64 * self.t1


class Timer:
    """Something that happens later, unless it is cancelled before."""

    __slots__ = ("action",)

    def __init__(self, action: Callable[[], None]) -> None:
        self.action: Callable[[], None] | None = action

    def cancel(self) -> None:
        self.action = None


class Endpoint:
    """A host on the network. Everything that it knows is touched by its thread only, so it needs no locks.

    `loss` is the share of packets (0 to 1) that vanish, in each direction, by a random sequence of `seed`.
    `opener` makes the socket: in another network namespace, for example.
    """

    def __init__(
        self,
        address: Address,
        *,
        timers: Timers | None = None,
        loss: float = 0.0,
        seed: int = 0,
        opener: "Callable[[Address], socket.socket] | None" = None,
    ) -> None:
        self.timers = timers or Timers()
        self._opener = opener or _bound
        self.loss = loss
        self.muted = False
        self.faults: list[Exception] = []
        self.sent = self.received = self.lost = 0
        self._chance = random.Random(seed)
        self._pending: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._posted: deque[Callable[[], None]] = deque()
        self._bell, self._ringer = socket.socketpair()
        self._bell.setblocking(False)
        self._ringer.setblocking(False)
        self._line: socket.socket | None = None
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._bell, selectors.EVENT_READ)
        self._open(address)
        self._closing = False
        self._thread = threading.Thread(target=self._serve, name=f"sip {self.address}:{self.port}", daemon=True)
        self._thread.start()

    def _open(self, address: Address) -> None:
        line = self._opener(address)
        _enlarge(line)
        line.setblocking(False)
        self.address, self.port = line.getsockname()
        self._selector.register(line, selectors.EVENT_READ)
        self._line = line

    # What tests call

    def do(self, action: Callable[[], Result]) -> Result:
        """Do this on the endpoint's thread and hand back what it returns or raises."""
        if threading.current_thread() is self._thread:
            return action()
        future: Future[Result] = Future()
        self._posted.append(lambda: _fulfil(future, action))
        self._ring()
        return future.result(timeout=60)

    def silence(self) -> None:
        """The host is dead: whatever comes or goes is lost, but its timers go on."""
        self.muted = True

    def speak(self) -> None:
        self.muted = False

    def stop(self) -> None:
        """The process is gone: its port is closed. What it knows is kept for `start`."""
        self.do(self._hang)

    def start(self) -> None:
        self.do(lambda: None if self._line else self._open((self.address, self.port)))

    def close(self) -> None:
        """End the thread. AssertionError when something arrived that it could not read or deal with."""
        if not self._closing:
            self._closing = True
            self._ring()
            self._thread.join(60)
            self._bell.close()
            self._ringer.close()
        faults, self.faults = self.faults, []
        assert not faults, f"{self.address}:{self.port}: {faults[:5]!r}"

    # What its own thread calls

    def later(self, seconds: float, action: Callable[[], None]) -> Timer:
        timer = Timer(action)
        heapq.heappush(self._pending, (time.monotonic() + seconds, next(self._order), timer))
        return timer

    def send(self, data: bytes, to: Address) -> None:
        """Send a datagram, or lose it."""
        if self._line is None or self._loses():
            return
        self.sent += 1
        try:
            self._line.sendto(data, to)
        except OSError as problem:  # a full buffer, or an ICMP error of an earlier packet: as good as lost
            self.lost += 1
            if not isinstance(problem, BlockingIOError | ConnectionError):
                self.faults.append(problem)

    def datagram(self, data: bytes, source: Address) -> None:
        """What arrived. Subclasses say what it means."""
        raise NotImplementedError

    def drop_timers(self) -> None:
        self._pending.clear()

    def _loses(self) -> bool:
        lost = self.muted or (self.loss > 0 and self._chance.random() < self.loss)
        self.lost += lost
        return lost

    def _ring(self) -> None:
        try:
            self._ringer.send(b"!")
        except BlockingIOError:
            return  # the bell has been rung often enough

    def _hang(self) -> None:
        if self._line is not None:
            self._selector.unregister(self._line)
            self._line.close()
            self._line = None

    def _serve(self) -> None:
        while not self._closing:
            for key, _ in self._selector.select(self._wait()):
                if key.fileobj is self._bell:
                    self._bell.recv(4096)
                else:
                    self._drain()
            self._work_off()
            self._expire()
        self._hang()
        self._selector.close()

    def _wait(self) -> float | None:
        if self._posted:
            return 0
        return max(0.0, self._pending[0][0] - time.monotonic()) if self._pending else None

    def _drain(self) -> None:
        for _ in range(BATCH):
            try:
                data, source = self._line.recvfrom(65535) if self._line else (b"", ("", 0))
            except (BlockingIOError, ConnectionError):
                return
            if not data.strip(b"\r\n\0") or self._loses():
                continue
            self.received += 1
            self._guarded(partial(self.datagram, data, source))

    def _work_off(self) -> None:
        while self._posted:
            self._guarded(self._posted.popleft())

    def _expire(self) -> None:
        now = time.monotonic()
        while self._pending and self._pending[0][0] <= now:
            _, _, timer = heapq.heappop(self._pending)
            action, timer.action = timer.action, None
            if action is not None:
                self._guarded(action)

    def _guarded(self, action: Callable[[], None]) -> None:
        """A fault must neither end the thread nor go unseen: `close` raises it."""
        try:
            action()
        except Exception as problem:  # noqa: BLE001
            self.faults.append(problem)


def _bound(address: Address) -> socket.socket:
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.bind(address)
    return line


def _enlarge(line: socket.socket) -> None:
    """A buffer for a burst of thousands; beyond the system's maximum where that is permitted."""
    force = 33  # SO_RCVBUFFORCE, socket(7)
    try:
        line.setsockopt(socket.SOL_SOCKET, force, BUFFER)
    except PermissionError:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)


def _fulfil(future: "Future[Result]", action: Callable[[], Result]) -> None:
    try:
        future.set_result(action())
    except BaseException as problem:  # noqa: BLE001
        future.set_exception(problem)
