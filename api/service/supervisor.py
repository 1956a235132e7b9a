"""The supervisor of one instance: written down, started, asked and stopped.

Supervisor's own sentence about a part is kept simple: it starts each again whenever it dies. The pause for a part that
keeps dying is the launcher's, because Supervisor gives such a part up after a number of tries.
"""

from __future__ import annotations

import configparser
import io
import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any, Final, cast
from xmlrpc.client import Error, ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from api.service import launcher
from api.service.files import private_folder, write_private
from api.service.parts import SEARCH_PATH, Part
from api.settings import ROOT, Settings

SERVICE: Final = Path(__file__).parent
NAME: Final = "supervisor"
LOG_SIZE: Final = "10MB"
STOP_TIME: Final = 90.0
"""Seconds that all parts together get to stop."""


@dataclass(frozen=True)
class State:
    """What the supervisor says of one part. `uptime` is in seconds."""

    name: str
    state: str
    pid: int | None
    uptime: float | None
    exit_status: int

    def ended_with(self, status: int) -> bool:
        """Whether the part ended by itself, with this exit status."""
        return self.state == "EXITED" and self.exit_status == status

    @property
    def done(self) -> bool:
        """Whether the part is not meant to run any more."""
        return self.name == "setup" and self.ended_with(0)


class Supervisor:
    """The supervisor of the instance whose state folder is `home`."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.run = home / "run"
        self.log = home / "log"

    def pid(self) -> int | None:
        """The living supervisor's process, or None."""
        return next((each.pid for each in self.processes() if each.part == NAME), None)

    def processes(self) -> list[launcher.Process]:
        """All processes of the instance, those included that a killed supervisor has left."""
        return list(launcher.of_instance(str(self.home)))

    def start(self, parts: list[Part]) -> subprocess.Popen[bytes]:
        """Starts the supervisor, which starts the parts; it outlives this process. Errors: OSError."""
        for folder in (self.run, self.log):
            private_folder(folder)
        plans = {part.name: {**asdict(part), "grace": part.grace} for part in parts}
        write_private(self.run / "parts.json", json.dumps(plans))
        write_private(self.run / "supervisor.conf", configuration(self.run, self.log, parts))
        command = [sys.executable, "-P", str(SERVICE / "supervisord.py"), "-c", str(self.run / "supervisor.conf")]
        with (self.log / f"{NAME}.log").open("ab") as log:
            return subprocess.Popen(  # noqa: S603
                command,
                cwd=ROOT,
                env=environment(self.home),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def start_part(self, name: str) -> None:
        """Starts a part that is not running. Errors: ConnectionError when there is no supervisor."""
        if self._ask(lambda remote: remote.getProcessInfo(name))["statename"] not in ("STARTING", "RUNNING"):
            self._ask(lambda remote: remote.startProcess(name, False))

    def states(self) -> list[State]:
        """One for each part. Errors: ConnectionError when there is no supervisor."""
        return [_state(each) for each in self._ask(lambda remote: remote.getAllProcessInfo())]

    def stop(self) -> int:
        """Stops every part in order, and what a killed supervisor left; returns how many processes had to be killed."""
        pid = self.pid()
        if pid is not None:
            launcher.end(lambda: [each for each in self.processes() if each.pid == pid], STOP_TIME)
        return launcher.end(self.processes, 5)

    def _ask(self, question: Callable[[Any], Any]) -> Any:
        transport = SupervisorTransport(None, None, serverurl=f"unix://{self.run / 'supervisor.sock'}")
        try:
            return question(ServerProxy("http://localhost", transport=cast(Any, transport)).supervisor)
        except (OSError, HTTPException) as error:
            raise ConnectionError(f"the supervisor of {self.home} does not answer") from error
        except Error as error:
            raise ConnectionError(f"the supervisor of {self.home} refuses: {error}") from error
        finally:
            transport.close()


def environment(home: Path) -> dict[str, str]:
    """What the parts get of this process's environment: nothing that might be a secret."""
    kept = {
        "HOME",
        "USER",
        "LOGNAME",
        "LANG",
        "LC_ALL",
        "TZ",
        *(f"TURNPIKE_{name.upper()}" for name in Settings.model_fields),
    }
    mine = {name: value for name, value in os.environ.items() if name in kept}
    return {**mine, "PATH": SEARCH_PATH, "TURNPIKE_VAR": str(home), "TURNPIKE_PART": NAME}


def _state(said: dict[str, Any]) -> State:
    pid = said["pid"] or None
    return State(said["name"], said["statename"], pid, time.time() - said["start"] if pid else None, said["exitstatus"])


def configuration(run: Path, log: Path, parts: list[Part]) -> str:
    """Supervisor's configuration file."""
    file = configparser.RawConfigParser()
    file["unix_http_server"] = {"file": _plain(run / "supervisor.sock"), "chmod": "0700"}
    file["rpcinterface:supervisor"] = {
        "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
    }
    file["supervisord"] = _itself(run, log)
    for part in parts:
        file[f"program:{part.name}"] = _program(run, log, part)
    text = io.StringIO()
    file.write(text)
    return text.getvalue()


def _itself(run: Path, log: Path) -> dict[str, str]:
    return {
        "nodaemon": "true",
        "silent": "true",
        "logfile": _plain(log / f"{NAME}.log"),
        "logfile_maxbytes": LOG_SIZE,
        "pidfile": _plain(run / f"{NAME}.pid"),
        "childlogdir": _plain(log),
        "directory": _plain(ROOT),
        **({"user": "root"} if os.getuid() == 0 else {}),
    }


def _program(run: Path, log: Path, part: Part) -> dict[str, str]:
    command = [sys.executable, "-S", "-P", str(SERVICE / "launcher.py"), str(run), part.name]
    return {
        "command": _plain(shlex.join(command)),
        "directory": _plain(ROOT),
        "priority": str(part.rank),
        "autostart": str(part.at_once).lower(),
        "autorestart": "true" if part.forever else "unexpected",
        "exitcodes": "0,3",
        "startsecs": "0",
        "stopwaitsecs": str(max(part.grace, 10)),
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": _plain(log / f"{part.name}.log"),
        "stdout_logfile_maxbytes": LOG_SIZE,
        "stdout_logfile_backups": "3",
    }


def _plain(value: object) -> str:
    """Supervisor expands percent signs."""
    return str(value).replace("%", "%%")
