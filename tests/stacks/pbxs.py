"""PBXs made of other people's software. Each registers with the settings that its manual names, and nothing more."""

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path
from queue import Empty, Queue
from typing import Any, Protocol

from tests.sip.instance import ROOT
from tests.sip.phone import Address
from tests.sip.target import Credential

DOMAIN = "reg.example.net"


class Stack(Protocol):
    """A PBX at `source` that registers one credential at one gateway as soon as it is started."""

    agent: str

    def __init__(self, folder: Path, source: str, gateway: Address, credential: Credential) -> None: ...

    def start(self) -> None: ...

    def stop(self) -> None: ...


class Process:
    """A program with a log, ended by SIGTERM and, after five seconds, by SIGKILL."""

    def __init__(self, log: Path, *command: str, stdin: int = subprocess.DEVNULL, stdout: int | None = None) -> None:
        self._log = log.open("ab")
        out: Any = self._log if stdout is None else stdout
        self.popen = subprocess.Popen(command, stdin=stdin, stdout=out, stderr=self._log, cwd=ROOT, text=True)

    def end(self, number: int = signal.SIGTERM) -> None:
        if self.popen.poll() is None:
            self.popen.send_signal(number)
        try:
            self.popen.wait(5)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait(5)
        self._log.close()


class Pjsua:
    """PJSIP through pjsua2. `answers` are the outcomes of its registrations."""

    agent = "pjsua"

    def __init__(self, folder: Path, source: str, gateway: Address, credential: Credential) -> None:
        self._folder = folder
        self._facts = {
            "source": source,
            "gateway": gateway[0],
            "domain": DOMAIN,
            "username": credential.username,
            "password": credential.password,
        }
        self._answers: Queue[dict[str, int]] = Queue()

    def start(self) -> None:
        pipe = subprocess.PIPE
        command = (sys.executable, "-m", "tests.stacks.pjsua_pbx")
        self._process = Process(self._folder / "pjsua.log", *command, stdin=pipe, stdout=pipe)
        threading.Thread(target=self._listen, daemon=True).start()
        self._say(json.dumps(self._facts))
        self.register()

    def _listen(self) -> None:
        assert self._process.popen.stdout is not None
        for line in self._process.popen.stdout:
            if line.startswith("{"):
                self._answers.put(json.loads(line))

    def _say(self, line: str) -> None:
        assert self._process.popen.stdin is not None
        self._process.popen.stdin.write(line + "\n")
        self._process.popen.stdin.flush()

    def register(self) -> None:
        self._say("register")

    def answer(self, seconds: float) -> dict[str, int]:
        """The next outcome: `code`, and the granted seconds as `expires`."""
        try:
            return self._answers.get(timeout=seconds)
        except Empty as nothing:
            raise AssertionError(f"pjsua heard nothing within {seconds} s") from nothing

    def leave(self) -> None:
        """De-register, as its administrator would."""
        self._say("leave")

    def stop(self) -> None:
        if self._process.popen.poll() is None:
            self._say("quit")
        try:
            self._process.popen.wait(5)
        except subprocess.TimeoutExpired:
            self._process.popen.kill()
        for pipe in (self._process.popen.stdin, self._process.popen.stdout):
            if pipe is not None:
                pipe.close()
        self._process.end()


class Baresip:
    """baresip as Debian ships it."""

    agent = "baresip"
    MODULES = "/usr/lib/baresip/modules"

    def __init__(self, folder: Path, source: str, gateway: Address, credential: Credential) -> None:
        self._folder = folder
        loaded = "".join(f"module {name}.so\n" for name in ("g711", "account"))
        lines = f"module_path {self.MODULES}\nsip_listen {source}:0\nnet_interface {source}\n{loaded}"
        (folder / "config").write_text(lines, encoding="utf-8")
        accounts = folder / "accounts"
        accounts.touch(mode=0o600)
        account = f"<sip:{credential.username}@{gateway[0]}>;auth_pass={credential.password};regint=3600\n"
        accounts.write_text(account, encoding="utf-8")

    def start(self) -> None:
        self._process = Process(self._folder / "baresip.log", "baresip", "-4", "-f", str(self._folder))

    def stop(self) -> None:
        """It de-registers when it is asked to end."""
        self._process.end(signal.SIGINT)


class KamailioUac:
    """Kamailio's uac module, with its registrations in a text file."""

    agent = "kamailio-uac"
    TABLE = (
        "id(int,auto) l_uuid(string) l_username(string) l_domain(string) r_username(string) r_domain(string) "
        "realm(string) auth_username(string) auth_password(string) auth_ha1(string,null) auth_proxy(string) "
        "expires(int) flags(int) reg_delay(int) contact_addr(string) socket(string,null)\n"
    )
    MODULES = ("db_text", "tm", "tmx", "sl", "rr", "pv", "kex", "uac", "ctl", "jsonrpcs")

    def __init__(self, folder: Path, source: str, gateway: Address, credential: Credential) -> None:
        self._folder = folder
        self._configure(source)
        table = folder / "uacreg"
        table.touch(mode=0o600)
        name, secret = credential.username, credential.password
        proxy = f"sip\\:{gateway[0]}"
        row = (
            f"1:trunk:{name}:{DOMAIN}:{name}:{DOMAIN}:registration:{name}:{secret}::{proxy}:3600:0:0:{source}\\:5060:\n"
        )
        table.write_text(self.TABLE + row, encoding="utf-8")
        (folder / "version").write_text(
            "id(int,auto) table_name(string) table_version(int)\n1:uacreg:5\n", encoding="utf-8"
        )

    def _configure(self, source: str) -> None:
        loaded = "".join(f'loadmodule "{name}.so"\n' for name in self.MODULES)
        lines = [
            f"#!KAMAILIO\ndebug=1\nlog_stderror=yes\nchildren=1\ndisable_tcp=yes\nlisten=udp:{source}:5060\n",
            f'user_agent_header="User-Agent: {self.agent}"\n{loaded}',
            f'modparam("ctl", "binrpc", "unix:{self._folder}/ctl")\n',
            f'modparam("uac", "reg_db_url", "text://{self._folder}")\n',
            f'modparam("uac", "reg_contact_addr", "{source}:5060")\n',
            'modparam("uac", "reg_timer_interval", 1)\nmodparam("uac", "reg_retry_interval", 3)\n',
            'request_route { sl_send_reply("200", "OK"); }\n',
        ]
        (self._folder / "kamailio.cfg").write_text("".join(lines), encoding="utf-8")

    def start(self) -> None:
        command = (
            "kamailio",
            "-f",
            str(self._folder / "kamailio.cfg"),
            "-DD",
            "-E",
            "-Y",
            str(self._folder),
            "-m",
            "32",
        )
        self._process = Process(self._folder / "uac.log", *command)

    def stop(self) -> None:
        self._process.end()
