"""Rows of the region store, put into the tables. Before the fork and in the timer process; never in a SIP worker."""

import json
from collections.abc import Iterable

from kemi import lists, state, tables
from kemi.canary import CANARY_CORE
from kemi.ksr import Htable
from kemi.state import Peer
from kemi.stored import Changes, Core, EmergencyNumber, Number, Region, UserAgent
from kemi.stored import Credential as CredentialRow
from kemi.stored import Peer as PeerRow
from kemi.tables import Credential, Route


def credentials(table: Htable, rows: Iterable[CredentialRow], now: int) -> list[str]:
    """Returns the usernames about which something is different now, which is milliseconds since the epoch."""
    return [row.username for row in rows if _credential(table, row, now)]


def _credential(table: Htable, row: CredentialRow, now: int) -> bool:
    old = table.sht_get(tables.CREDENTIAL, row.username)
    if row.ha1 is None:
        table.sht_rm(tables.CREDENTIAL, row.username)
        return old is not None
    end = end_of_grace(row, now)
    old_ha1 = str(row.old_ha1) if end else ""
    new = Credential(row.ha1, bool(row.enabled), row.id, row.version, row.tenant, old_ha1, end).encode()
    if new != old:
        table.sht_sets(tables.CREDENTIAL, row.username, new)
    return new != old


def end_of_grace(row: CredentialRow, now: int) -> int:
    """C4: until when the old password works, by this machine's clock; 0 when it does not."""
    if row.ha1 is None or row.old_ha1 is None or row.old_until is None or row.old_until <= now:
        return 0
    return row.old_until


def end_grace(table: Htable, username: str, now: int) -> None:
    """C4: an old password whose time is over costs the workers nothing more."""
    credential = credential_of(table, username)
    if credential is not None and 0 < credential.old_until <= now:
        table.sht_sets(tables.CREDENTIAL, username, credential.alone().encode())


def credential_of(table: Htable, username: str) -> Credential | None:
    """The credential as it is in force; None when there is none."""
    text = table.sht_get(tables.CREDENTIAL, username)
    return Credential.decode(str(text)) if text is not None else None


def peers(table: Htable, rows: Iterable[PeerRow]) -> list[str]:
    """Returns the usernames whose other regions' bindings changed."""
    changed = list(rows)
    for row in changed:
        _peer(table, row)
    return [row.username for row in changed]


def _peer(table: Htable, row: PeerRow) -> None:
    others = [peer for peer in known_peers(table, row.username) if peer.region != row.region]
    if row.expires:
        others.append(
            Peer(row.region, row.uid, row.address, row.port, row.user_agent, row.since, row.expires, bool(row.silent))
        )
    if others:
        table.sht_sets(tables.PEER, row.username, state.encode_peers(others))
    else:
        table.sht_rm(tables.PEER, row.username)


def known_peers(table: Htable, username: str) -> list[Peer]:
    text = table.sht_get(tables.PEER, username)
    return state.decode_peers(str(text)) if text is not None else []


def device_lists(table: Htable, rows: Iterable[UserAgent], revision: int) -> None:
    """`rows` is the whole list."""
    patterns: dict[str, list[str]] = {}
    for row in rows:
        patterns.setdefault(row.kind, []).append(row.pattern)
    lists.publish(table, {kind: patterns.get(kind, []) for kind in lists.KINDS}, revision)


def numbers(table: Htable, rows: Iterable[Number]) -> None:
    """Rules I2 and I5."""
    for row in rows:
        if row.present:
            table.sht_sets(tables.NUMBER, row.number, Route(row.username, row.tenant).encode())
        else:
            table.sht_rm(tables.NUMBER, row.number)


def emergency_numbers(table: Htable, rows: Iterable[EmergencyNumber]) -> None:
    """Rule O4."""
    for row in rows:
        if row.state == "listed":
            table.sht_seti(tables.EMERGENCY, row.digits, 1)
        else:
            table.sht_rm(tables.EMERGENCY, row.digits)


class Lists:
    """The short lists: the store tells rows that changed, the tables hold each list whole."""

    def __init__(self, table: Htable) -> None:
        self._table = table
        self._user_agents: dict[str, UserAgent] = {}
        self._cores: dict[str, Core] = {}
        self._regions: dict[str, Region] = {}

    def apply(self, changes: Changes) -> None:
        """Rules R3, B6, O4, O6, I1 and I3."""
        if changes.user_agents:
            self._user_agents.update({row.id: row for row in changes.user_agents})
            device_lists(self._table, self._user_agents.values(), changes.seq)
        if changes.cores:
            self._put_cores(changes.cores)
        if changes.regions:
            self._put_regions(changes.regions)
        emergency_numbers(self._table, changes.emergency_numbers)

    def _put_cores(self, rows: Iterable[Core]) -> None:
        """A disabled core may still call in; two cores can share an address."""
        self._cores.update({row.id: row for row in rows})
        self._table.sht_sets(tables.META, tables.CORE_ADDRESSES, json.dumps(sorted(self._addresses())))
        enabled = sorted((row.address, row.port) for row in self._cores.values() if row.state == "enabled")
        self._table.sht_sets(tables.META, tables.CORES, json.dumps(enabled))
        for row in self._cores.values():
            if row.state == CANARY_CORE:
                self._table.sht_sets(tables.META, tables.CANARY_CORE, f"{row.address}:{row.port}")

    def _put_regions(self, rows: Iterable[Region]) -> None:
        """One that is draining goes on serving, calls from other regions too (rule D2)."""
        self._regions.update({row.name: row for row in rows})
        known = sorted((row.name, row.address) for row in self._regions.values() if row.state != "gone")
        self._table.sht_sets(tables.META, tables.REGIONS, json.dumps(known))

    def _addresses(self) -> set[str]:
        return {row.address for row in self._cores.values() if row.state != "gone"}
