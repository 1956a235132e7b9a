"""What a test needs of a deployment with a third region: gateways, PBXs with a number, and calls of nw1's core."""

from typing import Any

from tests.calls.carrier import Carrier
from tests.calls.site import sender
from tests.regions.host import RegionHost
from tests.sip.caller import Pbx
from tests.sip.message import token
from tests.sip.phone import Address
from tests.sip.scripts import answers
from tests.sip.target import Credential
from tests.sip.turnpike import Api, Row
from tests.sip.waiting import until


class Third:
    """nw1, se1 and eu1."""

    def __init__(self, carrier: Carrier, host: RegionHost) -> None:
        self.carrier = carrier
        self.host = host
        nw1, se1 = carrier.service.regions
        self.gateways: dict[str, Address] = {"nw1": nw1, "se1": se1, "eu1": host.gateway}
        self.running = self.gateway_pids()

    @property
    def api(self) -> Api:
        return self.carrier.service.api

    def gateway_pids(self) -> list[int]:
        """Of the two regions that ran before: the same ones afterwards means that none was restarted."""
        return self.carrier.service.instance.pids("gateway")

    def begin(self) -> None:
        """By data and a started region alone."""
        self.host.add()
        self.host.enrol()
        self.host.run("up", "--detach")
        self.api.send("PATCH", "/v1/regions/eu1", {"state": "in-service"})
        self.carrier.service.settled()

    def pbx(self, *regions: str) -> tuple[Pbx, Credential, str]:
        """A PBX that registers there, its credential, and a number that rings it."""
        credential = self.carrier.service.new_credential()
        network = self.carrier.network
        pbx = network.pbx([self.gateways[name] for name in regions], credential.login, script=answers())
        number = self.carrier.number(credential.username)
        assert {response.status for response in pbx.register_everywhere()} == {200}
        self.until_bound(credential, len(regions))
        return pbx, credential, number

    def until_bound(self, credential: Credential, count: int) -> None:
        bindings = lambda: self.api.rows("/v1/bindings", credential=credential.username)  # noqa: E731
        until(lambda: len(bindings()) == count, 5, f"{count} bindings are shown")

    def until_in_force(self, credential: str, **change: Any) -> Row:
        """A change of the credential whose answer says that every region applies it already: where a slow machine needs
        longer than the API waits, it is made again.
        """

        def made() -> Row | None:
            row = self.api.one("PATCH", f"/v1/credentials/{credential}", {**change, "label": token()})
            return row if row["pending_regions"] == [] else None

        return until(made, 20, "a change is in force in every region")

    def way(self, pbx: Pbx, number: str) -> str:
        """One call of nw1's core: the region that reached the PBX, or the code of who did not."""
        before = len(pbx.calls)
        call: Any = self.carrier.cores["nw1"].call(self.gateways["nw1"], number, hold=0.0)
        call.until_ended()
        if call.code != 200:
            return str(call.code)
        sent_by = sender(pbx.calls[before].invite.all("Via")[0])
        return next(name for name, (address, _) in self.gateways.items() if address == sent_by)

    def ways(self, pbx: Pbx, number: str, count: int) -> set[str]:
        """Of so many calls."""
        return {self.way(pbx, number) for _ in range(count)}

    def end(self) -> None:
        """Drained, stopped and removed."""
        self.api.send("PATCH", "/v1/regions/eu1", {"state": "draining"})
        self.host.run("down")
        row = lambda: self.api.one("GET", "/v1/regions/eu1")  # noqa: E731
        until(lambda: not row()["ready"], 15, "eu1 is silent")
        until(lambda: not self.api.rows("/v1/bindings", region="eu1"), 40, "its bindings have ended")
        remove = lambda: self.carrier.service.instance.run("region", "remove", "eu1", check=False)  # noqa: E731
        until(lambda: remove().returncode == 0, 15, "eu1 is removed")
