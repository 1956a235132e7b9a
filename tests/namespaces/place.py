"""A service whose two regions have a network address and a cable each, among a core, a PBX and NAT routers."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.calls.carrier import REGIONS, Carrier
from tests.conftest import serving
from tests.namespaces.internet import Host, Internet
from tests.namespaces.namespace import Inside, Namespace
from tests.sip.caller import Pbx
from tests.sip.core import Core
from tests.sip.instance import Addresses, Instance
from tests.sip.network import Network
from tests.sip.turnpike import Turnpike

API_PORT = 8080
TABLES = {region: number for number, region in enumerate(REGIONS, 1)}
"""The routing table of each region's cable."""


class PlacedInstance(Instance):
    """One instance on a host of its own."""

    def __init__(self, name: str, namespace: Namespace, addresses: Addresses) -> None:
        self._namespace = namespace
        super().__init__(name, addresses=addresses)

    def run(self, *arguments: str, **options: Any) -> Any:
        with self._namespace.entered():
            return super().run(*arguments, **options)


class PlacedNetwork(Network):
    """Each core is a host of its own; PBXs are on one, unless they say where."""

    def __init__(self, internet: Internet) -> None:
        super().__init__()
        self._internet = internet
        self._cores = 0
        self.pbx_host = internet.host("pbx")

    def core(self, source: str | None = None, port: int = 5060, **options: Any) -> Core:
        self._cores += 1
        host = self._internet.host(f"core{self._cores}")
        return super().core(source or host.address, port, opener=host.namespace.open, **options)

    def pbx(self, *arguments: Any, host: Host | None = None, **options: Any) -> Pbx:
        there = host or self.pbx_host
        return super().pbx(*arguments, source=there.address, opener=there.namespace.open, **options)


class Place:
    """What a test may use, and cut."""

    def __init__(self, internet: Internet, regions: Namespace, service: Turnpike) -> None:
        self.internet = internet
        self._regions = regions
        self.service = service
        self.network = PlacedNetwork(internet)
        self.carrier = Carrier(service, self.network)

    @property
    def addresses(self) -> dict[str, str]:
        """Of the regions."""
        return {name: address for name, (address, _) in zip(REGIONS, self.service.regions, strict=True)}

    @property
    def pbx_address(self) -> str:
        return self.network.pbx_host.address

    @contextmanager
    def without_route(self, region: str, address: str) -> Iterator[None]:
        """The region's machine refuses to send to the address."""
        route = ("unreachable", address, "table", str(TABLES[region]))
        self._regions.ip("route", "add", *route)
        try:
            yield
        finally:
            self._regions.ip("route", "delete", *route)

    def close(self) -> None:
        self.carrier.close()
        self.network.close()


@contextmanager
def placed(name: str) -> Iterator[Place]:
    """The service runs as it ships. Nothing of it is left afterwards, whatever happened."""
    internet = Internet()
    try:
        regions = internet.namespace("regions")
        instance = PlacedInstance(name, regions, Addresses(*_cables(internet, regions), API_PORT))
        for service in serving(instance, Inside(regions)):
            place = Place(internet, regions, service)
            yield place
            place.close()
    finally:
        internet.close()


def _cables(internet: Internet, namespace: Namespace) -> list[str]:
    """One for each region. What a region sends leaves by its own cable, also to the other region, which the kernel
    would hand over within the host.
    """
    namespace.set(**{f"ipv4__conf__{which}__accept_local": 1 for which in ("all", "default")})
    namespace.set(**{f"ipv4__conf__{which}__rp_filter": 0 for which in ("all", "default")})
    namespace.ip("rule", "add", "priority", "100", "lookup", "local")
    namespace.ip("rule", "delete", "priority", "0")
    addresses: list[str] = []
    for region, table in TABLES.items():
        address, gateway = internet.connect(namespace, region)
        namespace.ip("route", "add", "default", "via", gateway, "dev", region, "table", str(table))
        namespace.ip("rule", "add", "priority", "200", "from", address, "lookup", str(table))
        addresses.append(address)
    for table, near, far in zip(TABLES.values(), addresses, reversed(addresses), strict=True):
        rule = ("iif", "lo", "from", near, "to", far, "lookup", str(table))
        namespace.ip("rule", "add", "priority", "10", *rule)
    return addresses
