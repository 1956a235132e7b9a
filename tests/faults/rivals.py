"""Clients that change the same things at the same time, and keep account of what they were told."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

Row = dict[str, Any]
FEW: Final = 6
NUMBERS: Final = tuple(f"+1415555{n:04}" for n in range(FEW))
TENANTS: Final = tuple(f"rival-{n}" for n in range(FEW))
PASSING: Final = tuple(f"passing-{n}" for n in range(3))
DIGITS: Final = ("701", "702", "703")
REQUEST_ID: Final = "X-Request-ID"


@dataclass
class Account:
    """What all clients together were told."""

    counted: Counter[str] = field(default_factory=Counter)
    """path → how many times its counter was raised by one"""
    done: list[str] = field(default_factory=list)
    """ids of the requests that made a change"""
    passwords: dict[str, dict[int, tuple[str, int]]] = field(default_factory=dict)
    """id of a credential → change → password, and how many seconds the one before it works beside it"""
    made: dict[str, set[str]] = field(default_factory=dict)
    """Idempotency-Key → ids that were made"""
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    unexpected: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Rival:
    """One client. `credentials` and `cores` are ids."""

    def __init__(
        self, client: httpx.Client, seed: int, credentials: list[str], cores: list[str], account: Account
    ) -> None:
        self._client = client
        self._random = random.Random(seed)
        self._credentials = credentials
        self._cores = cores
        self._account = account
        self._seed = seed
        self._sent = 0

    def run(self, until: float) -> None:
        """Changes things until `until` (monotonic seconds)."""
        actions: list[Callable[[], None]] = [
            *[self._count] * 6,
            self._switch,
            self._rotate,
            self._move,
            self._route,
            self._make_and_drop,
            self._make_once,
        ]
        while time.monotonic() < until:
            self._random.choice(actions)()

    def _send(self, method: str, path: str, allowed: set[int], body: Any = None, **headers: str) -> httpx.Response:
        self._sent += 1
        name = f"rival-{self._seed}-{self._sent}"
        answer = self._client.request(method, f"/v1/{path}", json=body, headers={REQUEST_ID: name, **headers})
        with self._account.lock:
            self._account.statuses[method, answer.status_code] += 1
            if answer.status_code not in allowed:
                self._account.unexpected.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
            if method != "GET" and answer.is_success and "Idempotent-Replayed" not in answer.headers:
                self._account.done.append(name)
        return answer

    def _count(self) -> None:
        """Raises the number in a label by one, unless somebody else has meanwhile."""
        path, name = self._random.choice(
            [
                (f"credentials/{self._random.choice(self._credentials)}", "label"),
                (f"tenants/{self._random.choice(TENANTS)}", "name"),
            ]
        )
        found = self._send("GET", path, {200})
        raised = f"count {int(found.json()[name].split()[1]) + 1}"
        answer = self._send("PATCH", path, {200, 412}, {name: raised}, **{"If-Match": found.headers["ETag"]})
        if answer.is_success:
            with self._account.lock:
                self._account.counted[path] += 1

    def _switch(self) -> None:
        places = [*(f"credentials/{name}" for name in self._credentials), *(f"cores/{name}" for name in self._cores)]
        self._send("PATCH", self._random.choice(places), {200}, {"enabled": self._random.random() < 0.7})

    def _rotate(self) -> None:
        credential = self._random.choice(self._credentials)
        grace = self._random.choice([0, 3600])
        made = self._send("POST", f"credentials/{credential}/rotate", {200}, {"grace_seconds": grace}).json()
        with self._account.lock:
            self._account.passwords.setdefault(credential, {})[made["change"]] = made["password"], grace

    def _move(self) -> None:
        tenant = self._random.choice([None, *TENANTS, *PASSING])
        credential = self._random.choice(self._credentials)
        self._send("PATCH", f"credentials/{credential}", {200, 409}, {"tenant": tenant})

    def _route(self) -> None:
        wanted = {"credential": self._random.choice([None, *self._credentials])}
        self._send("PATCH", f"numbers/{self._random.choice(NUMBERS)}", {200, 404}, wanted)

    def _make_and_drop(self) -> None:
        path, body, name = self._random.choice(
            [
                ("numbers", {"number": self._random.choice(NUMBERS)}, "number"),
                ("emergency-numbers", {"digits": self._random.choice(DIGITS)}, "digits"),
                ("tenants", {"account_id": self._random.choice(PASSING), "name": "passing"}, "account_id"),
            ]
        )
        if self._random.random() < 0.6:
            self._send("POST", path, {201, 409}, body)
        else:
            self._send("DELETE", f"{path}/{body[name]}", {200, 404, 409})

    def _make_once(self) -> None:
        """Several clients send the same request with the same key."""
        key = f"once-{self._random.randrange(40)}"
        answer = self._send("POST", "credentials", {201, 409}, {"label": key}, **{"Idempotency-Key": key})
        made = answer.json()["id"] if answer.is_success else answer.json()["made"]["id"]
        with self._account.lock:
            self._account.made.setdefault(key, set()).add(made)
