"""A running service with two alias domains, and the name servers that have their zones."""

from tests.dns.names import Names
from tests.sip.turnpike import Row, Turnpike

DOMAINS = ("brand-a.example", "brand-b.example")


class Site:
    """What an operator does: add domains, drain regions, render zones into the files of the name server, load them."""

    def __init__(self, service: Turnpike, names: Names) -> None:
        self.service = service
        self.names = names
        self.regions = dict(zip(("nw1", "se1"), (address for address, _ in service.regions), strict=True))
        for domain in DOMAINS:
            service.api.send("POST", "/v1/domains", {"name": domain, "name_servers": [f"ns1.{domain}"]})

    def set_state(self, region: str, state: str) -> None:
        self.service.api.send("PATCH", f"/v1/regions/{region}", {"state": state, "force": True})

    def render(self, domain: str) -> Row:
        """The newest version of the domain's zone."""
        return self.service.api.one("POST", f"/v1/domains/{domain}/zones")

    def publish(self) -> None:
        """The name server has today's zones."""
        self.names.load({domain: self.render(domain)["text"] for domain in DOMAINS})

    def service_in(self, *regions: str) -> dict[str, list[str]]:
        """The SRV records that each domain should have then."""
        return {domain: sorted(f"10 10 5060 {region}.reg.{domain}." for region in regions) for domain in DOMAINS}

    def until_in(self, *regions: str) -> None:
        """The resolver names exactly these regions, for both domains."""
        for domain, records in self.service_in(*regions).items():
            self.names.until_answered(f"_sip._udp.reg.{domain}", "SRV", records)

    def reset(self) -> None:
        """All regions in service, zones loaded, delegated, and every name server there."""
        for region in self.regions:
            self.set_state(region, "in-service")
        self.names.resolver.start()
        self.names.delegate()
        self.publish()
        self.until_in(*self.regions)
        for domain in DOMAINS:
            for region, address in self.regions.items():
                self.names.until_answered(f"{region}.reg.{domain}", "A", [address])
