"""One sipp process: how it starts, what it has counted so far, how it ends."""

import csv
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SCENARIOS = Path(__file__).resolve().parent / "scenarios"


@dataclass(frozen=True)
class Counted:
    """Calls in sipp's sense: a registration is one too. `established` is what a scenario counts as that."""

    succeeded: int = 0
    failed: int = 0
    current: int = 0
    established: int = 0

    @property
    def finished(self) -> int:
        return self.succeeded + self.failed


class Sipp:
    """A scenario, played from or at `local`. Its files lie in `folder`."""

    def __init__(self, scenario: str, folder: Path, local: tuple[str, int], arguments: Sequence[str | Path]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._counters = folder / "counters.csv"
        self._counters.unlink(missing_ok=True)
        self._command = ["sipp", "-sf", SCENARIOS / scenario, "-i", local[0], "-p", str(local[1]), "-nostdin"]
        self._command += ["-buff_size", "1048576", "-trace_err", "-error_file", folder / "errors.log"]
        self._command += ["-trace_stat", "-fd", "1", "-stf", self._counters, *arguments]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self._folder / "sipp.log").open("ab") as log:
            self._process = subprocess.Popen(self._command, cwd=self._folder, stdout=subprocess.DEVNULL, stderr=log)

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def counted(self) -> Counted:
        """As of at most a second ago; when it has ended, the last word."""
        try:
            rows = list(csv.DictReader(self._counters.read_text().splitlines(), delimiter=";"))
        except OSError:
            return Counted()
        if not rows or rows[-1].get("FailedCall(C)") is None:
            return Counted()
        last = rows[-1]
        return Counted(
            int(last["SuccessfulCall(C)"]),
            int(last["FailedCall(C)"]),
            int(last["CurrentCall"]),
            int(last.get("established(C)") or 0),
        )

    def complaint(self) -> str:
        """The ends of its logs."""
        logs = (self._folder / name for name in ("sipp.log", "errors.log"))
        return "\n".join(log.read_text(errors="replace")[-500:] for log in logs if log.exists())

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
