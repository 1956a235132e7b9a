"""The carrier around the rival: one region, one core, numbers by RPC. What it does not have, a test skips."""

import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

import pytest

from kemi.region import Limits
from tests.bench.native import Native
from tests.bench.target import NativeTarget
from tests.calls.carrier import Carrier, caller
from tests.sip.caller import Pbx
from tests.sip.core import Core
from tests.sip.network import Network
from tests.sip.scripts import Script
from tests.sip.tally import Tally
from tests.sip.target import Credential

REGION = "nw1"


class OneRegion(dict[str, Any]):
    """By name of region; a test that wants another one is skipped."""

    def __missing__(self, region: str) -> NoReturn:
        pytest.skip("the rival has one region")


class Anything:
    """Equal to whatever a test expects of a record: the rival keeps none, and what is on the wire is judged all the
    same.
    """

    def __eq__(self, _other: object) -> bool:
        return True

    __hash__ = object.__hash__


class Api:
    """As much of the API as these tests need, by RPC."""

    def __init__(self, target: NativeTarget, native: Native) -> None:
        self._target = target
        self._call = native.call

    def rows(self, path: str, **query: str) -> list[dict[str, Any]]:
        if path != "/v1/bindings":
            pytest.skip("the rival has no API")
        return [asdict(row) for row in self._target.bindings(Credential("", query["credential"], ""))]

    def one(self, _method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        if path != "/v1/cores":
            pytest.skip("the rival has no API")
        self._call("htable.sets", "core", body["address"], "1")
        self._call("dispatcher.add", 1, f"sip:{body['address']}:{body['port']}")
        return {"id": f"{body['address']}:{body['port']}"}

    def send(self, method: str, path: str, body: dict[str, Any] | None = None) -> None:
        kind, _, name = path.removeprefix("/v1/").partition("/")
        if (method, kind) == ("DELETE", "cores"):
            self._call("dispatcher.remove", 1, f"sip:{name}")
        elif (method, kind) == ("PATCH", "credentials") and body is not None:
            known = self._call("htable.get", "credential", name)["item"]["value"]
            self._call("htable.sets", "credential", name, f"{known.partition('|')[0]}|{body['tenant']}")
        elif kind != "tenants":
            pytest.skip("the rival has no API")


class Service(NativeTarget):
    """The rival in the place of an instance."""

    def __init__(self, native: Native) -> None:
        super().__init__(native)
        self.api = Api(self, native)

    def settled(self, _seconds: float = 0.0) -> None:
        """An RPC has been answered: it is in force."""


class RivalCarrier(Carrier):
    """`native` is running and sends its calls to `core`."""

    def __init__(self, native: Native, network: Network, core: Core) -> None:
        self.service = Service(native)  # type: ignore[assignment]
        self.network = network
        self.cores = OneRegion({REGION: core})
        self.tally = OneRegion({REGION: core.tally})
        self._scripts: dict[str, Script] = {}
        self._made: list[str] = []
        self._native = native
        core.script = self._script

    def pbx(self, region: str = REGION, credential: Credential | None = None, **options: Any) -> Pbx:
        self.cores[region]
        return super().pbx(region, credential, **options)

    def number(self, username: str | None, **more: str) -> str:
        number = self.subscriber()
        self._native.call("htable.sets", "number", number, f"{username or ''}|{more.get('tenant', '')}")
        return number

    def channels(self, region: str) -> int:
        self.cores[region]
        slots = self._native.call("htable.dump", "calls") or []
        return sum(int(item["value"]) for slot in slots for item in slot["slot"])

    def kill_region(self, _region: str) -> None:
        pytest.skip("the rival keeps nothing through a restart")

    def cdr(self, _call_id: str, _seconds: float = 0.0) -> dict[str, Any]:
        return defaultdict(Anything)


def carrier_of(
    address: str, network: Network, limits: Limits, loss: float = 0.0, seed: int = 0
) -> Iterator[RivalCarrier]:
    """A rival with its core; both end with the fixture."""
    home = Path(tempfile.mkdtemp(prefix="rival-", dir="/tmp"))
    core = network.core(tally=Tally(caller), loss=loss, seed=seed)
    native = Native(home, address, cores=[(core.address, core.port)], limits=limits)
    native.start()
    carrier = RivalCarrier(native, network, core)
    try:
        carrier.until_probed(REGION)
        yield carrier
    finally:
        native.stop()
        core.close()
        shutil.rmtree(home)
