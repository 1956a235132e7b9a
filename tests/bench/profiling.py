"""Where Kamailio's processes spend their CPU, by perf."""

import signal
import subprocess
from collections.abc import Collection
from pathlib import Path
from types import TracebackType


class Profile:
    """Samples these processes' stacks while the context lasts, for `perf report -i`. Without processes: nothing."""

    def __init__(self, pids: Collection[int] = (), file: Path | None = None) -> None:
        self._command = ["perf", "record", "-q", "-F", "997", "-g", "-o", str(file), "-p", ",".join(map(str, pids))]
        self._wanted = bool(pids)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Profile":
        """Errors: FileNotFoundError when perf is not installed (Debian's package linux-perf)."""
        if self._wanted:
            self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(30)
