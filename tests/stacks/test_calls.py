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
from tests.stacks.pjsua import Pjsua, PjsuaCore
from tests.stacks.speech import check_call, check_record, only_core

Registered = Callable[[type[Talker]], tuple[Talker, str]]
NUMBERS = itertools.count(12075550100)


@pytest.fixture
def core(turnpike: Turnpike, network: Network, tmp_path: Path) -> Iterator[PjsuaCore]:
    with only_core(turnpike, "nw1", (network.address(), 5060), tmp_path) as core:
        yield core


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
