"""The rival in Kamailio's own configuration language: its settings, its credentials, its RPC."""

import json
import re
import secrets
import socket
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from api.processors import one_worker_a_processor
from kemi.pace import TOLERANCE_MS
from kemi.region import Limits, Thresholds
from tests.bench.kamailio import Kamailio

HERE = Path(__file__).resolve().parent
SHIPPED_LIST = HERE.parents[1] / "sql" / "0002_user_agents.sql"
REALM = "registration"
EMERGENCY = ("911", "933", "112")
DISABLED = "!"
FAST_ALLOCATOR = ("-x", "fm", "-X", "fm")
"""Kamailio's allocator without debugging aids: a sixth less CPU a registration than the packaged default."""


class Native:
    """A Kamailio that keeps rules W, B, R, O and I without Python.

    `accounts` are (username, HA1), all of the one `tenant`; `cores` are addresses and ports.
    """

    def __init__(
        self,
        home: Path,
        address: str,
        accounts: Iterable[tuple[str, str]] = (),
        tenant: str = "",
        cores: Sequence[tuple[str, int]] = (),
        limits: Limits | None = None,
        thresholds: Thresholds | None = None,
        workers: int | None = None,
    ) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.home = home
        self.address = (address, 5060)
        self.kamailio = Kamailio(home / "kamailio.cfg", home, address, options=FAST_ALLOCATOR)
        secrets_of = ((username, f"{ha1}|{tenant}") for username, ha1 in accounts)
        _write_tables(
            home / "tables",
            {
                "credential": secrets_of,
                "number": (),
                "core": ((host, "1") for host, _ in cores),
                "emergency": ((digits, "1") for digits in EMERGENCY),
            },
        )
        lines = (f"1 sip:{host}:{port}\n" for host, port in cores)
        (home / "cores").write_text("".join(lines), encoding="ascii")
        settings = _settings(
            home, address, workers or one_worker_a_processor(), limits or Limits(), thresholds or Thresholds()
        )
        (home / "kamailio.cfg").write_text(settings + f'include_file "{HERE}/native/kamailio.cfg"\n', encoding="ascii")

    def start(self) -> None:
        self.kamailio.start()

    def stop(self) -> None:
        self.kamailio.stop()

    def processes(self) -> dict[str, frozenset[int]]:
        return {"kamailio": self.kamailio.pids()}

    def settle(self, count: int) -> None:
        """Nothing is written behind the answer."""

    def call(self, method: str, *parameters: str | int) -> Any:
        """The result of an RPC. Errors: RuntimeError with the server's text."""
        name = self.home / f"rpc-{secrets.token_hex(8)}"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            line.bind(str(name))
            line.settimeout(5)
            line.sendto(_request(method, parameters), str(self.home / "rpc"))
            answer = json.loads(line.recv(1 << 20))
        name.unlink()
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return answer["result"]


def _request(method: str, parameters: tuple[str | int, ...]) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": list(parameters)}).encode()


def _write_tables(folder: Path, tables: Mapping[str, Iterable[tuple[str, str]]]) -> None:
    """What the shared-memory tables begin with, as Kamailio's db_text reads it."""
    folder.mkdir(exist_ok=True)
    versions = "".join(f"{name}:2\n" for name in tables)
    (folder / "version").write_text(f"table_name(string) table_version(int)\n{versions}", encoding="ascii")
    columns = "id(int,auto) key_name(string) key_type(int) value_type(int) key_value(string) expires(int)\n"
    for name, rows in tables.items():
        lines = (f"{number}:{key}:0:0:{value}:0\n" for number, (key, value) in enumerate(rows, 1))
        (folder / name).write_text(columns + "".join(lines), encoding="ascii")


def _settings(home: Path, address: str, workers: int, limits: Limits, thresholds: Thresholds) -> str:
    """What is in capitals in the configuration."""
    words: dict[str, object] = {
        "STATE_FOLDER": home,
        "REALM": REALM,
        "LISTEN_ADDRESS": address.replace(".", "[.]"),
        "WORKERS": workers,
        "CLOCK_KEPT": limits.interval + 2,
        "R4_INTERVAL": limits.interval,
        "R4_RING": limits.early_strikes - 1,
        "R4_STREAK": limits.streak,
        "R4_BLOCK": limits.block,
        "O2_STEP": limits.call_interval * 1000,
        "O2_TOLERANCE": TOLERANCE_MS,
        "MOST_CALLS": limits.channels,
        "MOST_EMERGENCY_CALLS": limits.emergency_channels,
        "LONGEST_RINGING": limits.ringing * 1000,
    }
    words |= {name.upper(): value for name, value in _numbers(asdict(limits) | asdict(thresholds)).items()}
    lines = [f'#!substdef "!{name}!{value}!g"' for name, value in words.items()]
    lines += [f"#!define LISTEN udp:{address}:5060"]
    lines += [f'#!define {name} "{pattern}"' for name, pattern in user_agents(SHIPPED_LIST.read_text()).items()]
    return "#!KAMAILIO\n" + "\n".join(lines) + "\n"


def _numbers(values: Mapping[str, int]) -> dict[str, int]:
    """Without the names that are ambiguous in capitals: substitution works on any part of a word."""
    ambiguous = {"interval", "streak", "block", "early_strikes", "channels", "ringing"}
    return {name: value for name, value in values.items() if name not in ambiguous}


def user_agents(migration: str) -> dict[str, str]:
    """The shipped lists of rules R3 and B6, each as one POSIX regular expression."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE user_agent (id, kind, pattern, note)")
    database.executescript(migration.replace("INSERT IGNORE", "INSERT"))
    names = {"PHONES": "phone", "SCANNERS": "scanner"}
    rows = database.execute("SELECT kind, pattern FROM user_agent").fetchall()
    return {name: _expression(pattern for kind, pattern in rows if kind == wanted) for name, wanted in names.items()}


def _expression(patterns: Iterable[str]) -> str:
    return "^(" + "|".join(_translated(pattern) for pattern in patterns) + ")"


def _translated(pattern: str) -> str:
    """A shell wildcard as a POSIX regular expression; a star at the end is what an open end means anyway."""
    open_end = pattern.endswith("*")
    text = re.sub(r"[.()+|^$]", lambda match: f"[{match[0]}]", pattern.removesuffix("*"))
    return text.replace("*", ".*").replace("?", ".") + ("" if open_end else "$")
