"""Hosts that one router joins. Each link is a /24; what the router drops is cut."""

import itertools
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from tests.namespaces.namespace import Namespace

PRIVATE, PRIVATE_ROUTER = "192.168.77.2", "192.168.77.1"
"""Every private host has the same: they are behind different routers and do not meet."""
MAPPING_SECONDS = 30
"""For how long a NAT router knows a UDP flow that is silent."""

# A keep-alive is known by its first four letters, "OPTI".
_CUTS = """
table inet cuts {
    set paths { type ipv4_addr . ipv4_addr; }
    set not_kept_alive { type ipv4_addr; }
    chain forward {
        type filter hook forward priority 0
        ip saddr . ip daddr @paths drop
        ip daddr @not_kept_alive udp sport 5060 @th,64,32 0x4f505449 drop
    }
}
"""
# What nobody inside has asked for is dropped, and takes no port from those inside.
_MASQUERADE = """
table ip nat {
    chain out {
        type nat hook postrouting priority srcnat
        oifname "wan" masquerade
    }
    chain in {
        type filter hook input priority filter
        iifname "wan" ct state new drop
    }
}
"""


@dataclass(frozen=True)
class Host:
    """A namespace with one address; `outside` is what the others see where that differs."""

    namespace: Namespace
    address: str
    outside: str


class Internet:
    """The router, and all hosts; `close` removes them."""

    def __init__(self) -> None:
        self._prefix = f"tp{secrets.token_hex(3)}"
        self._namespaces: list[Namespace] = []
        self._numbers = itertools.count(1)
        try:
            self._router = self.namespace("router")
            self._router.set(ipv4__ip_forward=1)
            self._router.nft(_CUTS)
        except BaseException:
            self.close()
            raise

    def namespace(self, name: str) -> Namespace:
        """A host without a link."""
        made = Namespace(f"{self._prefix}-{name}")
        self._namespaces.append(made)
        made.ip("link", "set", "lo", "up")
        return made

    def connect(self, namespace: Namespace, link: str, near: str = "") -> tuple[str, str]:
        """A cable: the host's address and the router's. It is called `link`, at the host `near` where that differs."""
        network = f"198.18.{next(self._numbers)}"
        _cable(namespace, f"{network}.2", near or link, self._router, f"{network}.1", link)
        return f"{network}.2", f"{network}.1"

    def host(self, name: str) -> Host:
        """A host with one link."""
        namespace = self.namespace(name)
        address, gateway = self.connect(namespace, name)
        namespace.ip("route", "add", "default", "via", gateway)
        return Host(namespace, address, address)

    def behind_nat(self, name: str) -> Host:
        """A host with a private address behind a router of its own, which masquerades."""
        router, namespace = self.namespace(f"{name}-nat"), self.namespace(name)
        outside, gateway = self.connect(router, name, "wan")
        router.ip("route", "add", "default", "via", gateway)
        _cable(namespace, PRIVATE, "lan", router, PRIVATE_ROUTER, "lan")
        namespace.ip("route", "add", "default", "via", PRIVATE_ROUTER)
        router.nft(_MASQUERADE)
        router.set(
            ipv4__ip_forward=1,
            netfilter__nf_conntrack_udp_timeout=MAPPING_SECONDS,
            netfilter__nf_conntrack_udp_timeout_stream=MAPPING_SECONDS,
        )
        return Host(namespace, PRIVATE, outside)

    @contextmanager
    def cut(self, *paths: tuple[str, str]) -> Iterator[None]:
        """No packet passes between the two addresses of any of these."""
        both = ", ".join(f"{one} . {other}, {other} . {one}" for one, other in paths)
        with self._listed("paths", both):
            yield

    @contextmanager
    def without_keepalives(self, address: str) -> Iterator[None]:
        """No OPTIONS of any gateway reaches the address; everything else does."""
        with self._listed("not_kept_alive", address):
            yield

    @contextmanager
    def _listed(self, name: str, elements: str) -> Iterator[None]:
        self._router.nft(f"add element inet cuts {name} {{ {elements} }}")
        try:
            yield
        finally:
            self._router.nft(f"delete element inet cuts {name} {{ {elements} }}")

    @contextmanager
    def unplugged(self, link: str) -> Iterator[None]:
        """The cable is out of the router."""
        self._router.ip("link", "set", link, "down")
        try:
            yield
        finally:
            self._router.ip("link", "set", link, "up")

    def close(self) -> None:
        """AssertionError when one could not be removed; the others are gone then."""
        with ExitStack() as stack:
            while self._namespaces:
                stack.callback(self._namespaces.pop(0).close)


def _cable(near: Namespace, near_address: str, link: str, far: Namespace, far_address: str, far_link: str) -> None:
    """A veth pair, made where its ends are meant to be: the machine's own network never has it."""
    near.ip("link", "add", link, "type", "veth", "peer", "name", far_link, "netns", far.name)
    for namespace, address, end in ((near, near_address, link), (far, far_address, far_link)):
        namespace.ip("address", "add", f"{address}/24", "dev", end)
        namespace.ip("link", "set", end, "up")
