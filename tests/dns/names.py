"""Names as PBXs meet them: who has the domains, who has their zones of PBXs, and a resolver that asks both."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from dns.exception import Timeout

from tests.dns.bind import RESOLVER, Bind, Front
from tests.sip.network import Network
from tests.sip.waiting import until

PARENT = """$TTL 60
@ IN SOA ns0 hostmaster 1 300 60 3600 60
@ IN NS ns0
ns0 IN A {parent}
ns1 IN A {own}
"""
DELEGATION = "reg IN NS ns1\n"


class Names:
    """Two name servers, found at port 53 of an address each, and a resolver. `ns1.<domain>` has the zones `reg.…`."""

    def __init__(self, folder: Path, network: Network, domains: Sequence[str]) -> None:
        self.domains = domains
        self.parent, self.own = Bind(folder / "parent"), Bind(folder / "own")
        self.resolver = Bind(folder / "resolver", RESOLVER)
        self._fronts = [
            Front(network.address(), ("127.0.0.1", each.port)) for each in (self.parent, self.own, self.resolver)
        ]
        self.own.serve()
        self.delegate()
        self.resolver.serve(dict.fromkeys(domains, self._fronts[0].address))

    @property
    def own_address(self) -> str:
        """Of the name server that has the zones of PBXs."""
        return str(self._fronts[1].address)

    @property
    def resolver_address(self) -> str:
        """For PBXs that ask at port 53 only, as PJSIP does."""
        return str(self._fronts[2].address)

    def delegate(self, *, without: str = "", more: Mapping[str, str] | None = None) -> None:
        """Each domain's own zone: with its delegation, or `more` records."""
        text = PARENT.format(parent=self._fronts[0].address, own=self.own_address)
        self.parent.write(
            {
                domain: text + ("" if domain == without else DELEGATION) + (more or {}).get(domain, "")
                for domain in self.domains
            }
        )
        self.parent.serve()

    def load(self, texts: Mapping[str, str]) -> None:
        """The name server has these zones, by domain, and no others."""
        self.own.write({f"reg.{domain}": text for domain, text in texts.items()})
        self.own.serve()

    def until_answered(self, name: str, kind: str, wanted: Sequence[str]) -> None:
        """By the resolver, which keeps nothing for long."""
        until(lambda: self._answered(name, kind) == sorted(wanted), 10, f"{name} {kind} is {wanted}", pause=0.1)

    def _answered(self, name: str, kind: str) -> list[str] | None:
        """None when the resolver is too busy to answer."""
        try:
            return self.resolver.ask(name, kind, 3)
        except Timeout:
            return None

    def close(self) -> None:
        for server in (self.parent, self.own, self.resolver):
            server.stop()
        for front in self._fronts:
            front.close()
