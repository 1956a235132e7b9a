"""Making an Asterisk for a service, and what the service knows of it then."""

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.clients.asterisk import Asterisk
from tests.clients.distribution import asterisk_root
from tests.sip.network import Network
from tests.sip.phone import Address
from tests.sip.target import Binding, Credential
from tests.sip.turnpike import Turnpike
from tests.sip.waiting import until

REGIONS = ("nw1", "se1")
_NUMBERS = itertools.count(12125550100)


def gateways(service: Turnpike) -> Mapping[str, Address]:
    return dict(zip(REGIONS, service.regions, strict=True))


@contextmanager
def asterisk(
    service: Turnpike,
    network: Network,
    credential: Credential | None = None,
    name_server: str = "127.0.0.1",
    settings: Mapping[str, str] | None = None,
) -> Iterator[Asterisk]:
    """One that runs at a fresh address, with a number of its own that is routed to its credential.

    `settings` are the service's own files for it, by name; without them it has what docs/pbx-owners.md says.
    """
    who = credential or service.new_credential()
    number = f"+{next(_NUMBERS)}"
    service.api.send("POST", "/v1/numbers", {"number": number, "credential": who.id})
    folder = Path(tempfile.mkdtemp(prefix="tp-asterisk-", dir="/tmp"))
    pbx = Asterisk(folder, asterisk_root(), network.address(), gateways(service), who, number, name_server, settings)
    try:
        pbx.start()
        yield pbx
    finally:
        pbx.stop()
        if os.environ.get("TURNPIKE_TEST_KEEP") is None:
            shutil.rmtree(folder, ignore_errors=True)


def bindings(service: Turnpike, pbx: Asterisk) -> dict[str, Binding]:
    """By region; only those of this PBX's address."""
    return {row.region: row for row in service.bindings(pbx.credential) if row.address == pbx.source}


def until_registered(service: Turnpike, pbx: Asterisk, seconds: float = 10, count: int = 2) -> dict[str, Binding]:
    until(lambda: len(bindings(service, pbx)) >= count, seconds, f"{count} bindings of {pbx.source}", pause=0.1)
    return bindings(service, pbx)


def until_renewed(
    service: Turnpike, pbx: Asterisk, seconds: float, before: Mapping[str, Binding] | None = None
) -> None:
    """In every region the binding is prolonged beyond what it was."""
    old = before or bindings(service, pbx)

    def renewed() -> bool:
        now = bindings(service, pbx)
        return all(name in now and now[name].expires_at > old[name].expires_at + 1 for name in old)

    until(renewed, seconds, f"{pbx.source} refreshes in {', '.join(old)}", pause=0.2)


def until_refused(service: Turnpike, pbx: Asterisk, code: int, cause: str, seconds: float = 15) -> None:
    """An event says that this PBX got `code`."""

    def refused() -> bool:
        events = service.events(pbx.credential)
        return any((event.code, event.cause, event.address) == (code, cause, pbx.source) for event in events)

    until(refused, seconds, f"{pbx.source} gets {code}, {cause}", pause=0.1)
