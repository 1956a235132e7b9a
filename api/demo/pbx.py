"""A customer's PBX, played by PJSIP, with a trunk to each region."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from api.demo.customer import Login
from api.demo.patience import NotAsToldError
from api.demo.pjsip import Pjsip
from api.demo.places import Region
from api.demo.process import Events

if TYPE_CHECKING:
    from api.demo.pjsip.trunk import Facts

Message = dict[str, Any]
DOMAIN: Final = "registration"
CHALLENGE: Final = 407
TONE: Final = 440
"""Hertz of what it says."""


class Pbx:
    """`number` rings it, and is what it calls with. Messages are those of api/demo/pjsip/wire.py."""

    def __init__(self, name: str, address: str, number: str, login: Login, folder: Path) -> None:
        self.name = name
        self.address = address
        self.number = number
        self.login = login
        self._log = folder / f"{name}.log"
        self._pjsip: Pjsip | None = None
        self._events = Events()

    def start(self, regions: Sequence[Region]) -> None:
        """It registers in all regions at once."""
        facts: Facts = {
            "source": self.address,
            "port": 0,
            "gateways": [region.address for region in regions],
            "domain": DOMAIN,
            "username": self.login.username,
            "password": self.login.password,
            "tone": TONE,
            "recording": "",
            "traced": True,
        }
        self._pjsip = Pjsip(self._log, facts, self._events)
        self._pjsip.start(apart=True)
        self._say("register")

    def granted(self, region: Region) -> int:
        """Seconds; 0 until it is registered there."""
        outcomes = self._events.of("registration", lambda outcome: outcome["gateway"] == region.address)
        return next((int(outcome["expires"]) for outcome in outcomes if outcome["code"] == 200), 0)

    def leave(self) -> None:
        """De-register everywhere."""
        self._say("leave")

    def has_left(self, region: Region) -> bool:
        """The region said so."""
        outcomes = self._events.of("registration", lambda outcome: outcome["gateway"] == region.address)
        return [outcome["code"] for outcome in outcomes] == [200, 200]

    def call(self, region: Region, dialled: str) -> None:
        """Through this region."""
        self._say(f"call sip:{dialled}@{DOMAIN} {region.address} {self.number}")

    def hang_up(self) -> None:
        """All of its calls."""
        self._say("hangup")

    def _say(self, command: str) -> None:
        try:
            if self._pjsip is not None:
                self._pjsip.say(command)
        except OSError as error:
            raise NotAsToldError(f"{self.name} has died: {error}") from error

    def sent(self, dialled: str) -> str | None:
        """The Call-ID of its call to this number."""
        return next((each["call"] for each in self._messages("TX", "INVITE") if _is_to(each, dialled)), None)

    def received(self) -> list[Message]:
        """The INVITEs to its number, each call's once."""
        invites = [each for each in self._messages("RX", "INVITE") if _is_to(each, self.number)]
        return list({each["call"]: each for each in invites}.values())

    def answers(self, dialled: str) -> list[Message]:
        """The responses to its call to this number."""
        call = self.sent(dialled)
        return [each for each in self._messages("RX", "INVITE") if each["code"] and each["call"] == call]

    def codes_of_call(self, dialled: str) -> list[int]:
        """The codes of its call to this number, each once: those that come again are not told."""
        return _once(self.answers(dialled))

    def codes_of_registration(self, region: Region) -> list[int]:
        """The codes that this region answered, each once."""
        return _once([each for each in self._messages("RX", "REGISTER") if each["peer"] == region.peer])

    def answered(self, dialled: str) -> bool:
        """Its call to this number is up."""
        return 200 in self.codes_of_call(dialled)

    def refusals(self, dialled: str) -> list[Message]:
        """The responses that say that its call to this number is not to be."""
        return [each for each in self.answers(dialled) if each["code"] >= 400 and each["code"] != CHALLENGE]

    def was_left(self, call: str) -> bool:
        """The other side's BYE has come in the call of this Call-ID."""
        return any(each["uri"] and each["call"] == call for each in self._messages("RX", "BYE"))

    def hears(self, address: str, packets: int) -> bool:
        """So many packets of speech went to this address, and as many came back, in one call."""
        return any(
            report["to"] == address and min(report["received"], report["sent"]) >= packets
            for report in self._events.of("media")
        )

    def _messages(self, way: str, method: str) -> list[Message]:
        """Those with these, and the responses to those."""
        return self._events.of("message", lambda each: (each["way"], each["method"]) == (way, method))

    def stop(self) -> None:
        """Returns when it has gone."""
        if self._pjsip is not None:
            self._pjsip.stop()


def _is_to(invite: Message, number: str) -> bool:
    return str(invite["uri"] or "").startswith(f"sip:{number}@")


def _once(messages: list[Message]) -> list[int]:
    return list(dict.fromkeys(each["code"] for each in messages if each["code"]))
