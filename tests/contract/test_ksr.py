"""The Protocols and the fake against the running Kamailio."""

import inspect
import typing
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kemi import ksr as protocols
from tests.contract.conftest import ADDRESS, Running
from tests.contract.probe import results
from tests.unit.kemi.fake_htable import shipped_tables
from tests.unit.kemi.fake_ksr import Clock, FakeKsr

FAKES_OWN = {"receive", "send"}
"""Methods of the fake that the tests call, not the gateway."""

Method = Callable[..., Any]


def _methods(owner: type) -> Iterator[tuple[str, Method]]:
    for name, value in vars(owner).items():
        if inspect.isfunction(value) and not name.startswith("_"):
            yield name, value


def _parts() -> Iterator[tuple[str, type]]:
    """The sub-modules that the Protocol of KSR names."""
    for name, value in vars(protocols.Ksr).items():
        if isinstance(value, property) and value.fget is not None:
            yield name, typing.get_type_hints(value.fget)["return"]


def _described() -> dict[str, Method]:
    found = dict(_methods(protocols.Ksr))
    for part, protocol in _parts():
        found |= {f"{part}.{name}": method for name, method in _methods(protocol)}
    return found


def _faked() -> dict[str, Method]:
    fake = FakeKsr(Clock(), {}, frozenset())
    found = {name: method for name, method in _methods(FakeKsr) if name not in FAKES_OWN}
    for part, _ in _parts():
        found |= {f"{part}.{name}": method for name, method in _methods(type(getattr(fake, part)))}
    return found


def _signature(method: Method) -> tuple[list[str], set[str]]:
    """Names of the parameters' types, and of the types that it may return."""
    hints = typing.get_type_hints(method)
    names = [name for name in inspect.signature(method).parameters if name != "self"]
    returned = hints["return"]
    kinds = typing.get_args(returned) or (returned,)
    return [hints[name].__name__ for name in names], {_plain(kind) for kind in kinds}


def _plain(kind: type) -> str:
    return "none" if kind is type(None) else kind.__name__


def _allowed(listed: str) -> set[str]:
    """An xval is a text, a number or nothing."""
    return {"str", "int", "none"} if listed == "xval" else {listed}


@pytest.mark.parametrize("methods", [_described(), _faked()], ids=["protocols", "fake"])
def test_every_method_is_one_of_Kamailios(kamailio: Running, methods: dict[str, Method]) -> None:
    assert len(methods) > 30
    for name, method in methods.items():
        parameters, returned = _signature(method)
        assert name in kamailio.functions, name
        listed, result = kamailio.functions[name]
        assert (name, parameters) == (name, listed)
        assert returned <= _allowed(result), f"{name} returns {result}, not {returned}"


def test_the_fake_has_what_the_protocols_name_and_nothing_else() -> None:
    assert _described().keys() == _faked().keys()


def test_the_fake_answers_as_Kamailio_does(kamailio: Running) -> None:
    fake = FakeKsr(Clock(), shipped_tables(), frozenset({ADDRESS}))
    assert results(fake) == kamailio.answers
