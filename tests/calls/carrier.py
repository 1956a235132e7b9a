"""The carrier around an instance: a core gateway a region, numbers, and PBXs with credentials."""

import itertools
import json
import time
from typing import Any

from tests.sip.caller import Pbx
from tests.sip.core import Core
from tests.sip.dialogs import tag
from tests.sip.message import Message
from tests.sip.network import Network
from tests.sip.processes import kill, tree
from tests.sip.scripts import Script, answers
from tests.sip.tally import Tally
from tests.sip.target import Credential
from tests.sip.turnpike import Turnpike
from tests.sip.waiting import until

REGIONS = ("nw1", "se1")
_SUBSCRIBERS = itertools.count(2_125_550_000)


def caller(invite: Message) -> str:
    """The user of From: each test's PBX has a caller number of its own."""
    return invite.one("From").partition("sip:")[2].partition("@")[0]


class Carrier:
    """`cores` by region; what a core does with a call is told by the number that is dialled."""

    def __init__(self, service: Turnpike, network: Network, loss: float = 0.0, seed: int = 0) -> None:
        self.service = service
        self.network = network
        self.tally = {region: Tally(caller) for region in REGIONS}
        self._scripts: dict[str, Script] = {}
        self._made: dict[str, str] = {}
        self.cores = {region: self._core(region, loss, seed) for region in REGIONS}
        service.settled()
        for region in REGIONS:
            self.until_probed(region)

    def _core(self, region: str, loss: float, seed: int) -> Core:
        core = self.network.core(script=self._script, tally=self.tally[region], loss=loss, seed=seed)
        row = {"region": region, "address": core.address, "port": core.port}
        self._made[region] = self.service.api.one("POST", "/v1/cores", row)["id"]
        return core

    def replaced(self, region: str) -> None:
        """Its core was removed: the same one again."""
        core = self.cores[region]
        row = {"region": region, "address": core.address, "port": core.port}
        self._made[region] = self.service.api.one("POST", "/v1/cores", row)["id"]

    def until_probed(self, region: str) -> None:
        """The gateway knows its core: an OPTIONS has come."""
        core = self.cores[region]
        until(lambda: any(each.method == "OPTIONS" for each in core.requests), 15, f"{region} probes its core")

    def _script(self, invite: Message) -> Script:
        return self._scripts.get(invite.start.partition("sip:")[2].partition("@")[0], answers())

    def subscriber(self, script: Script | None = None) -> str:
        """A telephone number at the far end that nobody has dialled before, and what happens to calls to it."""
        number = f"+1{next(_SUBSCRIBERS)}"
        if script is not None:
            self._scripts[number] = script
        return number

    def expect(self, dialled: str, script: Script) -> None:
        """What happens to calls to this number from now on."""
        self._scripts[dialled] = script

    def pbx(self, region: str = "nw1", credential: Credential | None = None, **options: Any) -> Pbx:
        """A PBX of a new credential at an address of its own, whose first gateway is that of `region`."""
        gateways = list(self.service.regions)
        if region == "se1":
            gateways.reverse()
        login = (credential or self.service.new_credential()).login
        return self.network.pbx(gateways, login, **options)

    def number(self, username: str | None, **more: str) -> str:
        """A number of the service, routed to a credential."""
        number = self.subscriber()
        self.service.api.send("POST", "/v1/numbers", {"number": number, "credential": username, **more})
        self.service.settled()
        return number

    def pulse(self, region: str) -> dict[str, Any]:
        """What the region's gateway says of itself, once a second."""
        home = self.service.instance.home / "region" / region / "pulse.json"
        found: dict[str, Any] = json.loads(home.read_text())
        return found

    def channels(self, region: str) -> int:
        """The gateway's counter: slots that are taken, of all credentials."""
        return int(self.pulse(region)["channels"])

    def until_free(self, region: str, seconds: float = 40.0) -> None:
        """O3: no slot is taken any more."""
        until(lambda: self.channels(region) == 0, seconds, f"the counter of {region} is 0", 0.1)

    def kill_region(self, region: str) -> tuple[float, float]:
        """SIGKILL to every process of the region; its supervisor starts it anew. Epoch seconds of death and return."""
        killed = time.time()
        boot = self.pulse(region)["boot"]
        instance = self.service.instance
        kill(tree([*instance.pids(f"{region}-gateway"), *instance.pids(f"{region}-agent")]))
        until(lambda: self.pulse(region)["boot"] != boot, 20, f"{region} is there again")
        return killed, time.time()

    def cdr(self, call_id: str, seconds: float = 10.0) -> dict[str, Any]:
        """The one record of a call that is over."""
        return until(lambda: self._cdrs(call_id), seconds, f"a CDR of {call_id}")[0]

    def _cdrs(self, call_id: str) -> list[dict[str, Any]]:
        rows = [row for row in self.service.api.rows("/v1/cdrs", limit="500") if row["call_id"] == call_id]
        assert len(rows) <= 1, rows
        return rows

    def close(self) -> None:
        for row in self._made.values():
            self.service.api.send("DELETE", f"/v1/cores/{row}")
        for core in self.cores.values():
            core.close()


def to_tag(message: Message) -> str | None:
    return tag(message.one("To"))
