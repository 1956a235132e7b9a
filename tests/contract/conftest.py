"""A Kamailio with the shipped modules and tables, and an RPC socket that only the test has."""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.sip.waiting import until

ROOT = Path(__file__).parents[2]
ADDRESS = "127.0.17.9"
READY = 60.0  # seconds

_HANDLER = """
import json, sys
sys.path.insert(0, {root!r})
from kemi.gateway import KSR
from tests.contract.probe import results


class Handler:
    def child_init(self, rank):
        if rank == 1:
            with open({answers!r}, "w") as file:
                json.dump(results(KSR), file)
        return 0

    def ksr_request_route(self, _msg):
        return 1


def mod_init():
    return Handler()
"""

_CONFIGURATION = """#!KAMAILIO
listen=udp:{address}:5060
children=1
include_file "{root}/kamailio/core.cfg"
include_file "{root}/kamailio/modules.cfg"
include_file "{root}/kamailio/tables.cfg"
loadmodule "jsonrpcs.so"
modparam("jsonrpcs", "transport", 4)
modparam("jsonrpcs", "dgram_socket", "{home}/rpc")
modparam("dispatcher", "list_file", "{home}/dispatcher.list")
modparam("app_python3", "load", "{home}/handler.py")
cfgengine "python"
"""

Function = tuple[list[str], str]
"""Types of the parameters, type of the result."""


@dataclass(frozen=True)
class Running:
    """What the running Kamailio says of itself."""

    functions: dict[str, Function]
    """`module.name`, or `name` of the core's."""
    answers: list[Any]
    """What `probe.results` got."""


@pytest.fixture(scope="session")
def kamailio() -> Iterator[Running]:
    with TemporaryDirectory(prefix="tp-") as folder:
        home = Path(folder)
        process = _start(home)
        try:
            until((home / "rpc").exists, READY, f"an RPC socket; log: {(home / 'log').read_text()[-2000:]}")
            answers = until(lambda: _answers(home), READY, "the results of the probe")
            yield Running(_functions(home), answers or [])
        finally:
            process.terminate()
            process.wait(READY)


def _start(home: Path) -> "subprocess.Popen[bytes]":
    facts = {"root": str(ROOT), "home": str(home), "address": ADDRESS, "answers": str(home / "answers.new")}
    (home / "handler.py").write_text(_HANDLER.format(**facts), encoding="utf-8")
    (home / "dispatcher.list").touch()
    (home / "kamailio.cfg").write_text(_CONFIGURATION.format(**facts), encoding="utf-8")
    command = ["kamailio", "-f", str(home / "kamailio.cfg"), "-DD", "-E", "-Y", str(home), "-m", "64", "-M", "8"]
    with (home / "log").open("wb") as log:
        return subprocess.Popen(
            command, stdout=log, stderr=log, cwd=home, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        )


def _answers(home: Path) -> list[Any] | None:
    try:
        found: list[Any] = json.loads((home / "answers.new").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return found


def _functions(home: Path) -> dict[str, Function]:
    listed = _ask(home, "app_python.api_list")["methods"]
    return {_name(entry["func"]): (_types(entry["func"]["params"]), entry["func"]["ret"]) for entry in listed}


def _name(function: dict[str, str]) -> str:
    return f"{function['module']}.{function['name']}" if function["module"] else function["name"]


def _types(parameters: str) -> list[str]:
    return [name.strip() for name in parameters.split(",") if name.strip() not in ("", "none")]


def _ask(home: Path, method: str) -> dict[str, Any]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as asker:
        asker.bind(str(home / "asker"))
        asker.settimeout(READY)
        asker.sendto(json.dumps({"jsonrpc": "2.0", "method": method, "id": 1}).encode(), str(home / "rpc"))
        result: dict[str, Any] = json.loads(asker.recv(1 << 20))["result"]
    return result
