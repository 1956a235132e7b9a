"""REGISTER and its fellows through the handler: what the sender gets."""

from tests.unit.kemi.world import Pbx, World


def test_a_PBX_registers(alice: Pbx) -> None:
    reply = alice.register()
    assert (reply.code, reply.lines) == (200, ("Contact: <sip:alice@10.0.0.9:5060>;expires=300",))
