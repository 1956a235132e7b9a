"""PBXs made of other people's software. Each registers with the settings that its manual names, and nothing more."""

from pathlib import Path
from typing import Protocol

from tests.sip.phone import Address
from tests.sip.target import Credential
from tests.stacks.pjsua import DOMAIN
from tests.stacks.process import Process
from tests.stacks.speech import Speaker


class Stack(Protocol):
    """A PBX at `source` that registers one credential at one gateway as soon as it is started."""

    agent: str

    def __init__(self, folder: Path, source: str, gateway: Address, credential: Credential) -> None: ...

    def start(self) -> None: ...

    def stop(self) -> None: ...


class Talker(Stack, Speaker, Protocol):
    """A PBX that calls and is called."""

    def __init__(
        self, folder: Path, source: str, gateway: Address, credential: Credential, number: str = "", /
    ) -> None: ...

    def listen(self) -> None:
        """Be ready to tell of calls."""

    def call(self, number: str) -> None: ...


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
