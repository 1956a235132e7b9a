"""A trunk of a PBX, or a carrier's core: PJSIP's account, and its calls."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict

import pjsua2 as pj


class Facts(TypedDict):
    """A core has no `gateways` and no credential; a `port` of 0 is a free one; `tone` is in hertz.

    Without the name of a file for it, nothing is recorded. A gateway may be a domain that has SRV records where
    `name_server` (address, or address:port) says who answers for it.
    """

    source: str
    port: int
    gateways: Sequence[str]
    domain: str
    username: str
    password: str
    tone: int
    recording: str
    traced: bool
    name_server: NotRequired[str]


def tell(event: str, **fields: Any) -> None:
    """A line for whoever started this."""
    sys.stdout.write(json.dumps({"event": event, **fields}) + "\n")
    sys.stdout.flush()


class Talk(pj.Call):  # type: ignore[misc]
    """One call, either way."""

    def __init__(self, account: Party, call_id: int = pj.PJSUA_INVALID_ID) -> None:
        super().__init__(account, call_id)
        self.over = False
        self._party = account
        self._tone: Any = None
        self._recorder: Any = None

    def onCallState(self, _: pj.OnCallStateParam) -> None:
        info = self.getInfo()
        self.over = info.state == pj.PJSIP_INV_STATE_DISCONNECTED
        tell("call", state=info.stateText, code=info.lastStatusCode)

    def onCallTsxState(self, parameters: pj.OnCallTsxStateParam) -> None:
        transaction = parameters.e.body.tsxState.tsx
        if transaction.method == "BYE" and transaction.role == pj.PJSIP_ROLE_UAS:
            tell("bye")

    def onCallMediaState(self, _: pj.OnCallMediaStateParam) -> None:
        if self._tone is not None or not self.hasMedia():
            return
        line = self.getAudioMedia(-1)
        self._tone = endless_tone(self._party.facts["tone"])
        self._tone.startTransmit(line)
        if self._party.facts["recording"]:
            self._recorder = pj.AudioMediaRecorder()
            self._recorder.createRecorder(self._party.facts["recording"])
            line.startTransmit(self._recorder)

    def report(self) -> None:
        """How far speech has come."""
        if self._tone is not None and not self.over:
            rtcp = self.getStreamStat(0).rtcp
            to = self.getStreamInfo(0).remoteRtpAddress
            tell("media", received=rtcp.rxStat.pkt, sent=rtcp.txStat.pkt, to=to.rpartition(":")[0])

    def close(self) -> None:
        """Only now the recording has its length."""
        self._tone = self._recorder = None
        tell("closed")


def endless_tone(hertz: int) -> pj.ToneGenerator:
    tone = pj.ToneDesc()
    tone.freq1, tone.freq2, tone.on_msec, tone.off_msec = hertz, 0, 1000, 0
    tones = pj.ToneDescVector()
    tones.append(tone)
    generator = pj.ToneGenerator()
    generator.createToneGenerator(8000, 1)
    generator.play(tones, True)
    return generator


class Party(pj.Account):  # type: ignore[misc]
    """A trunk that registers at its gateway, or a core that does not; it answers every call."""

    def __init__(self, facts: Facts, gateway: str) -> None:
        super().__init__()
        self.facts = facts
        self.gateway = gateway
        self.calls: list[Talk] = []

    def onRegState(self, parameters: pj.OnRegStateParam) -> None:
        tell("registration", gateway=self.gateway, code=parameters.code, expires=parameters.expiration)

    def onIncomingCall(self, parameters: pj.OnIncomingCallParam) -> None:
        tell("invite", start=parameters.rdata.wholeMsg.split("\r\n", 1)[0])
        call = Talk(self, parameters.callId)
        self.calls.append(call)
        answer(call, 180)
        answer(call, 200)

    def dial(self, uri: str, caller: str) -> None:
        """`caller` is a number; without it the account's own name is the caller."""
        call = Talk(self)
        self.calls.append(call)
        parameters = pj.CallOpParam(True)
        if caller:
            parameters.txOption.localUri = f"sip:{caller}@{self.facts['domain']}"
        call.makeCall(uri, parameters)

    def hang_up(self) -> None:
        """All of its calls."""
        for call in self.calls:
            call.hangup(pj.CallOpParam(True))

    def report(self) -> None:
        """Of all of its calls."""
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


def account(facts: Facts, gateway: str) -> pj.AccountConfig:
    """What the administrator of a PBX writes for a trunk."""
    config = pj.AccountConfig()
    config.idUri = f"sip:{facts['username'] or 'core'}@{facts['domain']}"
    config.regConfig.registerOnAdd = False
    config.mediaConfig.transportConfig.boundAddress = facts["source"]
    if gateway:
        config.regConfig.registrarUri = f"sip:{gateway}"
        config.sipConfig.proxies.append(f"sip:{gateway};lr")
        config.sipConfig.authCreds.append(pj.AuthCredInfo("digest", "*", facts["username"], 0, facts["password"]))
    return config
