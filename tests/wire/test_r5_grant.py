"""R5: what a registration is granted, and how it ends."""

from time import monotonic

import pytest

from tests.sip.message import Message
from tests.sip.network import Network
from tests.sip.target import Credential, Target
from tests.sip.waiting import until
from tests.wire.conftest import Pbx
from tests.wire.early import early_given


@pytest.mark.parametrize("asked", [None, 1, 60, 120, 300, 3600, 4294967295])
def test_R5_300_seconds_are_granted_whatever_was_asked(pbx: Pbx, asked: int | None) -> None:
    assert granted(pbx().register(expires=asked)) == "300"


@pytest.mark.parametrize("asked", ["60", "3600"])
def test_R5_also_when_the_contact_asks(pbx: Pbx, asked: str) -> None:
    phone = pbx()
    assert granted(phone.register(expires=None, contact=f"{phone.contact};expires={asked}")) == "300"


def granted(response: Message) -> str:
    """The `expires` of the one Contact of a 200."""
    assert response.status == 200, response.start
    contact = response.one("Contact")
    assert contact.count("sip:") == 1
    return contact.split(";expires=")[1].split(";")[0]


def test_R5_a_new_contact_replaces_the_old_one(limits_pbx: Pbx) -> None:
    phone = limits_pbx()
    phone.register()
    other = f"<sip:second@{phone.address}:{phone.port}>"
    response = until(lambda: _accepted(phone.register(contact=other)), 8, "it may register again", pause=0.5)
    assert response is not None
    assert response.one("Contact").startswith(other)


def _accepted(response: Message) -> Message | None:
    return response if response.status == 200 else None


def test_R5_the_binding_is_shown_with_address_agent_and_end(target: Target, credential: Credential, pbx: Pbx) -> None:
    phone = pbx(credential)
    phone.register()
    binding = until(lambda: target.bindings(credential), 2, "the binding is shown")[0]
    assert (binding.address, binding.port, binding.user_agent) == (phone.address, phone.port, phone.user_agent)


@pytest.mark.parametrize("how", ["Expires: 0", "expires=0", "star"])
def test_R5_expires_0_removes_the_binding(target: Target, credential: Credential, pbx: Pbx, how: str) -> None:
    phone = pbx(credential)
    phone.register()
    ways = {"Expires: 0": (0, ""), "expires=0": (None, f"{phone.contact};expires=0"), "star": (0, "*")}
    response = phone.register(*ways[how])
    assert response.status == 200
    assert response.all("Contact") == []
    until(lambda: not target.bindings(credential), 3, "the binding is gone")


def ending(target: Target, network: Network) -> tuple[Message, float, Message]:
    """The 200, after how many seconds the binding was shown no more, and what the PBX is told then when it asks."""
    credential = target.new_credential()
    phone = network.phone(target.regions[0], credential.login)
    start = monotonic()
    response = phone.register()
    until(lambda: target.bindings(credential), 3, "the binding is shown")
    until(lambda: not target.bindings(credential), 25, "the binding ends", pause=0.5)
    return response, monotonic() - start, phone.register(expires=None, contact=None)


@early_given("limits_target", ending)
def test_R5_a_binding_ends_when_it_is_not_refreshed(outcome: tuple[Message, float, Message]) -> None:
    """On the TEST LIMITS instance, where 20 seconds are granted."""
    response, seconds, query = outcome
    assert granted(response) == "20"
    assert seconds >= 19
    assert query.all("Contact") == []
