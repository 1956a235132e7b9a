"""One configuration put in force, or not: everything of it that happens on this host (rule F3).

What can be refused is refused before the gateway notices anything. From the switch on there are two ends: the new
configuration serves a canary, or the one before is in force again.
"""

import logging
import sqlite3
import time
from collections.abc import Callable
from typing import Any, Final

from kemi import application as applications
from kemi import region as regions
from kemi.agent import canary
from kemi.agent.canary import CanaryError
from kemi.agent.checking import RefusedError, check, refuse_full
from kemi.agent.gateways import Gateways, NotServingError
from kemi.application import TRYING, Application, Outcome
from kemi.configuration import digest
from kemi.configurations import Configurations, UnfitError, fit
from kemi.region import Region
from kemi.store import Store

START_SECONDS: Final = 15.0
"""What a gateway may take until it serves. A call that is hung up meanwhile is repeated for 32 (RFC 3261, timer F)."""
BACK_SECONDS: Final = 30.0

Say = Callable[[str], None]

log = logging.getLogger("agent")


def _now() -> int:
    return time.time_ns() // 1_000_000


class Switch:
    """One region's."""

    def __init__(self, region: Region, host: dict[str, Any]) -> None:
        """`host` is `host.json`. Errors: KeyError when it does not say all of how Kamailio is started."""
        self._home = region.home
        self._first = region
        self._store_file = region.store
        self._command: list[str] = host["gateway"]
        self.configurations = Configurations(region.home)
        self.gateways = Gateways(region.home, region.pulse, host["log"], host["starts"])

    def recover(self) -> None:
        """After a start of the agent: nothing of an interrupted application is left. Errors: OSError, sqlite3.Error."""
        if applications.settle(self._home, _now()):
            log.warning("an application was interrupted: what was in force before is in force again")
        self.configurations.forget()
        self._clear()
        running = self.gateways.running()
        if running is not None and running.configuration != self.configurations.in_force():
            log.warning("the gateway runs %s, which is not in force: it starts again", running.configuration)
            self.gateways.end()

    def check(self, files: object, full: str) -> Outcome:
        """Whether it could be put in force."""
        try:
            name = self._add(files, full)
        except RefusedError as error:
            return Outcome("refused", str(error), False, _now())
        self.configurations.prune(name)
        return Outcome("checked", None, False, _now())

    def apply(self, plan: Application, files: object, full: str, say: Say) -> Outcome:
        """Takes it all the way; `say` is told each step that is reached."""
        try:
            if not plan.origin:
                raise RefusedError(
                    "nothing is in force here that could be gone back to: ./turnpike up brings something"
                )
            refuse_full(self._home)
            self.configurations.meet(full)
            name = self._add(files, full)
            if name == plan.origin:
                return Outcome("in-force", None, False, _now())
            plan = self._prepare(plan, name)
        except (RefusedError, OSError) as error:
            return Outcome("refused", _told(error), False, _now())
        say("switching")
        try:
            self.configurations.switch()
            plan = plan.at(TRYING)
            applications.write(self._home, plan)
        except OSError as error:
            self.configurations.go_back(plan.origin)
            self._clear_later()
            return Outcome("refused", f"it cannot be switched to: {_told(error)}", False, _now())
        say("trying")
        return self._try(plan)

    def _add(self, files: object, full: str) -> str:
        """The name of its folder, which is checked. Errors: RefusedError."""
        try:
            texts = fit(files)
            if digest(texts) != full:
                raise RefusedError("its files are not those that its digest was taken of")
            name = self.configurations.add(texts)
        except UnfitError as error:
            raise RefusedError(str(error)) from error
        except (OSError, ValueError) as error:
            raise RefusedError(f"its files cannot be written: {_told(error)}") from error
        try:
            check(self._command, self._home, self.configurations.path(name), self.region() or self._first)
        except RefusedError:
            self.configurations.discard(name)
            raise
        return name

    def region(self) -> Region | None:
        """As what is in force has it; None when that cannot be read."""
        try:
            return regions.load(self._home, self.configurations.current.resolve(strict=True))
        except (OSError, ValueError, KeyError, TypeError, regions.LimitsRefusedError):
            return None

    def _prepare(self, plan: Application, name: str) -> Application:
        """Everything that needs room on the disk. Errors: RefusedError, and nothing is left of it."""
        plan = Application(plan.id, plan.version, plan.previous, plan.origin, name)
        realm = regions.load(self._home, self.configurations.path(name)).realm
        try:
            self.configurations.prepare(name)
            applications.write(self._home, plan)
            self._canary = canary.hatch()
            store = Store(self._store_file)
            try:
                self._canary.put(store, realm)
            finally:
                store.close()
        except (OSError, sqlite3.Error) as error:
            self.configurations.forget()
            applications.remove(self._home)
            raise RefusedError(f"it cannot be prepared: {_told(error)}") from error
        return plan

    def _try(self, plan: Application) -> Outcome:
        mark, since = self.gateways.mark(), self.gateways.boot()
        try:
            self.gateways.bring_up(plan.target, since, mark, START_SECONDS)
            canary.sing(self._canary, regions.load(self._home, self.configurations.path(plan.target)))
        except Exception as error:
            if not isinstance(error, NotServingError | CanaryError):
                log.exception("trying a configuration: unexpected error")
            return self._go_back(plan, _told(error))
        self._clear_later()
        self.configurations.forget()
        self.configurations.touch(plan.target)
        self.configurations.prune(plan.origin)
        return Outcome("in-force", None, True, _now())

    def _go_back(self, plan: Application, reason: str) -> Outcome:
        self.configurations.go_back(plan.origin)
        mark, since = self.gateways.mark(), self.gateways.boot()
        try:
            self.gateways.bring_up(plan.origin, since, mark, BACK_SECONDS, patient=True)
        except NotServingError as error:
            reason += f"; what was in force before is so again, and {error}"
        self._clear_later()
        return Outcome("rolled-back", reason, True, _now())

    def _clear(self) -> None:
        store = Store(self._store_file)
        try:
            canary.clear(store)
        finally:
            store.close()

    def _clear_later(self) -> None:
        """A canary that cannot be removed now is so at the agent's next start."""
        try:
            self._clear()
        except sqlite3.Error as error:
            log.warning("the canary stays known for a while: %s", error)


def _told(error: Exception) -> str:
    """Without the number, and the file's name, that an OSError's text begins and ends with."""
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
