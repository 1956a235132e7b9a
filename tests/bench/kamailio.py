"""A Kamailio started for a measurement: how it starts, when it answers, what CPU it used, how it ends."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tests.sip.waiting import until

SHARED_MEMORY = 512  # MiB
PRIVATE_MEMORY = 16  # MiB a process
READY = 20.0  # seconds


class Kamailio:
    """One Kamailio with its own session, so that its processes can be told from all others."""

    def __init__(
        self,
        config: Path,
        home: Path,
        address: str,
        environment: Mapping[str, str] | None = None,
        options: Sequence[str] = (),
    ) -> None:
        self.address = (address, 5060)
        self._config = config
        self._home = home
        self._options = list(options)
        self._environment = {**os.environ, **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self._home / "kamailio.log"

    def start(self) -> None:
        """Errors: AssertionError with the end of the log when it does not answer OPTIONS."""
        run = self._home / "run"
        run.mkdir(exist_ok=True)
        command = ["kamailio", "-f", str(self._config), "-DD", "-E", "-Y", str(run), "-w", str(self._home)]
        command += self._options
        command += ["-m", str(SHARED_MEMORY), "-M", str(PRIVATE_MEMORY)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, env=self._environment, start_new_session=True
            )
        try:
            until(self._answers, READY, f"an answer from {self.address[0]}", pause=0.1)
        except AssertionError as problem:
            self.stop()
            raise AssertionError(f"{problem}\n{self.log.read_text(errors='replace')[-2000:]}") from problem

    def _answers(self) -> bool:
        process = self._process
        if process is None or process.poll() is not None:
            raise AssertionError("Kamailio ended while it started")
        return answers(self.address)

    def pids(self) -> frozenset[int]:
        return family(self._process.pid) if self._process else frozenset()

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._process = None


def answers(address: tuple[str, int], seconds: float = 0.3) -> bool:
    """Whether the SIP server there answers OPTIONS, with whatever status."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.settimeout(seconds)
        line.bind(("127.0.15.200", 0))
        line.sendto(_options(address, line.getsockname()), address)
        try:
            return line.recv(4096).startswith(b"SIP/2.0 ")
        except (TimeoutError, ConnectionError):
            return False


def _options(to: tuple[str, int], source: tuple[str, int]) -> bytes:
    mark = time.monotonic_ns()
    lines = [
        f"OPTIONS sip:{to[0]} SIP/2.0",
        f"Via: SIP/2.0/UDP {source[0]}:{source[1]};rport;branch=z9hG4bK{mark}",
        "Max-Forwards: 70",
        f"From: <sip:probe@{source[0]}>;tag={mark}",
        f"To: <sip:{to[0]}>",
        f"Call-ID: {mark}@{source[0]}",
        "CSeq: 1 OPTIONS",
        "Content-Length: 0",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def family(first: int) -> frozenset[int]:
    """A process and all that descend from it."""
    parents = dict(_parents())
    found = {first}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return frozenset(found)


def _parents() -> Iterator[tuple[int, int]]:
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            yield int(entry.parent.name), int(entry.read_text().rsplit(")", 1)[1].split()[1])


def cpu(pids: Iterable[int]) -> dict[int, float]:
    """Seconds of CPU, user and system, that each process has used with all its threads.

    They are `utime` and `stime`, but unrounded: `schedstat` counts nanoseconds.
    """
    return {pid: sum(_thread(task) for task in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9 for pid in pids}


def _thread(file: Path) -> int:
    try:
        return int(file.read_text().split()[0])
    except OSError:
        return 0
