"""Taking parts of a running service away, and waiting until they are back."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, cast
from xmlrpc.client import ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from tests.sip.network import Network
from tests.sip.phone import Address, NoAnswerError, Phone
from tests.sip.processes import kill, tree
from tests.sip.turnpike import Turnpike
from tests.sip.waiting import until


class Outages:
    """Kills and halts the processes of one service."""

    def __init__(self, service: Turnpike) -> None:
        self._service = service
        self._halted: list[int] = []

    def of_region(self, name: str) -> frozenset[int]:
        """All processes of a region, to be killed in one go."""
        instance = self._service.instance
        return tree([*instance.pids(f"{name}-gateway"), *instance.pids(f"{name}-agent")])

    @contextmanager
    def without(self, part: str) -> Iterator[None]:
        """Halt a part (SIGSTOP: its connections stay open and nobody answers, the worst kind of outage)."""
        with self.halted(self.of_part(part)):
            yield

    def of_part(self, part: str) -> frozenset[int]:
        """All its processes."""
        pids = tree(self._service.instance.pids(part))
        assert pids, f"no process of {part}"
        return pids

    @contextmanager
    def halted(self, pids: frozenset[int]) -> Iterator[None]:
        """The same with processes that are known."""
        self._halted += pids
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            self.end()

    @contextmanager
    def stopped(self, part: str) -> Iterator[None]:
        """Stop a part in order, and start it again."""
        home = self._service.instance.home
        transport = SupervisorTransport(None, None, serverurl=f"unix://{home / 'run' / 'supervisor.sock'}")
        supervisor = cast(Any, ServerProxy("http://localhost", transport=cast(Any, transport))).supervisor
        supervisor.stopProcess(part)
        assert not tree(self._service.instance.pids(part)), f"{part} still runs"
        try:
            yield
        finally:
            supervisor.startProcess(part)
            transport.close()
            until(self._ready, 60, f"the service is ready again after {part} was stopped", pause=0.2)

    def _ready(self) -> bool:
        return self._service.instance.run("status", check=False).returncode == 0

    def end(self) -> None:
        """Everything that was halted goes on."""
        while self._halted:
            os.kill(self._halted.pop(), signal.SIGCONT)


def kill_after(pids: frozenset[int], answered: float) -> float:
    """Kill them; seconds since `answered`, a moment of `time.monotonic()`."""
    kill(pids)
    return monotonic() - answered


def back(network: Network, gateway: Address, seconds: float = 40) -> None:
    """Wait until the gateway answers OPTIONS again."""
    phone = network.phone(gateway)
    until(lambda: _answers(phone), seconds, f"{gateway[0]} answers again", pause=0.1)
    phone.close()


def _answers(phone: Phone) -> bool:
    try:
        return phone.exchange(phone.request("OPTIONS"), 0.3).status == 200
    except NoAnswerError:
        return False
