"""A call that both sides hear, checked from both ends and against the call's record."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from tests.sip.figures import Figures
from tests.sip.phone import Address
from tests.sip.turnpike import Turnpike
from tests.sip.waiting import until
from tests.stacks.pjsua import CORE_TONE, PjsuaCore
from tests.stacks.sound import Sound

PACKETS = 75
"""A second and a half of speech in each direction, at 20 ms a packet."""


class Speaker(Protocol):
    """A PBX that answers every call, sends a tone and records what it hears."""

    agent: str
    tone: int
    source: str

    def hang_up(self) -> None: ...

    def wait_talking(self, seconds: float = 10) -> None: ...

    def wait_left(self, seconds: float = 10) -> None:
        """The other side's BYE has come."""

    def heard(self) -> Sound:
        """What came in during the call that has ended."""


@contextmanager
def only_core(service: Turnpike, region: str, address: Address, folder: Path) -> Iterator[PjsuaCore]:
    """PJSIP as the one core gateway of a region."""
    core = PjsuaCore(folder, address, f"core-{region}")
    core.start()
    try:
        row = service.api.one("POST", "/v1/cores", {"region": region, "address": address[0], "port": address[1]})
        service.settled()
        yield core
        service.api.send("DELETE", f"/v1/cores/{row['id']}")
        service.settled()
    finally:
        core.stop()


def check_call(pbx: Speaker, core: PjsuaCore, figures: Figures, hung_up_by: str) -> None:
    """Both talk, both hear the other's tone and nothing else, and the BYE of one comes to the other."""
    core.wait_talking()
    pbx.wait_talking()
    assert core.wait_heard(PACKETS) == pbx.source
    first, other = (pbx, core) if hung_up_by == "pbx" else (core, pbx)
    first.hang_up()
    other.wait_left()
    _check_sound("core", core.heard(), pbx.tone, figures)
    _check_sound(pbx.agent, pbx.heard(), CORE_TONE, figures)


def _check_sound(who: str, sound: Sound, hertz: int, figures: Figures) -> None:
    share = sound.share(hertz)
    figures.measured(f"{who} heard {hertz} Hz", f"{share:.3f} of {sound.seconds:.1f} s, RMS {sound.strength:.0f}")
    assert sound.seconds > 1
    assert sound.strength > 500
    assert share > 0.9


def check_record(service: Turnpike, number: str, ended_by: str) -> None:
    """F2: one record, which knows who hung up."""
    record = until(lambda: service.api.rows("/v1/cdrs", callee=number), 10, "the call has a record")[0]
    assert (record["code"], record["ended_by"]) == (200, ended_by)
    assert 1 <= record["seconds"] <= 30
