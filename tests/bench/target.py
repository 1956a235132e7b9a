"""The native rival behind the protocol of the wire tests: RPC for what an administrator does."""

import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, overload

import pytest

from tests.bench.native import DISABLED, REALM, Native
from tests.sip.digest import ha1
from tests.sip.phone import Address
from tests.sip.target import Binding, Block, Credential, Event

RULES = {"blocked_early": "R4", "blocked_streak": "R4"}


class OneRegion(Sequence[Address]):
    """The one address; a test that wants another region is skipped."""

    def __init__(self, address: Address) -> None:
        self._address = address

    def __len__(self) -> int:
        return 1

    @overload
    def __getitem__(self, index: int) -> Address: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Address]: ...

    def __getitem__(self, index: int | slice) -> Address | Sequence[Address]:
        if isinstance(index, slice):
            return [self._address][index]
        if index not in (0, -1):
            pytest.skip("the rival has one region")
        return self._address

    def __iter__(self) -> Iterator[Address]:
        return iter([self._address])


class NativeTarget:
    """One region without API: it has no events."""

    realm = REALM

    def __init__(self, native: Native) -> None:
        self._native = native
        self.regions: Sequence[Address] = OneRegion(native.address)

    def new_credential(self) -> Credential:
        username, password = "w" + secrets.token_hex(6), secrets.token_hex(16)
        credential = Credential(username, username, password)
        self._allow(credential)
        return credential

    def new_credentials(self, count: int) -> list[Credential]:
        return [self.new_credential() for _ in range(count)]

    def _allow(self, credential: Credential, mark: str = "") -> None:
        secret = f"{mark}{ha1(credential.username, REALM, credential.password)}|"
        self._native.call("htable.sets", "credential", credential.username, secret)

    def disable(self, credential: Credential) -> None:
        self._allow(credential, DISABLED)
        self._unbind(credential.username)

    def enable(self, credential: Credential) -> None:
        self._allow(credential)

    def delete(self, credential: Credential) -> None:
        self._forget("credential", credential.username)
        self._unbind(credential.username)

    def _forget(self, table: str, key: str) -> None:
        with suppress(RuntimeError):  # it was not there
            self._native.call("htable.delete", table, key)

    def rotate(self, credential: Credential) -> Credential:
        rotated = Credential(credential.id, credential.username, secrets.token_hex(16))
        self._allow(rotated)
        self._unbind(credential.username)
        return rotated

    def _unbind(self, username: str) -> None:
        with suppress(RuntimeError):  # there was none
            self._native.call("ul.rm", "location", username)
        self._forget("holder", username)

    def bindings(self, credential: Credential) -> list[Binding]:
        try:
            record = self._native.call("ul.lookup", "location", credential.username)
        except RuntimeError:
            return []
        rows = [each["Contact"] for each in record["Contacts"]]
        return [_binding(credential.username, row) for row in rows if row["Expires"] not in ("deleted", "expired")]

    def remove(self, binding: Binding) -> None:
        self._unbind(binding.username)

    def blocks(self, address: str) -> list[Block]:
        slots = self._native.call("htable.dump", "block") or []
        found = [_block(item["name"], item["value"]) for slot in slots for item in slot["slot"]]
        return [block for block in found if block.address == address]

    def lift(self, block: Block) -> None:
        self._forget("block", block.id)

    def events(self, credential: Credential) -> list[Event]:  # noqa: ARG002
        pytest.skip("the rival records no events")

    def workers(self) -> frozenset[int]:
        return self._native.kamailio.pids()


def _binding(username: str, row: dict[str, Any]) -> Binding:
    address, _, port = row["Received"].removeprefix("sip:").partition(":")
    expires = row["Last-Modified"] + 300
    return Binding(row["Ruid"], "nw1", username, address, int(port), row["User-Agent"], expires)


def _block(name: str, cause: str) -> Block:
    """The key is the address, or address::username. When a block ends cannot be asked for over RPC."""
    address, _, username = name.partition("::")
    return Block(name, "nw1", address, username or None, cause, RULES.get(cause, "B2"), time.time() + 900)
