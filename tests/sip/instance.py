"""A running service of its own: state folder, addresses, start and stop with the command that users have."""

import json
import os
import random
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.service.supervisor import Supervisor

ROOT = Path(__file__).resolve().parents[2]
COMMAND = str(ROOT / "turnpike")


@dataclass(frozen=True)
class Addresses:
    """Where one instance listens; the API does on 127.0.0.1."""

    nw1: str
    se1: str
    api_port: int


def _free(kind: socket.SocketKind, address: str, port: int) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


def free_addresses() -> Addresses:
    """Two gateway addresses and an API port that nobody uses; random, so that two test runs hardly meet. The processes
    of one run choose from different blocks, because an instance may be down for a while.
    """
    process = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    hosts = [f"127.{process}.14.{number}" for number in range(1, 255)]
    chooser = random.SystemRandom()
    chooser.shuffle(hosts)
    free = (host for host in hosts if _free(socket.SOCK_DGRAM, host, 5060))
    nw1, se1 = next(free), next(free)
    ports = (chooser.randrange(20000, 32000) for _ in range(1000))
    return Addresses(nw1, se1, next(port for port in ports if _free(socket.SOCK_STREAM, "127.0.0.1", port)))


class Instance:
    """One service. `limits` are hard limits that a test instance may change; `settings` goes into settings.toml."""

    def __init__(
        self, name: str, limits: dict[str, int] | None = None, settings: str = "", addresses: Addresses | None = None
    ) -> None:
        self.addresses = addresses or free_addresses()
        self.home = Path(tempfile.mkdtemp(prefix=f"tp-{name}-", dir="/tmp"))
        self._environment = {**os.environ, "TURNPIKE_VAR": str(self.home)}
        (self.home / "settings.toml").write_text(self._settings(settings), encoding="utf-8")
        if limits:
            lines = [f"{key} = {value}\n" for key, value in limits.items()]
            (self.home / "limits.toml").write_text("".join(lines), encoding="utf-8")

    def _settings(self, more: str) -> str:
        regions = "".join(
            f'[[regions]]\nname = "{name}"\naddress = "{address}"\n'
            for name, address in (("nw1", self.addresses.nw1), ("se1", self.addresses.se1))
        )
        return f"api_port = {self.addresses.api_port}\nworkers = 4\nrates = {{ requests = 1000000 }}\n{more}\n{regions}"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.addresses.api_port}"

    @property
    def admin_key(self) -> str:
        return (self.home / "secrets" / "admin.key").read_text(encoding="utf-8").strip()

    def run(self, *arguments: str, seconds: float = 180, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run the service's command on this instance. AssertionError with its output when it fails."""
        done = subprocess.run(
            [COMMAND, *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        assert not check or done.returncode == 0, f"turnpike {arguments}: {done.stdout}\n{done.stderr}"
        return done

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        """The same, without waiting for its end; both outputs can be read as one."""
        return subprocess.Popen(
            [COMMAND, *arguments],
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def start(self) -> None:
        try:
            self.run("up", "--detach")
        except BaseException:
            self.stop()
            raise

    def status(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.run("status", "--json", check=False).stdout)
        return document

    def pids(self, ending: str) -> list[int]:
        """The main processes of the parts whose name ends so: `gateway`, `nw1-agent`, `mariadb`, …"""
        try:
            states = Supervisor(self.home).states()
        except ConnectionError:  # the instance is down
            return []
        return [state.pid for state in states if state.name.endswith(ending) and state.pid]

    def stop(self) -> None:
        self.run("down", check=False)
        if os.environ.get("TURNPIKE_TEST_KEEP") is None:
            shutil.rmtree(self.home, ignore_errors=True)
