"""Real PBXs register by SRV through a real name server, on any alias domain, and find the other region."""

from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

import pytest

from tests.dns.conftest import LONELY
from tests.dns.pbxs import NamedBaresip, NamedPjsua
from tests.dns.site import DOMAINS, Site
from tests.faults.outages import Outages
from tests.sip.figures import Figures
from tests.sip.network import Network
from tests.sip.target import Binding, Credential
from tests.sip.waiting import until
from tests.wire.early import early_given

Stack = type[NamedPjsua] | type[NamedBaresip]
Start = Callable[..., Credential]
STACKS: list[Stack] = [NamedPjsua, NamedBaresip]


@pytest.fixture
def start(site: Site, tmp_path: Path, network: Network) -> Iterator[Start]:
    """Starts a PBX with a credential of its own; `registrar` is what it is told."""
    running: list[NamedPjsua | NamedBaresip] = []

    def starter(kind: Stack, registrar: str) -> Credential:
        credential = site.service.new_credential()
        folder = tmp_path / str(len(running))
        folder.mkdir()
        pbx = kind(folder, network.address(), registrar, site.names.resolver_address, credential)
        running.append(pbx)
        pbx.start()
        return credential

    yield starter
    for pbx in running:
        pbx.stop()


def bound(site: Site, credential: Credential, seconds: float = 20, region: str | None = None) -> Binding:
    def found() -> list[Binding]:
        return [row for row in site.service.bindings(credential) if region in (None, row.region)]

    return until(found, seconds, f"a binding in {region or 'any region'}", pause=0.1)[0]


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("kind", STACKS)
def test_D1_a_real_pbx_registers_by_srv_on_each_domain(site: Site, start: Start, kind: Stack, domain: str) -> None:
    binding = bound(site, start(kind, f"reg.{domain}"))
    assert binding.region in site.regions
    assert kind.agent in (binding.user_agent or "").lower()


@pytest.mark.parametrize("kind", STACKS)
def test_D1_a_real_pbx_registers_by_a_region_s_name(site: Site, start: Start, kind: Stack) -> None:
    assert bound(site, start(kind, f"se1.reg.{DOMAINS[1]}")).region == "se1"


def test_D2_draining_sends_new_pbxs_elsewhere_and_leaves_those_there_are(site: Site, start: Start) -> None:
    first = start(NamedPjsua, f"reg.{DOMAINS[0]}")
    drained = bound(site, first).region
    (other,) = set(site.regions) - {drained}
    by_name = start(NamedBaresip, f"{drained}.reg.{DOMAINS[0]}")
    before = bound(site, by_name, region=drained)
    site.set_state(drained, "draining")
    site.publish()
    site.until_in(other)
    for domain in DOMAINS:
        assert bound(site, start(NamedBaresip, f"reg.{domain}")).region == other
        assert bound(site, start(NamedBaresip, f"{drained}.reg.{domain}")).region == drained
    assert bound(site, first, region=drained)
    until(lambda: bound(site, by_name).expires_at > before.expires_at, 25, "the drained region prolongs", pause=0.2)
    assert bound(site, by_name).region == drained


def takes_the_other_region(site: Site, network: Network, folder: Path) -> float:
    """baresip: it comes again after 18 seconds, waits 32 for an answer (RFC 3261 timer F) and goes on to the next.

    That one challenges it, and with its password it begins at the first again. Seconds until that one has accepted it.
    """
    credential = site.service.new_credential()
    pbx = NamedBaresip(folder, network.address(), f"reg.{DOMAINS[1]}", site.names.resolver_address, credential)
    pbx.start()
    try:
        stopped = bound(site, credential).region
        (other,) = set(site.regions) - {stopped}
        begun = monotonic()
        with Outages(site.service).stopped(f"{stopped}-gateway"):
            bound(site, credential, 130, other)
            return monotonic() - begun
    finally:
        pbx.stop()


@early_given(LONELY, takes_the_other_region)
def test_D1_a_real_pbx_takes_the_other_region_when_its_own_stops(outcome: float, figures: Figures) -> None:
    figures.measured("seconds until baresip registers with the other region", f"{outcome:.0f}")
