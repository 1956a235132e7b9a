"""A service with its carrier, PBXs with staged faults, and the doctor that must name them."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pymysql.cursors import DictCursor

from api.settings import Settings
from tests.calls.carrier import Carrier
from tests.faults.outages import Outages
from tests.integration.api.server import connected
from tests.sip.caller import Pbx
from tests.sip.nameserver import NameServer
from tests.sip.phone import Phone
from tests.sip.target import Credential
from tests.sip.waiting import until

Row = dict[str, Any]
SECONDS = 15
"""For a fault to be seen: regions report within a second, a core's death takes two probes."""


class Clinic:
    """`names` is the resolver that the service asks."""

    def __init__(self, carrier: Carrier, names: NameServer) -> None:
        self.carrier = carrier
        self.service = carrier.service
        self.network = carrier.network
        self.names = names
        self.outages = Outages(self.service)
        self.nw1, self.se1 = self.service.regions

    def credential(self) -> Credential:
        return self.service.new_credential()

    def pbx(self, credential: Credential, *regions: int, **options: Any) -> Pbx:
        """One that runs, answers keep-alives, and is registered in those regions."""
        pbx = self.carrier.pbx(credential=credential, **options)
        for region in regions:
            assert pbx.register(self.service.regions[region]).status == 200
        return pbx

    def phone(self, credential: Credential, source: str | None = None, **options: Any) -> Phone:
        """One that does what a test says, and nothing else."""
        return self.network.phone(self.nw1, credential.login, source, **options)

    def ask(self, credential: Credential) -> Row:
        return self.service.api.one("GET", f"/v1/credentials/{credential.id}/diagnosis")

    def finds(
        self,
        credential: Credential,
        code: str,
        region: str | None = "nw1",
        works: bool | None = False,
        has: Callable[[Row], object] = bool,
    ) -> Row:
        """What the doctor says once this fault stands first, works or not, and the answer has what else is expected."""
        wanted = (code, region, works)
        found: Row = {}

        def is_found() -> bool:
            nonlocal found
            found = self.ask(credential)
            return first(found) == wanted and bool(has(found))

        until(is_found, SECONDS, f"{wanted}", 0.1)
        finding = found["findings"][0]
        assert (finding["sentence"] in found["verdict"]) is (finding["severity"] != "notice")
        assert finding["advice"]
        return found

    def finds_nothing(self, credential: Credential) -> Row:
        """A trunk that works in both regions."""
        until(lambda: not self.ask(credential)["findings"], SECONDS, "nothing is found", 0.1)
        found = self.ask(credential)
        assert found["works"] is True
        assert [region["works"] for region in found["regions"]] == [True, True]
        return found

    def says_so(self, credential: Credential, found: Row) -> None:
        """The command says what the API has just said, with the exit status that tells whether the trunk works."""
        done = self.service.instance.run("doctor", credential.username, "--json", check=False)
        said: Row = json.loads(done.stdout)
        assert (first(said), said["verdict"]) == (first(found), found["verdict"])
        assert done.returncode == (0 if found["works"] else 1)

    def told(self, credential: Credential) -> str:
        """What a person reads."""
        return self.service.instance.run("doctor", credential.username, check=False).stdout

    @contextmanager
    def root(self) -> Iterator[DictCursor]:
        with connected(Settings.load(self.service.instance.home), "root") as cursor:
            yield cursor


def first(found: Row) -> tuple[str, str | None, bool | None] | None:
    if not found["findings"]:
        return None
    finding = found["findings"][0]
    return finding["code"], finding["region"], found["works"]


def codes(found: Row) -> list[str]:
    return [finding["code"] for finding in found["findings"]]
