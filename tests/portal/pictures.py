"""Makes the pictures of the README: `python -m tests.portal.pictures`, seven minutes.

An instance with real PBXs that register, call, and do some things wrong; nothing on the pictures is made up.
"""

import random
import threading
import time
from pathlib import Path
from typing import Literal

from playwright.sync_api import Page

from api.settings import ROOT
from tests.calls.carrier import Carrier
from tests.conftest import running
from tests.portal.chromium import chromium
from tests.portal.people import new_person, visit
from tests.sip.caller import Pbx
from tests.sip.network import Network
from tests.sip.outgoing import OutgoingCall
from tests.sip.scripts import answers, refuses, rings
from tests.sip.target import Credential
from tests.sip.turnpike import Turnpike

IMAGES = ROOT / "docs" / "images"
MINUTES = 6.5
SITES = (
    ("Acme, head office", "acme", "Asterisk PBX 22.1.0"),
    ("Acme, warehouse", "acme", "FPBX-17.0.19(21.6.0)"),
    ("Harbour Hotel", "harbour-hotel", "3CXPhoneSystem 20.0.4.1"),
    ("Dr. Lind's practice", "lind", "Grandstream UCM6302 1.0.25.11"),
    ("City library", "city", "FreeSWITCH-mod_sofia/1.10.12"),
    ("Town hall", "city", "Asterisk PBX 20.9.3"),
    ("Northside Motors", "northside", "FusionPBX"),
)
DESKTOP, PHONE = 1280, 390
"""Pixels."""


class Town:
    """PBXs of some customers, and what they do."""

    def __init__(self, service: Turnpike, carrier: Carrier) -> None:
        self.service, self.carrier = service, carrier
        self.calls: list[OutgoingCall] = []
        for tenant in dict.fromkeys(tenant for _, tenant, _ in SITES):
            service.api.send("POST", "/v1/tenants", {"account_id": tenant, "name": tenant.replace("-", " ").title()})
        self.credentials = [self._credential(label, tenant) for label, tenant, _ in SITES]
        service.settled()
        agents = [agent for _, _, agent in SITES]
        pairs = zip(self.credentials, agents, strict=True)
        self.pbxs = [carrier.pbx(credential=each, user_agent=agent) for each, agent in pairs]

    def _credential(self, label: str, tenant: str) -> Credential:
        row = self.service.api.one("POST", "/v1/credentials", {"label": label, "tenant": tenant})
        return Credential(row["id"], row["username"], row["password"])

    def live(self, seconds: float) -> None:
        """Every PBX in a thread of its own."""
        threads = [threading.Thread(target=self._pbx, args=(pbx, seconds, seed)) for seed, pbx in enumerate(self.pbxs)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _pbx(self, pbx: Pbx, seconds: float, seed: int) -> None:
        """Registers when it should, but the first: that one is impatient, as PBXs are."""
        chance, ends, due = random.Random(seed), time.time() + seconds, 0.0
        while time.time() < ends:
            if time.time() >= due:
                answers_ = pbx.register_everywhere()
                due = time.time() + (chance.uniform(35, 60) if seed == 0 else chance.uniform(110, 150))
                assert {answer.status for answer in answers_} <= {200, 429, 503}
            if chance.random() < 0.25:
                script = chance.choice([answers(hold=60), answers(), answers(hold=20), refuses(486), rings()])
                self.calls.append(pbx.call(self.carrier.subscriber(script), caller=f"+1212555{1000 + seed}"))
            threading.Event().wait(5)

    def end(self) -> None:
        for call in self.calls:
            if call.answered and not call.ended:
                call.hang_up()


def main() -> None:
    network = Network()
    for service in running("pictures"):
        carrier = Carrier(service, network)
        town = Town(service, carrier)
        town.live(60 * MINUTES)
        with chromium() as browser:
            alice = new_person(service, "alice@carrier.example", "administer")
            with visit(browser, service) as visited:
                page = visited.sign_in(alice)
                first = town.credentials[0]
                ended = service.api.rows("/v1/cdrs", credential=first.id, answered="true")[0]["id"]
                _picture(page, visited.go("/overview/").url, "overview", "light", (DESKTOP, 1130))
                _picture(page, f"{service.instance.url}/portal/calls/{ended}", "call", "light", (DESKTOP, 1130))
                path = f"{service.instance.url}/portal/credentials/{first.id}?window=10min"
                _picture(page, path, "credential", "dark", (DESKTOP, 1960))
                _picture(page, f"{service.instance.url}/portal/credentials/", "credentials-phone", "dark", (PHONE, 844))
        town.end()
        carrier.close()
    network.close()


def _picture(page: Page, url: str, name: str, scheme: Literal["light", "dark"], size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto(url)
    page.wait_for_load_state("networkidle")
    IMAGES.mkdir(exist_ok=True)
    page.screenshot(path=Path(IMAGES / f"{name}.png"))


if __name__ == "__main__":
    main()
