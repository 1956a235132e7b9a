"""The agent's threads: store (pull and report), ship, fold, apply; each with its own connections.

With MariaDB away the first two try again, and folding goes on.
"""

import logging
import threading
import time
from collections.abc import Callable

from kemi.agent.applying import Applying
from kemi.agent.database import Access, Attempts, Database, Link, Reachability, connect
from kemi.agent.fold import Folder, now_ms
from kemi.agent.mirror import Mirror
from kemi.agent.peers import Peers
from kemi.agent.report import Pulse, Reporter
from kemi.agent.ring import Ring
from kemi.agent.ship import Shipper
from kemi.agent.sweep import GRACE_SECONDS, Sweeper
from kemi.region import Region
from kemi.store import Store

log = logging.getLogger("agent")

PULSE_SECONDS = 0.04
PULL_SECONDS = 0.1
SHIP_SECONDS = 0.1
FOLD_SECONDS = 0.25
SWEEP_SECONDS = 5.0
PRUNE_SECONDS = 600.0
PURGE_SECONDS = 300.0
FORGET_SECONDS = 5.0
"""So a round takes as long as a full ring of 100,000 credentials takes to turn."""
JOIN_SECONDS = 2.0


class Every:
    """True once per interval, beginning at once."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._next = 0.0

    def is_due(self) -> bool:
        if self._clock() < self._next:
            return False
        self._next = self._clock() + self._seconds
        return True


class Agent:
    """One region's agent."""

    def __init__(self, region: Region, access: Access) -> None:
        self._region = region
        self._reachability = Reachability("MariaDB")
        self._opener = lambda: connect(access)
        self._stop = threading.Event()
        self._failed = False
        self._started = now_ms()
        ring = Ring(region.limits.interval, region.limits.granted)
        self._shipper = Shipper(region.name, region.journals, ring)
        self._applying = Applying(region, self._adopt)

    def stop(self) -> None:
        """Ask all threads to end; safe in a signal handler."""
        self._stop.set()

    def run(self) -> int:
        """Until `stop` or until a thread fails; the exit status."""
        work = {
            "store": self._keep_store,
            "ship": self._keep_shipping,
            "fold": self._keep_folding,
            "apply": self._keep_applying,
        }
        threads = [threading.Thread(target=self._guard, args=item, name=item[0], daemon=True) for item in work.items()]
        for thread in threads:
            thread.start()
        self._stop.wait()
        deadline = time.monotonic() + JOIN_SECONDS
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return 1 if self._failed else 0

    def _guard(self, name: str, work: Callable[[], None]) -> None:
        """A thread that ends ends the agent: its supervisor starts it anew, which half an agent would prevent."""
        try:
            work()
        except Exception:
            self._failed = True
            log.exception("%s: unexpected error, the agent ends", name)
        finally:
            self._stop.set()

    def _link(self, name: str) -> Link:
        return Link(name, self._opener, self._reachability)

    def _adopt(self, region: Region) -> None:
        """What is in force may be another configuration now."""
        self._region = region

    @property
    def _grace(self) -> float:
        """Files are kept for as long as a start of the gateway counts the wrong passwords in them (rule B2)."""
        return GRACE_SECONDS + self._region.thresholds.wrong_window

    def _pulse(self) -> Pulse:
        return Pulse(self._region.pulse)

    def _keep_store(self) -> None:
        store = Store(self._region.store)
        mirror, peers = Mirror(self._region.name, store), Peers(self._region.name, store)
        reporter = Reporter(self._region, store, self._pulse(), self._started)
        link, pull = self._link("store"), Every(PULL_SECONDS)

        def work(database: Database) -> None:
            if pull.is_due():
                mirror.pull(database)
                peers.pull(database)
            if reporter.is_due():
                reporter.report(database)

        while not self._stop.is_set():
            self._stop.wait(link.attempt(work) or PULSE_SECONDS)
        link.close()
        store.close()

    def _keep_shipping(self) -> None:
        link, purge, forget = self._link("ship"), Every(PURGE_SECONDS), Every(FORGET_SECONDS)
        more = False

        def work(database: Database) -> None:
            nonlocal more
            more = self._shipper.ship(database)
            if purge.is_due():
                self._shipper.purge(database)
            if forget.is_due():
                self._shipper.forget(database)

        while not self._stop.is_set():
            pause = link.attempt(work)
            self._stop.wait(pause or (0 if more else SHIP_SECONDS))
        link.close()

    def _keep_folding(self) -> None:
        store = Store(self._region.store)
        folder, pulse = Folder(store, self._region.journals), self._pulse()
        sweeper = Sweeper(self._region.journals, grace=self._grace)
        attempts = Attempts("fold", Reachability("the region store"))
        sweep, prune = Every(SWEEP_SECONDS), Every(PRUNE_SECONDS)
        more = False

        def work() -> None:
            nonlocal more
            more = folder.fold()
            if sweep.is_due():
                sweeper.grace = self._grace
                sweeper.sweep(self._shipper.positions, folder.positions)
                folder.forget_deleted()
            if prune.is_due():
                pulse.refresh()
                folder.prune(now_ms(), pulse.applied_seq)

        while not self._stop.is_set():
            pause = attempts.attempt(work)
            self._stop.wait(pause or (0 if more else FOLD_SECONDS))
        store.close()

    def _keep_applying(self) -> None:
        self._applying.run(self._link("apply"), self._stop)
