"""Real PBXs call and are called, and both sides hear each other: RTP goes directly between PBX and core."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.sip.figures import Figures
from tests.sip.network import Network
from tests.sip.turnpike import Turnpike
from tests.sip.waiting import until
from tests.stacks.baresip import Baresip
from tests.stacks.pbxs import Talker
from tests.stacks.pjsua import CORE_TONE, Pjsua, PjsuaCore
from tests.stacks.sound import Sound

REGION = "nw1"
PACKETS = 75
"""A second and a half of speech in each direction, at 20 ms a packet."""
Registered = Callable[[type[Talker]], tuple[Talker, str]]
NUMBERS = itertools.count(12075550100)


@pytest.fixture
def core(turnpike: Turnpike, network: Network, tmp_path: Path) -> Iterator[PjsuaCore]:
    """The only core gateway of the region."""
    core = PjsuaCore(tmp_path, (network.address(), 5060))
    core.start()
    row = turnpike.api.one("POST", "/v1/cores", {"region": REGION, "address": core.address[0], "port": 5060})
    turnpike.settled()
    yield core
    turnpike.api.send("DELETE", f"/v1/cores/{row['id']}")
    turnpike.settled()
    core.stop()


@pytest.fixture
def registered(turnpike: Turnpike, network: Network, tmp_path: Path) -> Iterator[Registered]:
    """Starts a PBX that has a number of its own, and stops it after the test."""
    running: list[Talker] = []

    def starter(kind: type[Talker]) -> tuple[Talker, str]:
        credential, number = turnpike.new_credential(), f"+{next(NUMBERS)}"
        turnpike.api.send("POST", "/v1/numbers", {"number": number, "credential": credential.id})
        turnpike.settled()
        pbx = kind(tmp_path, network.address(), turnpike.regions[0], credential, number)
        running.append(pbx)
        pbx.start()
        until(lambda: turnpike.bindings(credential), 10, "the PBX is registered")
        pbx.listen()
        return pbx, number

    yield starter
    for pbx in running:
        pbx.stop()


def check_call(pbx: Talker, core: PjsuaCore, figures: Figures, hung_up_by: str) -> None:
    """Both talk, both hear the other's tone and nothing else, and the BYE of one comes to the other."""
    core.wait_talking()
    pbx.wait_talking()
    assert core.wait_heard(PACKETS) == pbx.source
    first, other = (pbx, core) if hung_up_by == "pbx" else (core, pbx)
    first.hang_up()
    other.wait_left()
    check_sound("core", core.heard(), pbx.tone, figures)
    check_sound(pbx.agent, pbx.heard(), CORE_TONE, figures)


def check_sound(who: str, sound: Sound, hertz: int, figures: Figures) -> None:
    share = sound.share(hertz)
    figures.measured(f"{who} heard {hertz} Hz", f"{share:.3f} of {sound.seconds:.1f} s, RMS {sound.strength:.0f}")
    assert sound.seconds > 1
    assert sound.strength > 500
    assert share > 0.9


@pytest.mark.parametrize("hung_up_by", ["pbx", "core"])
@pytest.mark.parametrize("kind", [Pjsua, Baresip])
def test_O1_a_real_pbx_calls_out_with_audio(
    turnpike: Turnpike, registered: Registered, core: PjsuaCore, figures: Figures, kind: type[Talker], hung_up_by: str
) -> None:
    pbx, _ = registered(kind)
    dialled = f"+{next(NUMBERS)}"
    pbx.call(dialled)
    check_call(pbx, core, figures, hung_up_by)
    check_record(turnpike, dialled, "caller" if hung_up_by == "pbx" else "callee")


@pytest.mark.parametrize("hung_up_by", ["pbx", "core"])
@pytest.mark.parametrize("kind", [Pjsua, Baresip])
def test_I4_a_real_pbx_is_called_with_audio(
    turnpike: Turnpike, registered: Registered, core: PjsuaCore, figures: Figures, kind: type[Talker], hung_up_by: str
) -> None:
    pbx, number = registered(kind)
    core.call(turnpike.regions[0], number)
    check_call(pbx, core, figures, hung_up_by)
    check_record(turnpike, number, "callee" if hung_up_by == "pbx" else "caller")


def check_record(turnpike: Turnpike, number: str, ended_by: str) -> None:
    """F2: one record, which knows who hung up."""
    record = until(lambda: turnpike.api.rows("/v1/cdrs", callee=number), 10, "the call has a record")[0]
    assert (record["code"], record["ended_by"]) == (200, ended_by)
    assert record["seconds"] in (1, 2, 3)
