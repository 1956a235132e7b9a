"""PJSIP, baresip and Kamailio's uac as PBXs, unchanged, with credentials that the API made."""

from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, time

import pytest

from tests.sip.figures import Figures
from tests.sip.network import Network
from tests.sip.target import Binding, Credential, Target
from tests.sip.waiting import until
from tests.stacks.baresip import Baresip
from tests.stacks.pbxs import KamailioUac, Stack
from tests.stacks.pjsua import Pjsua

STACKS = [Pjsua, Baresip, KamailioUac]
Start = Callable[[type[Stack], Target, Credential, int], Stack]


@pytest.fixture
def start(tmp_path: Path, network: Network) -> Iterator[Start]:
    """Starts a PBX at a fresh address, and stops it after the test."""
    running: list[Stack] = []

    def starter(kind: type[Stack], target: Target, credential: Credential, region: int = 0) -> Stack:
        stack = kind(tmp_path, network.address(), target.regions[region], credential)
        running.append(stack)
        stack.start()
        return stack

    yield starter
    for stack in running:
        stack.stop()


def bound(target: Target, credential: Credential, seconds: float = 10) -> Binding:
    return until(lambda: target.bindings(credential), seconds, "the binding is shown")[0]


@pytest.mark.parametrize("region", [0, 1])
@pytest.mark.parametrize("kind", STACKS)
def test_R5_a_real_pbx_registers_in_each_region(target: Target, start: Start, kind: type[Stack], region: int) -> None:
    """The binding is shown with address, User-Agent and its end."""
    credential = target.new_credential()
    start(kind, target, credential, region)
    binding = bound(target, credential)
    assert binding.region == ("nw1", "se1")[region]
    assert binding.address.startswith("127.")
    assert kind.agent in (binding.user_agent or "").lower()
    assert 280 <= binding.expires_at - time() <= 301


def test_R5_pjsip_is_granted_300_seconds_and_is_shown(target: Target, start: Start, figures: Figures) -> None:
    credential = target.new_credential()
    trunk = start(Pjsua, target, credential, 0)
    assert isinstance(trunk, Pjsua)
    answer = trunk.answer(10)
    begun = monotonic()
    assert (answer["code"], answer["expires"]) == (200, 300)
    bound(target, credential)
    figures.measured("seconds from pjsua's 200 until GET /v1/bindings shows it", f"{monotonic() - begun:.2f}")


def test_R5_pjsip_leaves(target: Target, start: Start) -> None:
    credential = target.new_credential()
    trunk = start(Pjsua, target, credential, 0)
    assert isinstance(trunk, Pjsua)
    trunk.answer(10)
    bound(target, credential)
    trunk.leave()
    assert trunk.answer(10)["code"] == 200
    until(lambda: not target.bindings(credential), 3, "the binding is gone")


def test_R5_baresip_leaves_when_it_stops(target: Target, start: Start) -> None:
    credential = target.new_credential()
    trunk = start(Baresip, target, credential, 0)
    bound(target, credential)
    trunk.stop()
    until(lambda: not target.bindings(credential), 3, "the binding is gone")


@pytest.mark.parametrize("kind", STACKS)
def test_R6_a_binding_of_a_real_pbx_is_removed(
    target: Target, start: Start, figures: Figures, kind: type[Stack]
) -> None:
    credential = target.new_credential()
    start(kind, target, credential, 0)
    binding = bound(target, credential)
    target.remove(binding)
    begun = monotonic()
    until(lambda: not target.bindings(credential), 3, "the binding is gone")
    figures.measured(f"seconds until a binding of {kind.agent} that was removed is gone", f"{monotonic() - begun:.2f}")


def test_R4_pjsip_that_registers_again_at_once_gets_429(target: Target, start: Start) -> None:
    credential = target.new_credential()
    trunk = start(Pjsua, target, credential, 0)
    assert isinstance(trunk, Pjsua)
    assert trunk.answer(10)["code"] == 200
    trunk.register()
    assert trunk.answer(10)["code"] == 429
    assert bound(target, credential).user_agent == "pjsua"


def test_R2_a_real_pbx_recovers_when_its_credential_is_enabled(target: Target, start: Start) -> None:
    """Kamailio's uac, which tries again after a few seconds here; others need a minute or five."""
    credential = target.new_credential()
    target.disable(credential)
    start(KamailioUac, target, credential, 0)
    until(lambda: any(event.code == 503 for event in target.events(credential)), 15, "it is refused with 503")
    target.enable(credential)
    bound(target, credential, 30)


def test_R4_a_real_pbx_recovers_from_429(limits_target: Target, start: Start) -> None:
    """Kamailio's uac again, on the TEST LIMITS instance: its first try comes within the interval of an earlier one."""
    credential = limits_target.new_credential()
    stack = start(KamailioUac, limits_target, credential, 0)

    def is_early() -> bool:
        return any(event.code == 429 for event in limits_target.events(credential))

    def restarted() -> int | float:
        """The end of the registration before."""
        before = bound(limits_target, credential).expires_at
        stack.stop()
        stack.start()
        until(lambda: is_early() or bound(limits_target, credential).expires_at > before, 15, "it is back")
        return before

    before = restarted()
    for _ in range(4):  # on a slow machine a restart may take longer than the interval
        before = before if is_early() else restarted()
    assert is_early()
    until(lambda: bound(limits_target, credential).expires_at > before, 15, "it is accepted", pause=0.2)


@pytest.mark.long
@pytest.mark.timeout(400)
@pytest.mark.parametrize("kind", [Pjsua, Baresip, KamailioUac])
def test_R5_a_real_pbx_refreshes_by_itself(target: Target, start: Start, kind: type[Stack]) -> None:
    """At 295, 270 and 290 seconds."""
    credential = target.new_credential()
    start(kind, target, credential, 0)
    first = bound(target, credential)
    until(lambda: bound(target, credential).expires_at > first.expires_at, 310, "it refreshes", pause=2)
    again = bound(target, credential)
    assert (again.id, again.address) == (first.id, first.address)
    assert [event for event in target.events(credential) if event.code in (403, 429, 503)] == []


@pytest.mark.long
@pytest.mark.timeout(400)
@pytest.mark.parametrize("kind", [Pjsua, Baresip])
def test_R8_a_real_pbx_recovers_from_503(target: Target, start: Start, kind: type[Stack]) -> None:
    credential = target.new_credential()
    target.disable(credential)
    start(kind, target, credential, 0)
    until(lambda: any(event.code == 503 for event in target.events(credential)), 15, "it is refused with 503")
    target.enable(credential)
    bound(target, credential, 330)
