"""Thirty-two clients change the same things for a while: nothing is lost, skipped or told twice."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any, Final

import httpx
import pytest
from pymysql.cursors import DictCursor

from api.settings import Settings
from tests.faults.rivals import TENANTS, Account, Rival
from tests.integration.api.server import connected
from tests.sip.digest import Login
from tests.sip.figures import Figures
from tests.sip.network import Network
from tests.sip.turnpike import Turnpike

CLIENTS: Final = 32
SECONDS: Final = 12
CREDENTIALS: Final = 8
IN_MARIADB: Final = {
    "credential": (
        "SELECT username, id, ha1, enabled, password_version, tenant, old_ha1,"
        " TIMESTAMPDIFF(MICROSECOND, '1970-01-01', old_until) DIV 1000 FROM credential"
    ),
    "core": "SELECT id, address, port, IF(enabled, 'enabled', 'disabled') FROM core WHERE region = %(region)s",
    "number": "SELECT n.number, c.username, n.tenant FROM number n LEFT JOIN credential c ON c.id = n.credential",
    "emergency_number": "SELECT digits FROM emergency_number",
    "user_agent": "SELECT id, kind, pattern FROM user_agent",
}
IN_STORE: Final = {
    "credential": (
        "SELECT username, id, ha1, enabled, version, tenant, old_ha1, old_until FROM credential WHERE ha1 IS NOT NULL"
    ),
    "core": "SELECT id, address, port, state FROM core WHERE state <> 'gone'",
    "number": "SELECT number, username, tenant FROM number WHERE present",
    "emergency_number": "SELECT digits FROM emergency_number WHERE state = 'listed'",
    "user_agent": "SELECT id, kind, pattern FROM user_agent WHERE kind <> 'gone'",
}


class Reader:
    """Reads the change log as a region does, all the while: whoever sees N has seen all up to N."""

    def __init__(self, settings: Settings, first: int) -> None:
        self._settings = settings
        self._known = first
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read)
        self.gaps: list[str] = []
        self.reads = 0

    def __enter__(self) -> Reader:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(10)

    def _read(self) -> None:
        with connected(self._settings, "region-nw1") as cursor:
            while not self._stop.wait(0.002):
                cursor.execute("SELECT n FROM change_counter")
                (latest,) = cursor.fetchall()
                cursor.execute("SELECT n FROM change_log WHERE n > %s AND n <= %s", (self._known, latest["n"]))
                seen = sorted(row["n"] for row in cursor.fetchall())
                if seen != list(range(self._known + 1, latest["n"] + 1)):
                    self.gaps.append(f"{self._known} to {latest['n']}: {seen}")
                self._known = latest["n"]
                self.reads += 1


@pytest.fixture(scope="module")
def settings(service: Turnpike) -> Settings:
    return Settings.load(service.instance.home)


@pytest.fixture(scope="module")
def root(settings: Settings) -> Iterator[DictCursor]:
    with connected(settings, "root") as cursor:
        yield cursor


@pytest.fixture(scope="module")
def credentials(service: Turnpike) -> dict[str, Any]:
    """Those that are fought over, by id."""
    for account_id in TENANTS:
        service.api.send("POST", "/v1/tenants", {"account_id": account_id, "name": "count 0"})
    made = [service.api.one("POST", "/v1/credentials", {"label": "count 0"}) for _ in range(CREDENTIALS)]
    return {row["id"]: row for row in made}


@pytest.fixture(scope="module")
def cores(service: Turnpike) -> list[str]:
    """Two a region, at addresses where nobody answers; ids."""
    places = [{"region": region, "address": f"127.0.63.{n}"} for region in ("nw1", "se1") for n in (1, 2)]
    return [service.api.one("POST", "/v1/cores", place)["id"] for place in places]


@pytest.fixture(scope="module")
def reader(root: DictCursor, settings: Settings) -> Reader:
    root.execute("SELECT n FROM change_counter")
    return Reader(settings, int((root.fetchone() or {})["n"]))


@pytest.fixture(scope="module")
def account(
    service: Turnpike, credentials: dict[str, Any], cores: list[str], reader: Reader, figures: Figures
) -> Iterator[Account]:
    """What the clients were told meanwhile."""
    account = Account()
    headers = {"Authorization": f"Bearer {service.instance.admin_key}"}
    clients = [httpx.Client(base_url=service.instance.url, headers=headers, timeout=30) for _ in range(CLIENTS)]
    rivals = [Rival(client, seed, list(credentials), cores, account) for seed, client in enumerate(clients)]
    end = time.monotonic() + SECONDS
    with reader, ThreadPoolExecutor(CLIENTS) as pool:
        for done in [pool.submit(rival.run, end) for rival in rivals]:
            done.result()
    for client in clients:
        client.close()
    service.settled(30)
    figures.measured(f"changes that {CLIENTS} clients made in {SECONDS} s", len(account.done))
    yield account
    for core in cores:
        service.api.send("DELETE", f"/v1/cores/{core}")


def test_every_answer_is_one_that_is_documented(account: Account) -> None:
    assert account.unexpected == []
    assert account.statuses["PATCH", 412] > 0, "nobody met anybody"
    assert account.statuses["POST", 409] > 0


def test_no_update_is_lost(service: Turnpike, account: Account, credentials: dict[str, Any]) -> None:
    counted = {f"credentials/{name}": "label" for name in credentials} | {f"tenants/{name}": "name" for name in TENANTS}
    assert sum(account.counted.values()) > CLIENTS
    for path, name in counted.items():
        assert service.api.one("GET", f"/v1/{path}")[name] == f"count {account.counted[path]}", path


def test_whoever_sees_a_change_has_seen_all_before_it(account: Account, reader: Reader, root: DictCursor) -> None:
    assert account.done
    assert reader.reads > SECONDS
    assert reader.gaps == []
    root.execute("SELECT MIN(n) AS first, MAX(n) AS last, COUNT(*) AS rows_ FROM change_log")
    log = root.fetchone() or {}
    root.execute("SELECT n FROM change_counter")
    assert (log["first"], log["last"], log["rows_"]) == (1, (root.fetchone() or {})["n"], log["last"])


def test_the_audit_log_has_each_change_once_and_no_other(account: Account, root: DictCursor) -> None:
    root.execute("SELECT request_id FROM audit WHERE request_id LIKE 'rival-%%'")
    assert sorted(row["request_id"] for row in root.fetchall()) == sorted(account.done)


def test_a_request_that_several_sent_with_one_key_was_carried_out_once(service: Turnpike, account: Account) -> None:
    assert all(len(made) == 1 for made in account.made.values())
    for key, (made,) in account.made.items():
        rows = service.api.rows("/v1/credentials", label=key)
        assert [row["id"] for row in rows if row["label"] == key] == [made]


@pytest.mark.parametrize("entity", sorted(IN_STORE))
def test_each_region_ends_with_what_mariadb_has(
    account: Account, settings: Settings, root: DictCursor, entity: str
) -> None:
    assert account.done
    for region in settings.regions:
        root.execute(IN_MARIADB[entity], {"region": region.name})
        wanted = sorted((tuple(row.values()) for row in root.fetchall()), key=repr)
        assert wanted or entity == "number", "all six may be gone"
        store = settings.region_home(region.name) / "store.sqlite"
        with closing(sqlite3.connect(f"{store.as_uri()}?mode=ro", uri=True)) as db:
            assert sorted(db.execute(IN_STORE[entity]).fetchall(), key=repr) == wanted, region.name


def test_each_gateway_knows_the_last_password_and_whether_it_counts(
    account: Account, service: Turnpike, network: Network, credentials: dict[str, Any]
) -> None:
    """On the wire: REGISTER that only asks (no Contact)."""
    assert account.passwords
    for name, made in credentials.items():
        shown = service.api.one("GET", f"/v1/credentials/{name}")
        expected = 200 if shown["enabled"] else 503
        known = [(made["password"], 0), *(each for _, each in sorted(account.passwords.get(name, {}).items()))]
        (last, grace), before = known[-1], [word for word, _ in known[-2:-1]]
        assert (shown["old_password_until"] is not None) == bool(grace)
        for gateway in service.regions:
            for password, status in [(last, expected), *((word, expected if grace else 401) for word in before)]:
                phone = network.phone(gateway, Login(made["username"], password), network.address())
                assert phone.register(expires=None, contact=None).status == status, (name, gateway)
                phone.close()
