"""What to do about a difference, by what is known of where it comes from."""

from __future__ import annotations

from typing import Final

from api.dns.asking import Server
from api.dns.comparing import NO_AUTHORITY, Finding, Wanted, is_older

NOT_LOADED: Final = (NO_AUTHORITY, "REFUSED", "SERVFAIL", "NXDOMAIN", "NOTAUTH")


def advice_on(finding: Finding, server: Server, serial: int | None, wanted: Wanted, right: bool) -> str:
    """The end of a sentence. `serial` is that of the zone there; `right`: a name server has all as it should be."""
    if finding.kind == "unanswered" and finding.answered is None and finding.name != wanted.soa.name:
        return "it answers other questions, so ask again; if it stays so, see whom it asks in its turn"
    if finding.kind == "unanswered" and finding.answered is None:
        return f"see that it runs, and that UDP and TCP port {server.port} of {server.address} can be reached from here"
    if server.authoritative:
        return _for_name_server(finding, serial, wanted)
    return _for_resolver(finding, wanted, right)


def _for_name_server(finding: Finding, serial: int | None, wanted: Wanted) -> str:
    newest = f"(./turnpike dns render {wanted.domain} writes it)"
    if finding.answered in NOT_LOADED:
        return f"load the zone there {newest}"
    if serial is not None and wanted.serial is not None and is_older(serial, wanted.serial):
        return f"load serial {wanted.serial} there {newest}"
    return f"load today's zone there {newest}"


def _for_resolver(finding: Finding, wanted: Wanted, right: bool) -> str:
    zone, servers = wanted.soa.name, ", ".join(wanted.name_servers)
    if finding.answered in NOT_LOADED and right:
        return f"{servers} have the zone, so its delegation is missing: add NS records for {zone} to {wanted.domain}"
    if finding.answered in NOT_LOADED:
        return f"load the zone into {servers}, and add NS records for {zone} to {wanted.domain}"
    if right:
        return (
            f"{servers} have it right, so wait {wanted.ttl} s until it is asked anew;"
            f" if it stays so, correct the NS records for {zone} in {wanted.domain}"
        )
    return f"load today's zone into {servers} (./turnpike dns render {wanted.domain} writes it)"
