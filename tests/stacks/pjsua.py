"""PJSIP through pjsua2, as a PBX and as a carrier's core."""

from pathlib import Path

from api.demo.pjsip import Pjsip
from api.demo.pjsip.trunk import Facts
from tests.sip.phone import Address
from tests.sip.target import Credential
from tests.stacks.process import Event, Events
from tests.stacks.sound import Sound, read_sound

DOMAIN = "reg.example.net"
PBX_TONE, CORE_TONE = 440, 880
"""Hertz: what each side of a call sends."""


class PjsuaAgent(Pjsip):
    """PJSIP, for tests that wait for what it says."""

    events: Events

    def __init__(self, folder: Path, name: str, facts: Facts) -> None:
        super().__init__(folder / f"{name}.log", facts, Events())

    def start(self, apart: bool = False) -> None:
        super().start(apart)
        self.events.wait("ready", 10)

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
        return read_sound(Path(self.facts["recording"]))


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
            "gateways": [gateway[0]],
            "domain": DOMAIN,
            "username": credential.username,
            "password": credential.password,
            "tone": self.tone,
            "recording": str(folder / "pjsua.wav"),
            "traced": False,
        }
        super().__init__(folder, "pjsua", facts)
        self._answers = 0

    def start(self, apart: bool = False) -> None:
        super().start(apart)
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
            "gateways": [],
            "domain": address[0],
            "username": "",
            "password": "",
            "tone": CORE_TONE,
            "recording": str(folder / f"{name}.wav"),
            "traced": False,
        }
        super().__init__(folder, name, facts)

    def call(self, gateway: Address, number: str) -> None:
        self.say(f"call sip:{number}@{gateway[0]}:{gateway[1]}")
