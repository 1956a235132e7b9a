"""baresip as Debian ships it, steered through its ctrl_tcp module: JSON in netstrings."""

import json
import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path

from tests.sip.phone import Address
from tests.sip.target import Credential
from tests.sip.waiting import until
from tests.stacks.pjsua import PBX_TONE
from tests.stacks.process import Event, Events, Process
from tests.stacks.sound import Sound, read_sound, write_tone

CONTROL_PORT = 4444


class Control:
    """The connection to one baresip. What happens there is added to `events`, by its `type`."""

    def __init__(self, address: Address, events: Events) -> None:
        self._line = socket.create_connection(address, timeout=5)
        self._line.settimeout(None)
        self._events = events
        threading.Thread(target=self._listen, daemon=True).start()

    def send(self, command: str, parameters: str = "") -> None:
        text = json.dumps({"command": command, "params": parameters})
        self._line.sendall(f"{len(text)}:{text},".encode())

    def _listen(self) -> None:
        with self._line.makefile("rb") as stream:
            while (length := _length(stream.read)) is not None:
                message: Event = json.loads(stream.read(length))
                stream.read(1)
                self._events.add({**message, "event": message.get("type", "response")})

    def close(self) -> None:
        self._line.close()


class Baresip:
    agent = "baresip"
    tone = PBX_TONE
    MODULES = ("g711", "account", "menu", "ctrl_tcp", "aufile", "aubridge", "sndfile")
    """The last two: somewhere to play to, since there is no sound card, and a recording of it."""

    def __init__(self, folder: Path, source: str, gateway: Address, credential: Credential, number: str = "") -> None:
        """`number` is what it is called by and calls as: it answers 404 to what is no user of one of its accounts."""
        self.events = Events()
        self._folder = folder
        self.source = source
        self._gateway = gateway[0]
        self._control: Control | None = None
        (folder / "config").write_text(self._configuration(), encoding="utf-8")
        accounts = folder / "accounts"
        accounts.touch(mode=0o600)
        login = f"auth_user={credential.username};auth_pass={credential.password};answermode=auto"
        line = f"<sip:{number}@{gateway[0]}>;{login};regint=0\n" if number else ""
        trunk = f"<sip:{credential.username}@{gateway[0]}>;{login};regint=3600\n"
        accounts.write_text(line + trunk, encoding="utf-8")

    def _configuration(self) -> str:
        loaded = "".join(f"module {name}.so\n" for name in self.MODULES)
        return (
            f"module_path /usr/lib/baresip/modules\nsip_listen {self.source}:0\nnet_interface {self.source}\n"
            f"ctrl_tcp_listen {self.source}:{CONTROL_PORT}\nsnd_path {self._folder}\n"
            f"audio_source aufile,{self._folder}/tone.wav\naudio_player aubridge,nobody\n"
            f"ausrc_srate 8000\nauplay_srate 8000\nausrc_channels 1\nauplay_channels 1\n{loaded}"
        )

    def start(self) -> None:
        write_tone(self._folder / "tone.wav", self.tone)
        self._process = Process(self._folder / "baresip.log", "baresip", "-4", "-f", str(self._folder))

    @property
    def control(self) -> Control:
        if self._control is None:
            until(self._is_listening, 5, "baresip's control port is open")
            self._control = Control((self.source, CONTROL_PORT), self.events)
        return self._control

    def _is_listening(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex((self.source, CONTROL_PORT)) == 0

    def listen(self) -> None:
        """From now on `events` tells of calls."""
        self._control = self.control

    def call(self, number: str) -> None:
        self.control.send("dial", f"sip:{number}@{self._gateway}")

    def hang_up(self) -> None:
        self.control.send("hangup")

    def wait_talking(self, seconds: float = 10) -> None:
        self.events.wait("CALL_ESTABLISHED", seconds)

    def wait_over(self, seconds: float = 10) -> Event:
        return self.events.wait("CALL_CLOSED", seconds)

    def wait_left(self, seconds: float = 10) -> None:
        """Without a hang-up of its own, the end of a call is the other side's BYE."""
        self.wait_over(seconds)

    def heard(self) -> Sound:
        recordings = until(lambda: sorted(self._folder.glob("dump-*-dec.wav")), 5, "baresip records")
        return read_sound(recordings[-1])

    def stop(self) -> None:
        """It de-registers when it is asked to end."""
        if self._control is not None:
            self._control.close()
        self._process.end(signal.SIGINT)


def _length(read: Callable[[int], bytes]) -> int | None:
    """A netstring's length, up to its colon; None at the end of the stream."""
    digits = b""
    while (byte := read(1)) not in (b"", b":"):
        digits += byte
    return int(digits) if byte else None
