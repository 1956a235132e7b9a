"""Requests within calls that are not known here (rule W4)."""

import pytest

from tests.sip.message import Message
from tests.unit.kemi.callers import CORE, with_cores
from tests.unit.kemi.fake_ksr import Sent, Source
from tests.unit.kemi.world import Pbx, World

STRANGER = Source("127.0.17.99", 5060)


@pytest.fixture
def bound(world: World, alice: Pbx) -> Pbx:
    with_cores(world, CORE)
    assert alice.register().code == 200
    world.tick()
    return alice


def _ask(world: World, source: Source, host: str, method: str = "BYE", **headers: str) -> Sent | None:
    known = {
        "Via": f"SIP/2.0/UDP {source.address}:{source.port};branch=z9hG4bK{method}{len(world.ksr.calls)}",
        "From": "<sip:a@b>;tag=f",
        "To": "<sip:b@a>;tag=t",
        "Call-ID": "of-another-region",
        "CSeq": f"9 {method}",
        "Max-Forwards": "70",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return world.send(Message(f"{method} sip:x@{host} SIP/2.0", tuple(known.items())), source)


@pytest.mark.parametrize("method", ["ACK", "BYE", "INFO", "INVITE"])
def test_W4_it_passes_from_a_bound_PBX_to_a_core_without_its_secrets(bound: Pbx, method: str) -> None:
    world = bound.world
    assert _ask(world, bound.source, CORE.address, method, X_Tenant="of-others", Authorization="Digest secret") is None
    assert len(world.ksr.relayed) == 1
    assert {"X-Tenant", "Authorization", "Proxy-Authorization"} <= world.ksr.exchange.removed


def test_W4_it_passes_from_a_core_to_a_bound_PBX(bound: Pbx) -> None:
    assert _ask(bound.world, CORE, f"{bound.source.address}:{bound.source.port}") is None
    assert len(bound.world.ksr.relayed) == 1


def test_W4_it_passes_to_nobody_else(bound: Pbx) -> None:
    world = bound.world
    for source, host in ((bound.source, STRANGER.address), (CORE, STRANGER.address), (STRANGER, CORE.address)):
        reply = _ask(world, source, host)
        assert reply is not None
        assert reply.code == 481
    assert world.ksr.relayed == []


def test_W4_it_passes_no_longer_when_the_binding_has_gone(bound: Pbx) -> None:
    assert bound.register(Expires="0").code == 200
    bound.world.tick()
    reply = _ask(bound.world, bound.source, CORE.address)
    assert reply is not None
    assert reply.code == 481


def test_W4_an_address_of_two_PBXs_counts_until_both_have_gone(world: World, bound: Pbx) -> None:
    world.credential("bob")
    bob = Pbx(world, "bob", port=5070)
    world.tick()
    assert bob.register().code == 200
    world.tick()
    assert bob.register(Expires="0").code == 200
    world.tick()
    assert _ask(world, bound.source, CORE.address) is None
    world.clock.advance(400)
    world.tick(201)
    reply = _ask(world, bound.source, CORE.address)
    assert reply is not None
    assert reply.code == 481
