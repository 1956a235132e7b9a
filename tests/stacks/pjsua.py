"""PJSIP through pjsua2, as a PBX and as a carrier's core."""

import json
import subprocess
import sys
import threading
from pathlib import Path

from tests.sip.phone import Address
from tests.sip.target import Credential
from tests.stacks.pjsua_agent import Facts
from tests.stacks.process import Event, Events, Process
from tests.stacks.sound import Sound, read_sound

DOMAIN = "reg.example.net"
PBX_TONE, CORE_TONE = 440, 880
"""Hertz: what each side of a call sends."""


class PjsuaAgent:
    """The process of `pjsua_agent`: calls, and says what becomes of them in `events`."""

    def __init__(self, folder: Path, name: str, facts: Facts) -> None:
        self.events = Events()
        self._log = folder / f"{name}.log"
        self._facts = facts

    def start(self) -> None:
        pipe = subprocess.PIPE
        command = (sys.executable, "-m", "tests.stacks.pjsua_agent")
        self._process = Process(self._log, *command, stdin=pipe, stdout=pipe)
        threading.Thread(target=self._listen, daemon=True).start()
        self.say(json.dumps(self._facts))
        self.events.wait("ready", 10)

    def _listen(self) -> None:
        assert self._process.popen.stdout is not None
        for line in self._process.popen.stdout:
            if line.startswith("{"):
                self.events.add(json.loads(line))

    def say(self, line: str) -> None:
        assert self._process.popen.stdin is not None
        self._process.popen.stdin.write(line + "\n")
        self._process.popen.stdin.flush()

    def hang_up(self) -> None:
        self.say("hangup")

    def wait_talking(self, seconds: float = 10) -> None:
        self.events.wait("call", seconds, lambda call: call["state"] == "CONFIRMED")

    def wait_heard(self, packets: int, seconds: float = 10) -> str:
        """So many RTP packets came in, and as many went out; returns the address that they go to."""
        media = self.events.wait("media", seconds, lambda media: min(media["received"], media["sent"]) >= packets)
        return str(media["to"])

    def wait_over(self, seconds: float = 10) -> Event:
        """The end of a call; `code` is SIP's."""
        return self.events.wait("call", seconds, lambda call: call["state"] == "DISCONNECTED")

    def wait_left(self, seconds: float = 10) -> None:
        """The other side's BYE."""
        self.events.wait("bye", seconds)

    def heard(self) -> Sound:
        """What came in during the call that has ended."""
        self.events.wait("closed", 5)
        return read_sound(Path(self._facts["recording"]))

    def stop(self) -> None:
        if self._process.popen.poll() is None:
            self.say("quit")
        try:
            self._process.popen.wait(5)
        except subprocess.TimeoutExpired:
            self._process.popen.kill()
        for pipe in (self._process.popen.stdin, self._process.popen.stdout):
            if pipe is not None:
                pipe.close()
        self._process.end()


class Pjsua(PjsuaAgent):
    """A PBX; `answer` is the outcome of its registrations."""

    agent = "pjsua"
    tone = PBX_TONE

    def __init__(self, folder: Path, source: str, gateway: Address, credential: Credential, _number: str = "") -> None:
        """It takes calls to any number."""
        self.source = source
        facts: Facts = {
            "source": source,
            "port": 0,
            "gateway": gateway[0],
            "domain": DOMAIN,
            "username": credential.username,
            "password": credential.password,
            "tone": self.tone,
            "recording": str(folder / "pjsua.wav"),
        }
        super().__init__(folder, "pjsua", facts)
        self._answers = 0

    def start(self) -> None:
        super().start()
        self.register()

    def register(self) -> None:
        self.say("register")

    def answer(self, seconds: float) -> Event:
        """The next outcome: `code`, and the granted seconds as `expires`."""
        self._answers += 1
        self.events.wait("registration", seconds, lambda _: len(self.events.of("registration")) >= self._answers)
        return self.events.of("registration")[self._answers - 1]

    def leave(self) -> None:
        """De-register, as its administrator would."""
        self.say("leave")

    def listen(self) -> None:
        """It tells of everything from its start on."""

    def call(self, number: str) -> None:
        self.say(f"call sip:{number}@{DOMAIN}")


class PjsuaCore(PjsuaAgent):
    """A carrier's core: takes every call, and calls in through a gateway."""

    def __init__(self, folder: Path, address: Address, name: str = "core") -> None:
        self.address = address
        facts: Facts = {
            "source": address[0],
            "port": address[1],
            "gateway": "",
            "domain": address[0],
            "username": "",
            "password": "",
            "tone": CORE_TONE,
            "recording": str(folder / f"{name}.wav"),
        }
        super().__init__(folder, name, facts)

    def call(self, gateway: Address, number: str) -> None:
        self.say(f"call sip:{number}@{gateway[0]}:{gateway[1]}")
