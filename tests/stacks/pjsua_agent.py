"""PJSIP as a PBX or as a carrier's core, in a process of its own because its library can abort.

One JSON object on standard input says who and where (`Facts`); then one command a line: `register`, `leave`,
`call URI`, `hangup`, `quit`. What happens is told on standard output, a JSON object a line, by its `event`:
`registration` (code, expires), `call` (state, code), `bye` (the other side's), `media` (packets received and sent, and
the address that they go to).
A call sends a tone, and what it hears is recorded.
"""

import json
import sys
import threading
import time
from collections.abc import Callable
from queue import Empty, Queue
from typing import Any, TypedDict

import pjsua2 as pj  # type: ignore[import-untyped]

TURN_MS = 20
REPORT_SECONDS = 0.2
CODECS = ("PCMU/8000/1", "PCMA/8000/1")


class Facts(TypedDict):
    """`gateway` and the credential are empty for a core; a `port` of 0 is a free one; `tone` is in hertz."""

    source: str
    port: int
    gateway: str
    domain: str
    username: str
    password: str
    tone: int
    recording: str


def tell(event: str, **fields: Any) -> None:
    print(json.dumps({"event": event, **fields}), flush=True)


class Talk(pj.Call):  # type: ignore[misc]
    """One call, either way."""

    def __init__(self, account: "Party", call_id: int = pj.PJSUA_INVALID_ID) -> None:
        super().__init__(account, call_id)
        self.over = False
        self._party = account
        self._tone: Any = None
        self._recorder: Any = None

    def onCallState(self, _: "pj.OnCallStateParam") -> None:
        info = self.getInfo()
        self.over = info.state == pj.PJSIP_INV_STATE_DISCONNECTED
        tell("call", state=info.stateText, code=info.lastStatusCode)

    def onCallTsxState(self, parameters: "pj.OnCallTsxStateParam") -> None:
        transaction = parameters.e.body.tsxState.tsx
        if transaction.method == "BYE" and transaction.role == pj.PJSIP_ROLE_UAS:
            tell("bye")

    def onCallMediaState(self, _: "pj.OnCallMediaStateParam") -> None:
        if self._tone is not None or not self.hasMedia():
            return
        line = self.getAudioMedia(-1)
        self._tone = endless_tone(self._party.facts["tone"])
        self._tone.startTransmit(line)
        self._recorder = pj.AudioMediaRecorder()
        self._recorder.createRecorder(self._party.facts["recording"])
        line.startTransmit(self._recorder)

    def report(self) -> None:
        if self._recorder is not None and not self.over:
            rtcp = self.getStreamStat(0).rtcp
            to = self.getStreamInfo(0).remoteRtpAddress
            tell("media", received=rtcp.rxStat.pkt, sent=rtcp.txStat.pkt, to=to.rpartition(":")[0])

    def close(self) -> None:
        """Only now the recording has its length."""
        self._tone = self._recorder = None
        tell("closed")


def endless_tone(hertz: int) -> "pj.ToneGenerator":
    tone = pj.ToneDesc()
    tone.freq1, tone.freq2, tone.on_msec, tone.off_msec = hertz, 0, 1000, 0
    tones = pj.ToneDescVector()
    tones.append(tone)
    generator = pj.ToneGenerator()
    generator.createToneGenerator(8000, 1)
    generator.play(tones, True)
    return generator


class Party(pj.Account):  # type: ignore[misc]
    """A trunk that registers, or a core that does not; it answers every call."""

    def __init__(self, facts: Facts) -> None:
        super().__init__()
        self.facts = facts
        self.calls: list[Talk] = []

    def onRegState(self, parameters: "pj.OnRegStateParam") -> None:
        tell("registration", code=parameters.code, expires=parameters.expiration)

    def onIncomingCall(self, parameters: "pj.OnIncomingCallParam") -> None:
        tell("invite", start=parameters.rdata.wholeMsg.split("\r\n", 1)[0])
        call = Talk(self, parameters.callId)
        self.calls.append(call)
        answer(call, 180)
        answer(call, 200)

    def dial(self, uri: str) -> None:
        call = Talk(self)
        self.calls.append(call)
        call.makeCall(uri, pj.CallOpParam(True))

    def hang_up(self) -> None:
        for call in self.calls:
            call.hangup(pj.CallOpParam(True))

    def report(self) -> None:
        for call in self.calls:
            call.report()

    def sweep(self) -> None:
        """Not within a callback of the call: there PJSIP still needs it."""
        for call in [call for call in self.calls if call.over]:
            call.close()
            self.calls.remove(call)


def answer(call: Talk, code: int) -> None:
    parameters = pj.CallOpParam()
    parameters.statusCode = code
    call.answer(parameters)


def account(facts: Facts) -> "pj.AccountConfig":
    config = pj.AccountConfig()
    config.idUri = f"sip:{facts['username'] or 'core'}@{facts['domain']}"
    config.regConfig.registerOnAdd = False
    config.mediaConfig.transportConfig.boundAddress = facts["source"]
    if facts["gateway"]:
        config.regConfig.registrarUri = f"sip:{facts['gateway']}"
        config.sipConfig.proxies.append(f"sip:{facts['gateway']};lr")
        config.sipConfig.authCreds.append(pj.AuthCredInfo("digest", "*", facts["username"], 0, facts["password"]))
    return config


def endpoint(source: str, port: int) -> "pj.Endpoint":
    point = pj.Endpoint()
    point.libCreate()
    config = pj.EpConfig()
    config.uaConfig.threadCnt = 0
    config.uaConfig.userAgent = "pjsua"
    config.medConfig.noVad = True  # it takes a steady tone for silence
    config.logConfig.level = config.logConfig.consoleLevel = 0
    point.libInit(config)
    transport = pj.TransportConfig()
    transport.boundAddress = source
    transport.port = port
    point.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
    point.libStart()
    point.audDevManager().setNullDev()
    for codec in point.codecEnum2():
        point.codecSetPriority(codec.codecId, 128 if codec.codecId in CODECS else 0)
    return point


def obey(party: Party, line: str) -> bool:
    """Do what the line says; false at the end."""
    command, _, argument = line.partition(" ")
    acts: dict[str, Callable[[], None]] = {
        "register": lambda: party.setRegistration(True),
        "leave": lambda: party.setRegistration(False),
        "call": lambda: party.dial(argument),
        "hangup": party.hang_up,
    }
    if command in acts:
        acts[command]()
    return command not in ("", "quit")


def listen(commands: "Queue[str]") -> None:
    """Lines of standard input, and an empty one at its end."""
    for line in sys.stdin:
        commands.put(line.strip())
    commands.put("")


def next_command(commands: "Queue[str]") -> str | None:
    try:
        return commands.get_nowait()
    except Empty:
        return None


def serve(point: "pj.Endpoint", party: Party, commands: "Queue[str]") -> None:
    going, reported = True, time.monotonic()
    while going:
        point.libHandleEvents(TURN_MS)
        party.sweep()
        if time.monotonic() > reported + REPORT_SECONDS:
            reported = time.monotonic()
            party.report()
        command = next_command(commands)
        going = command is None or obey(party, command)


def main() -> None:
    facts: Facts = json.loads(sys.stdin.readline())
    commands: Queue[str] = Queue()
    threading.Thread(target=listen, args=(commands,), daemon=True).start()
    point = endpoint(facts["source"], facts["port"])
    party = Party(facts)
    party.create(account(facts))
    tell("ready")
    serve(point, party, commands)
    party.hang_up()
    party.calls.clear()
    party.shutdown()
    del party
    point.libDestroy()


if __name__ == "__main__":
    main()
