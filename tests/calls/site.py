"""A PBX that is called in over two regions."""

from typing import Any

from tests.calls.carrier import Carrier
from tests.sip.caller import Pbx
from tests.sip.scripts import Script, answers
from tests.sip.waiting import until


class Site:
    """A PBX registered in both regions, with a number. `options` are those of `Carrier.pbx`."""

    def __init__(
        self,
        carrier: Carrier,
        scripts: dict[str, Script] | None = None,
        regions: tuple[int, ...] = (0, 1),
        **options: Any,
    ) -> None:
        self.carrier = carrier
        self.gateways = carrier.service.regions
        self.scripts = scripts or {}
        self.pbx: Pbx = carrier.pbx(script=self._script, **options)
        self.number = carrier.number(self.pbx.login.username)
        for region in regions:
            assert self.pbx.register(self.gateways[region]).status == 200
        self.settle(len(regions))

    def _script(self, invite: object) -> Script:
        return self.scripts.get(self.region_of(invite), answers())

    def region_of(self, invite: object) -> str:
        """The gateway that is nearest to the PBX: its Via is the topmost."""
        top = sender(invite.all("Via")[0])  # type: ignore[attr-defined]
        return next(name for name, (address, _) in zip(("nw1", "se1"), self.gateways, strict=True) if address == top)

    def settle(self, count: int) -> None:
        """Each region knows the other's binding (R6: within two seconds)."""
        service = self.carrier.service
        rows = lambda: service.api.rows("/v1/bindings", credential=self.pbx.login.username)  # noqa: E731
        until(lambda: len(rows()) == count, 5, "the bindings are shown")
        until(lambda: self._is_known(count), 5, "each region knows the other's binding")

    def _is_known(self, count: int) -> bool:
        """Asked by calls: as many regions are used as there are bindings."""
        seen = {self.region_of(self.call("nw1", wait=True)) for _ in range(count)} if count > 1 else {"any"}
        return len(seen) == count

    def call(self, region: str = "nw1", wait: bool = False) -> object:
        """One short call of the core; the INVITE that the PBX got."""
        before = len(self.pbx.calls)
        call = self.carrier.cores[region].call(self.gateways[region == "se1"], self.number, hold=0.0)
        call.until_answered()
        call.until_gone()
        assert wait or call.code == 200
        return self.pbx.calls[before].invite


def sender(via: str) -> str:
    """The host of a Via (RFC 3261 §18.1.1, sent-by)."""
    return via.split()[1].partition(";")[0].partition(":")[0]
