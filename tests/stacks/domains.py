"""An alias domain of an instance: the row, a name server that answers for it, and settings that name it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from tests.sip.nameserver import NameServer
from tests.sip.network import Network
from tests.sip.target import Credential
from tests.sip.turnpike import Turnpike

REGIONS = ("nw1", "se1")


@contextmanager
def published(service: Turnpike, network: Network, domain: str) -> Iterator[str]:
    """The address of a name server that has this domain's records (rule D1); it is gone afterwards."""
    with service.api.domain(domain), closing(NameServer((network.address(), 53))) as server:
        server.publish(domain, dict(zip(REGIONS, service.regions, strict=True)))
        yield server.address


def with_settings(service: Turnpike, pbx: str, domain: str | None = None) -> tuple[Credential, dict[str, str]]:
    """A new credential, and the files that its PBX loads, by name."""
    wanted: dict[str, Any] = {"label": f"a {pbx}", "pbx": pbx, "domain": domain}
    made = service.api.one("POST", "/v1/credentials", wanted)
    assert made["settings"]["domain"] == domain
    service.settled()
    files = {file["name"]: file["text"] for file in made["settings"]["files"]}
    return Credential(made["id"], made["username"], made["password"]), files
