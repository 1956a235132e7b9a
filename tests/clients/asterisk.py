"""An Asterisk 22 that runs in the folder that `distribution` fetched."""

import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.clients import configuration
from tests.clients.configuration import DIAL, HEARD, HOLD, INSIDE, TALK
from tests.sip.phone import Address
from tests.sip.target import Credential
from tests.sip.waiting import until
from tests.stacks.pjsua import PBX_TONE
from tests.stacks.process import Process
from tests.stacks.sound import Sound, read_sound

ENTER = """
set -e
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
mount --bind "$2" "$1/mnt"
mount --bind "$2/resolv.conf" "$1/etc/resolv.conf"
exec chroot "$1" asterisk -f -n -C /mnt/asterisk.conf
"""
"""In a mount namespace of its own: what is mounted goes with the process, whatever ends it."""


class Asterisk:
    """One PBX at `source`, with one credential and a registration at each of `gateways`, by region."""

    agent = "asterisk"
    tone = PBX_TONE

    def __init__(
        self,
        folder: Path,
        root: Path,
        source: str,
        gateways: Mapping[str, Address],
        credential: Credential,
        number: str,
        name_server: str = "127.0.0.1",
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.source = source
        self.credential = credential
        self.number = number
        self._folder = folder
        self._root = root
        configuration.write(folder, root, source, gateways, credential, number, settings)
        (folder / "resolv.conf").write_text(f"nameserver {name_server}\noptions timeout:1 attempts:2\n")

    def start(self) -> None:
        script = ("sh", "-c", ENTER, "sh", str(self._root), str(self._folder))
        self._process = Process(
            self._folder / "asterisk.log", "unshare", "--mount", "--propagation", "private", "--", *script
        )
        until(lambda: "booted" in self.run("core waitfullybooted"), 20, "Asterisk has started", pause=0.1)

    def run(self, command: str) -> str:
        """What its command line answers; empty while it is not there."""
        enter = ("nsenter", "--mount", "--target", str(self._process.popen.pid), "--", "chroot", str(self._root))
        ask = ("asterisk", "-C", f"{INSIDE}/asterisk.conf", "-rx", command)
        done = subprocess.run([*enter, *ask], capture_output=True, text=True, timeout=20, check=False)
        return done.stdout if done.returncode == 0 else ""

    def call(self, number: str, trunk: str = "nw1", context: str = TALK) -> None:
        """`trunk`: a region, or BY_NAME; in the context HOLD nothing is played or recorded."""
        self.run(f"channel originate PJSIP/{number}@{trunk} extension s@{context}")

    def dial(self, number: str) -> None:
        """By SRV, as a phone behind it would: it waits until the far end answers. `call` gives up after 30 seconds."""
        self.run(f"channel originate Local/s@{HOLD} extension {number}@{DIAL}")

    def said(self, text: str) -> bool:
        return text in (self._folder / "log" / "full").read_text(encoding="utf-8", errors="replace")

    def hang_up(self) -> None:
        self.run("channel request hangup all")

    def talking(self) -> int:
        """Calls that were answered."""
        return sum("!Up!" in line for line in self._channels())

    def wait_talking(self, seconds: float = 10) -> None:
        until(self.talking, seconds, "Asterisk talks", pause=0.1)

    def wait_left(self, seconds: float = 10) -> None:
        """Without a hang-up of its own, the end of a call is the other side's BYE."""
        until(lambda: not self._channels(), seconds, "Asterisk has no call", pause=0.1)

    def _channels(self) -> list[str]:
        return [line for line in self.run("core show channels concise").splitlines() if "!" in line]

    def heard(self) -> Sound:
        return read_sound(self._folder / HEARD)

    def register(self) -> None:
        """As its administrator would: at once, in all regions."""
        self.run("pjsip send register *all")

    def kill(self) -> None:
        """As a power cut would; like every end of an Asterisk it de-registers nothing."""
        self._process.end(signal.SIGKILL)

    def stop(self) -> None:
        self._process.end()
