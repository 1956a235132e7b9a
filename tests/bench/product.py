"""The service itself, started with its own command on addresses of the benchmark."""

import json
import os
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pymysql

from api.settings import Settings
from tests.bench.kamailio import family
from tests.bench.load import Account
from tests.sip.waiting import until

ROOT = Path(__file__).resolve().parents[2]
API_PORT = 18515
APPLIED = 120.0  # seconds until both regions know the credentials
SHIPPED = 120.0  # seconds until the registrations are in MariaDB


class Product:
    """One instance with two regions; the PBXs register in the first."""

    def __init__(
        self, home: Path, addresses: tuple[str, str], accounts: Sequence[Account], tenant: str | None = None
    ) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.home = home
        self._accounts = accounts
        self._tenant = tenant
        self.address = (addresses[0], 5060)
        self._environment = {**os.environ, "TURNPIKE_VAR": str(home)}
        regions = zip(("nw1", "se1"), addresses, strict=True)
        lines = [f'[[regions]]\nname = "{name}"\naddress = "{address}"\n' for name, address in regions]
        settings = f"api_port = {API_PORT}\n" + "".join(lines)
        (home / "settings.toml").write_text(settings, encoding="ascii")

    def start(self) -> None:
        self._run("up", "--detach")
        self._insert()
        until(self._known, APPLIED, "the regions know the credentials", pause=0.2)

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            [ROOT / "turnpike", *arguments], env=self._environment, capture_output=True, text=True, check=False
        )
        if done.returncode != 0 and arguments[0] == "up":
            raise AssertionError(f"./turnpike up: {done.stderr[-1500:]}")
        return done.stdout

    def _connect(self) -> "pymysql.Connection[Any]":
        place = Settings.load(self.home).database("root")
        return pymysql.connect(
            unix_socket=str(place.unix_socket), user=place.user, password=place.password(), database=place.name
        )

    def _insert(self) -> None:
        """What the API does for each credential, for all of them in one transaction."""
        names = [(f"cr-bench-{number}", account) for number, account in enumerate(self._accounts)]
        with closing(self._connect()) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT n FROM change_counter FOR UPDATE")
            row = cursor.fetchone()
            assert row is not None
            self._change = int(row[0]) + len(names)
            if self._tenant is not None:
                cursor.execute("INSERT INTO tenant (account_id, name) VALUES (%s, %s)", (self._tenant, self._tenant))
            cursor.execute("UPDATE change_counter SET n = %s", (self._change,))
            cursor.executemany(
                "INSERT INTO credential (id, username, ha1, tenant, label) VALUES (%s, %s, %s, %s, 'benchmark')",
                [(name, account.username, account.ha1, self._tenant) for name, account in names],
            )
            cursor.executemany(
                "INSERT INTO change_log (n, entity, entity_id, data) VALUES (%s, 'credential', %s, %s)",
                [
                    (int(row[0]) + place, name, json.dumps({"username": account.username}))
                    for place, (name, account) in enumerate(names, 1)
                ],
            )
            connection.commit()

    def _known(self) -> bool:
        return all(self._pulse(region).get("applied", 0) >= self._change for region in ("nw1", "se1"))

    def _pulse(self, region: str) -> dict[str, Any]:
        try:
            pulse: dict[str, Any] = json.loads((self.home / "region" / region / "pulse.json").read_text())
        except (OSError, ValueError):
            return {}
        return pulse

    def processes(self) -> dict[str, frozenset[int]]:
        """Of the region that the PBXs register in: its gateway, its agent; and MariaDB."""
        parts = {part["name"]: part["pid"] for part in json.loads(self._run("status", "--json"))["parts"]}
        names = {"kamailio": "nw1-gateway", "agent": "nw1-agent", "mariadbd": "mariadb"}
        return {group: family(parts[name]) for group, name in names.items()}

    def settle(self, count: int) -> None:
        """Wait until the agent has shipped every binding."""
        bound = "SELECT COUNT(*) FROM binding WHERE region = 'nw1' AND state = 'live'"
        until(lambda: self._counted(bound) >= count, SHIPPED, f"{count} bindings are in MariaDB", pause=0.5)

    def _counted(self, query: str) -> int:
        with closing(self._connect()) as connection, connection.cursor() as cursor:
            cursor.execute(query)
            row = cursor.fetchone()
            return int(row[0]) if row else 0

    def stop(self) -> None:
        self._run("down")


class Calling(Product):
    """The same, with a core gateway in the first region."""

    def __init__(
        self,
        home: Path,
        addresses: tuple[str, str],
        accounts: Sequence[Account],
        tenant: str,
        core: tuple[str, int],
    ) -> None:
        super().__init__(home, addresses, accounts, tenant)
        self._core = core

    def _insert(self) -> None:
        key = (self.home / "secrets" / "admin.key").read_text(encoding="utf-8").strip()
        body = {"region": "nw1", "address": self._core[0], "port": self._core[1]}
        url = f"http://127.0.0.1:{API_PORT}/v1/cores"
        httpx.post(url, json=body, headers={"Authorization": f"Bearer {key}"}, timeout=20).raise_for_status()
        super()._insert()

    def settle(self, count: int) -> None:
        """Wait until the agent has shipped every record."""
        ended = "SELECT COUNT(*) FROM cdr WHERE region = 'nw1' AND ended_at IS NOT NULL"
        until(lambda: self._counted(ended) >= count, SHIPPED, f"{count} calls are in MariaDB", pause=0.5)
