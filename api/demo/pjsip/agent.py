"""PJSIP as a PBX or as a carrier's core, in a process of its own because its library can abort.

One JSON object on standard input says who and where (`Facts`); then one command a line: `register`, `leave`,
`call URI [GATEWAY [CALLER]]`, `hangup`, `quit`. What happens is told on standard output, a JSON object a line, by its
`event`: `registration` (gateway, code, expires), `call` (state, code), `bye` (the other side's), `media` (packets
received and sent, and the address that they go to); of a `traced` one also each `message` (wire.py).
A call sends a tone, and what it hears is recorded.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from queue import Empty, Queue
from typing import Final

import pjsua2 as pj

from api.demo.pjsip import wire
from api.demo.pjsip.trunk import Facts, Party, account, tell

TURN_MS: Final = 20
REPORT_SECONDS: Final = 0.2
CODECS: Final = ("PCMU/8000/1", "PCMA/8000/1")


class Trace(pj.LogWriter):  # type: ignore[misc]
    """Tells of each SIP message that PJSIP logs."""

    def write(self, entry: pj.LogEntry) -> None:
        """PJSIP calls it, in the main thread."""
        message = wire.seen(entry.msg)
        if message is not None:
            tell("message", **message)


def trace(config: pj.EpConfig) -> None:
    """PJSIP owns the writer from now on."""
    writer = Trace()
    writer.__disown__()
    config.logConfig.writer = writer
    config.logConfig.level = config.logConfig.consoleLevel = wire.LEVEL
    config.logConfig.msgLogging = 1
    config.logConfig.decor = 0


def endpoint(facts: Facts) -> pj.Endpoint:
    """PJSIP, running, without a sound card, at its address."""
    point = pj.Endpoint()
    point.libCreate()
    config = pj.EpConfig()
    config.uaConfig.threadCnt = 0
    config.uaConfig.userAgent = "pjsua"
    if "name_server" in facts:
        config.uaConfig.nameserver.append(facts["name_server"])
    config.medConfig.noVad = True  # it takes a steady tone for silence
    config.logConfig.level = config.logConfig.consoleLevel = 0
    if facts["traced"]:
        trace(config)
    point.libInit(config)
    transport = pj.TransportConfig()
    transport.boundAddress = facts["source"]
    transport.port = facts["port"]
    point.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
    point.libStart()
    point.audDevManager().setNullDev()
    for codec in point.codecEnum2():
        point.codecSetPriority(codec.codecId, 128 if codec.codecId in CODECS else 0)
    return point


class Agent:
    """All trunks of a PBX, or a core, and what they are told to do."""

    def __init__(self, facts: Facts) -> None:
        self.parties = [Party(facts, gateway) for gateway in facts["gateways"] or [""]]
        for party in self.parties:
            party.create(account(facts, party.gateway))

    def obey(self, line: str) -> bool:
        """Do what the line says; false at the end."""
        command, *arguments = line.split() or ["quit"]
        acts: dict[str, Callable[..., None]] = {
            "register": lambda: self._register(True),
            "leave": lambda: self._register(False),
            "call": self._call,
            "hangup": self.hang_up,
        }
        if command in acts:
            acts[command](*arguments)
        return command != "quit"

    def _register(self, wanted: bool) -> None:
        for party in self.parties:
            party.setRegistration(wanted)

    def _call(self, uri: str, gateway: str = "", caller: str = "") -> None:
        """Without a gateway by the first."""
        chosen = [party for party in self.parties if party.gateway == gateway]
        (chosen or self.parties)[0].dial(uri, caller)

    def hang_up(self) -> None:
        """All calls."""
        for party in self.parties:
            party.hang_up()

    def shut_down(self) -> None:
        """Without calls and accounts: PJSIP's end must find none."""
        self.hang_up()
        for party in self.parties:
            party.calls.clear()
            party.shutdown()
        self.parties.clear()


def listen(commands: Queue[str]) -> None:
    """Lines of standard input, and an empty one at its end."""
    for line in sys.stdin:
        commands.put(line.strip())
    commands.put("")


def next_command(commands: Queue[str]) -> str | None:
    try:
        return commands.get_nowait()
    except Empty:
        return None


def serve(point: pj.Endpoint, agent: Agent, commands: Queue[str]) -> None:
    """Until it is told to quit."""
    going, reported = True, time.monotonic()
    while going:
        point.libHandleEvents(TURN_MS)
        for party in agent.parties:
            party.sweep()
        if time.monotonic() > reported + REPORT_SECONDS:
            reported = time.monotonic()
            for party in agent.parties:
                party.report()
        command = next_command(commands)
        going = command is None or agent.obey(command)


def main() -> None:
    """Serve whoever started this until its end."""
    facts: Facts = json.loads(sys.stdin.readline())
    commands: Queue[str] = Queue()
    threading.Thread(target=listen, args=(commands,), daemon=True).start()
    point = endpoint(facts)
    agent = Agent(facts)
    tell("ready")
    serve(point, agent, commands)
    agent.shut_down()
    del agent
    point.libDestroy()


if __name__ == "__main__":
    main()
