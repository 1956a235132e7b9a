"""A carrier's core, played by sipp."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from api.demo.process import Process
from api.service.sip import options
from api.settings import SIP_PORT

SCENARIOS: Final = Path(__file__).parent / "scenarios"
CALLER_PORT, SPEECH_PORT, CALLER_SPEECH_PORT = 5070, 6000, 6100
WITH_US: Final = ("setpriv", "--pdeathsig", "TERM", "--")
"""What it starts ends with whoever started it, even with one that was killed."""


class Sipp:
    """A scenario, played at `address`. What it logs can be read while it runs."""

    def __init__(self, scenario: str, address: str, folder: Path, **words: str) -> None:
        """`words` stand in the scenario as @WORD@."""
        folder.mkdir()
        text = (SCENARIOS / scenario).read_text(encoding="utf-8")
        for word, value in words.items():
            text = text.replace(f"@{word.upper()}@", value)
        self._scenario = folder / scenario
        self._scenario.write_text(text, encoding="utf-8")
        self._folder = folder
        self._address = address
        self._process: Process | None = None

    def start(self, port: int, speech_port: int, *more: str) -> None:
        """`more` are further arguments of sipp."""
        files = ["-sf", str(self._scenario), "-trace_logs", "-log_file", str(self._folder / "log")]
        files += ["-trace_err", "-error_file", str(self._folder / "errors")]
        place = ["-i", self._address, "-p", str(port), "-mi", self._address, "-mp", str(speech_port)]
        rest = ["-ci", self._address, "-nostdin", "-rtp_echo", *more]
        self._process = Process(self._folder / "output", *WITH_US, "sipp", *files, *place, *rest, apart=True)

    def log(self) -> list[list[str]]:
        """The words of each line."""
        file = self._folder / "log"
        lines = file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""
        return [line.split() for line in lines.splitlines()]

    def codes(self) -> list[int]:
        """The responses to the INVITE, where the scenario logs those."""
        return [int(words[0]) for words in self.log() if len(words) == 1]

    def stop(self) -> None:
        """Returns when it has gone."""
        if self._process is not None:
            self._process.end()


class Core:
    """The core gateway of a region: it answers calls of one tenant, and calls in."""

    def __init__(self, region: str, address: str, folder: Path, tenant: str) -> None:
        self.name = f"core {region}"
        self.region = region
        self.address = address
        self._folder = folder
        self._taker = Sipp("core.xml", address, folder / f"core-{region}", tenant=tenant)
        self._callers: list[Sipp] = []

    def start(self) -> None:
        """It takes calls as soon as it `is_there`."""
        self._taker.start(SIP_PORT, SPEECH_PORT, "-aa")

    def is_there(self) -> bool:
        """It answers OPTIONS, with which a gateway asks whether it lives."""
        return options(self.address) == 200

    def tenant_of(self, dialled: str) -> str | None:
        """What X-Tenant said in the call to this number; None when no such call has come."""
        calls = [words for words in self._taker.log() if words[:2] == ["INVITE", dialled]]
        return (calls[0][2:] or [""])[0] if calls else None

    def was_left(self, dialled: str) -> bool:
        """The call to this number has ended with a BYE."""
        return ["BYE", dialled] in self._taker.log()

    def call(self, gateway: str, number: str, caller: str, seconds: float) -> Sipp:
        """A call in; the core hangs up so long after the answer."""
        calling = Sipp(
            "caller.xml", self.address, self._folder / f"caller-{len(self._callers)}-{self.region}", caller=caller
        )
        self._callers.append(calling)
        arguments = ["-s", number, "-m", "1", "-d", str(round(seconds * 1000)), gateway]
        calling.start(CALLER_PORT, CALLER_SPEECH_PORT, *arguments)
        return calling

    def stop(self) -> None:
        """Both ways."""
        for sipp in (*self._callers, self._taker):
            sipp.stop()
