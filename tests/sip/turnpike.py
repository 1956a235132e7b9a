"""Turnpike as a target: the API for what an administrator does, SIP for everything else."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import httpx

from tests.sip.instance import Instance
from tests.sip.phone import Address
from tests.sip.processes import tree
from tests.sip.target import Binding, Block, Credential, Event
from tests.sip.waiting import until

Row = dict[str, Any]
SPARE = 25


def _seconds(text: str) -> float:
    """Epoch seconds of a time of the API, which is UTC."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


class Api:
    """The REST API, for tests: every method fails loudly on an unexpected status."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def send(self, method: str, path: str, body: Row | None = None) -> httpx.Response:
        """Any request; AssertionError with the problem's text on a 4xx or 5xx."""
        response = self._client.request(method, path, json=body)
        assert response.is_success, f"{method} {path}: {response.status_code} {response.text}"
        return response

    def one(self, method: str, path: str, body: Row | None = None) -> Row:
        document: Row = self.send(method, path, body).json()
        return document

    @contextmanager
    def domain(self, name: str, ttl: int = 60) -> Iterator[None]:
        """An alias domain, which is removed afterwards."""
        self.send("POST", "/v1/domains", {"name": name, "name_servers": ["ns1.carrier.example"], "ttl": ttl})
        try:
            yield
        finally:
            self.send("DELETE", f"/v1/domains/{name}")

    def rows(self, path: str, **query: str) -> list[Row]:
        response = self._client.get(path, params=query)
        assert response.is_success, f"{path}: {response.status_code} {response.text}"
        document = response.json()
        items: list[Row] = document["items"]
        return items

    def close(self) -> None:
        self._client.close()


class Turnpike:
    """A running instance behind the Target protocol."""

    realm = "registration"

    def __init__(self, instance: Instance, transport: httpx.BaseTransport | None = None) -> None:
        self.instance = instance
        headers = {"Authorization": f"Bearer {instance.admin_key}"}
        self._spare: list[Credential] = []
        self._gateways: frozenset[int] = frozenset()
        self._lock = threading.Lock()
        self.api = Api(httpx.Client(base_url=instance.url, headers=headers, timeout=60, transport=transport))

    def close(self) -> None:
        self.api.close()

    @property
    def regions(self) -> Sequence[Address]:
        addresses = self.instance.addresses
        return ((addresses.nw1, 5060), (addresses.se1, 5060))

    def settled(self, seconds: float = 10.0) -> None:
        """Wait until every region applies the newest change: that of a write which this call makes last."""
        newest = max(int(row["change"]) for row in self.api.rows("/v1/regions"))
        until(lambda: self._applied() >= newest, seconds, f"regions apply change {newest}")

    def _applied(self) -> int:
        return min(int(row["applied_change"] or 0) for row in self.api.rows("/v1/regions"))

    def new_credential(self) -> Credential:
        """One of a batch that was made together, so that not every test waits for the regions."""
        with self._lock:
            if not self._spare:
                self._spare = self.new_credentials(SPARE)
            return self._spare.pop()

    def new_credentials(self, count: int) -> list[Credential]:
        made = [self.api.one("POST", "/v1/credentials", {"label": "wire test"}) for _ in range(count)]
        self.settled(10 + count / 50)
        return [Credential(row["id"], row["username"], row["password"]) for row in made]

    def disable(self, credential: Credential) -> None:
        self._write("PATCH", credential, {"enabled": False})

    def enable(self, credential: Credential) -> None:
        self._write("PATCH", credential, {"enabled": True})

    def delete(self, credential: Credential) -> None:
        self._write("DELETE", credential)

    def rotate(self, credential: Credential, grace: int = 0) -> Credential:
        """The old password works for `grace` seconds more."""
        row = self.api.one("POST", f"/v1/credentials/{credential.id}/rotate", {"grace_seconds": grace})
        self.settled()
        return Credential(credential.id, credential.username, row["password"])

    def end_grace(self, credential: Credential) -> None:
        self.api.send("DELETE", f"/v1/credentials/{credential.id}/old-password")
        self.settled()

    def shown(self, credential: Credential) -> Row:
        """The credential as an administrator sees it."""
        return self.api.one("GET", f"/v1/credentials/{credential.id}")

    def old_password_ends(self, credential: Credential) -> float:
        """In epoch seconds."""
        return _seconds(self.shown(credential)["old_password_until"])

    def _write(self, method: str, credential: Credential, body: Row | None = None) -> None:
        self.api.send(method, f"/v1/credentials/{credential.id}", body)
        self.settled()

    def bindings(self, credential: Credential) -> list[Binding]:
        return [_binding(row) for row in self.api.rows("/v1/bindings", credential=credential.username)]

    def remove(self, binding: Binding) -> None:
        self.api.send("DELETE", f"/v1/bindings/{binding.id}")

    def blocks(self, address: str) -> list[Block]:
        return [_block(row) for row in self.api.rows("/v1/blocks", address=address)]

    def lift(self, block: Block) -> None:
        self.api.send("DELETE", f"/v1/blocks/{block.id}")

    def events(self, credential: Credential) -> list[Event]:
        return [_event(row) for row in self.api.rows("/v1/events", credential=credential.username, limit="200")]

    def workers(self) -> frozenset[int]:
        if not tree(self._gateways) or not self._gateways:
            self._gateways = frozenset(self.instance.pids("gateway"))
        return tree(self._gateways)


def _binding(row: Row) -> Binding:
    return Binding(
        id=row["id"],
        region=row["region"],
        username=row["username"],
        address=row["address"],
        port=row["port"],
        user_agent=row["user_agent"],
        expires_at=_seconds(row["expires_at"]),
    )


def _block(row: Row) -> Block:
    return Block(
        id=row["id"],
        region=row["region"],
        address=row["address"],
        username=row["username"],
        cause=row["cause"],
        rule=row["rule"],
        until=_seconds(row["until"]),
    )


def _event(row: Row) -> Event:
    return Event(
        id=row["id"],
        region=row["region"],
        rule=row["rule"],
        cause=row["cause"],
        code=row["code"],
        address=row["address"],
        user_agent=row["user_agent"],
        count=row["count"],
        sentence=row["sentence"],
    )
