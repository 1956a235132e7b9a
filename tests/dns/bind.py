"""BIND's named as Debian ships it: a process, a folder and a port of its own, and no rndc."""

import random
import shutil
import signal
import socket
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
from dns.exception import Timeout

from tests.sip.endpoint import Address, Endpoint
from tests.sip.waiting import until
from tests.stacks.process import Process

PROGRAM = "/usr/sbin/named"
OPTIONS = """options {{
    directory "{folder}";
    listen-on {{ 127.0.0.1; }};
    listen-on-v6 {{ none; }};
    pid-file none;
    session-keyfile none;
    lock-file none;
    managed-keys-directory "{folder}";
    dnssec-validation no;
    empty-zones-enable no;
    notify no;
    allow-query {{ any; }};
    allow-transfer {{ any; }};
    {more}
}};
controls {{ }};
"""
NAME_SERVER = "recursion no;"
RESOLVER = "recursion yes; allow-recursion { any; }; max-cache-ttl 1; max-ncache-ttl 1; minimal-responses yes;"
"""It keeps nothing for long, so that tests need not wait for a TTL."""


def free_port() -> int:
    """Of 127.0.0.1, for UDP and TCP: named listens at no address that it does not find at an interface. None of those
    that the kernel hands out: it must still be free when named is started again.
    """
    while True:
        port = random.SystemRandom().randrange(12000, 20000)
        with socket.socket() as stream, socket.socket(type=socket.SOCK_DGRAM) as datagrams, suppress(OSError):
            stream.bind(("127.0.0.1", port))
            datagrams.bind(("127.0.0.1", port))
            return port


class Front(Endpoint):
    """Port 53 of any loopback address, where resolvers look for name servers; it hands on to a named's own port."""

    def __init__(self, address: str, named: Address) -> None:
        self._named = named
        super().__init__((address, 53))

    def datagram(self, data: bytes, source: Address) -> None:
        with socket.socket(type=socket.SOCK_DGRAM) as line:
            line.settimeout(2)
            line.connect(self._named)
            try:
                line.send(data)
                self.send(line.recv(65535), source)
            except OSError:  # named is silent, and so is this
                return


class Bind:
    """A name server of zones that are files in its folder, or a resolver that is told who has some domains."""

    def __init__(self, folder: Path, more: str = NAME_SERVER) -> None:
        self.folder = folder
        self.port = free_port()
        self._more = more
        self._process: Process | None = None
        self._loaded: dict[str, str] = {}
        folder.mkdir()
        shutil.copy(PROGRAM, folder / "named")  # AppArmor keeps /usr/sbin/named out of other folders than Debian's

    @property
    def place(self) -> str:
        """As the setting `resolvers` has it."""
        return f"127.0.0.1#{self.port}"

    def file(self, origin: str) -> Path:
        """Where the zone of `origin` lies."""
        return self.folder / f"{origin}.zone"

    def write(self, zones: Mapping[str, str]) -> None:
        """Zone files by origin, in place of those that there are; effective with the next `serve`."""
        for old in self.folder.glob("*.zone"):
            old.unlink()
        for origin, text in zones.items():
            self.file(origin).write_text(text, encoding="utf-8")

    def serve(self, known: Mapping[str, str] | None = None) -> None:
        """Run with the zones of the folder. `known`: the addresses of other domains' name servers."""
        parts = [
            f'zone "{path.stem}" {{ type primary; file "{path.name}"; }};'
            for path in sorted(self.folder.glob("*.zone"))
        ]
        for domain, address in (known or {}).items():
            parts.append(f'zone "{domain}" {{ type static-stub; server-addresses {{ {address}; }}; }};')
        options = OPTIONS.format(folder=self.folder, more=self._more)
        (self.folder / "named.conf").write_text(options + "\n".join(parts) + "\n", encoding="utf-8")
        if self._files() != self._loaded:
            self.stop()
        self.start()

    def _files(self) -> dict[str, str]:
        """Configuration and zones as they lie in the folder."""
        files = (self.folder / "named.conf", *self.folder.glob("*.zone"))
        return {file.name: file.read_text(encoding="utf-8") for file in files}

    def start(self) -> None:
        """It answers when this returns; nothing happens to one that runs."""
        if self._process is not None:
            return
        self._loaded = self._files()
        command = (str(self.folder / "named"), "-g", "-n", "1", "-p", str(self.port), "-c", "named.conf")
        self._process = Process(self.folder / "named.log", "env", f"--chdir={self.folder}", *command)
        until(self._is_there, 15, f"named answers at {self.place}: see {self.folder}/named.log")

    def reload(self) -> None:
        """Zones whose serial has grown are loaded anew (SIGHUP), as its administrator would have it done."""
        assert self._process is not None
        self._loaded = self._files()
        self._process.popen.send_signal(signal.SIGHUP)

    def _is_there(self) -> bool:
        query = dns.message.make_query("version.bind", "TXT", rdclass="CH")
        try:
            dns.query.udp(query, "127.0.0.1", port=self.port, timeout=0.3)
        except (Timeout, OSError):
            return False
        return True

    def ask(self, name: str, kind: str, seconds: float = 10) -> list[str]:
        """The records that it answers, as a zone file writes them."""
        wanted = dns.rdatatype.from_text(kind)
        found = self._answer(name, kind, seconds).answer
        return sorted(record.to_text() for records in found if records.rdtype == wanted for record in records)

    def code(self, name: str, kind: str) -> str:
        """NOERROR, NXDOMAIN, REFUSED …"""
        return dns.rcode.to_text(self._answer(name, kind, 10).rcode())

    def _answer(self, name: str, kind: str, seconds: float) -> dns.message.Message:
        return dns.query.udp(dns.message.make_query(name, kind), "127.0.0.1", port=self.port, timeout=seconds)

    def stop(self) -> None:
        if self._process is not None:
            self._process.end()
            self._process = None
