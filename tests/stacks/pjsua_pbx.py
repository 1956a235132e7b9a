"""PJSIP as a PBX, in a process of its own because its library can abort.

One JSON object on standard input says who and where; then one command a line: `register`, `leave`, `quit`.
Each outcome of a registration is one JSON line on standard output.
"""

import json
import sys
import threading
from queue import Empty, Queue

import pjsua2 as pj  # type: ignore[import-untyped]


class Trunk(pj.Account):  # type: ignore[misc]
    """The registration of one credential."""

    def onRegState(self, parameters: "pj.OnRegStateParam") -> None:
        print(json.dumps({"code": parameters.code, "expires": parameters.expiration}), flush=True)


def account(facts: dict[str, str]) -> "pj.AccountConfig":
    config = pj.AccountConfig()
    config.idUri = f"sip:{facts['username']}@{facts['domain']}"
    config.regConfig.registrarUri = f"sip:{facts['gateway']}"
    config.regConfig.registerOnAdd = False
    config.sipConfig.authCreds.append(pj.AuthCredInfo("digest", "*", facts["username"], 0, facts["password"]))
    return config


def endpoint(source: str) -> "pj.Endpoint":
    point = pj.Endpoint()
    point.libCreate()
    config = pj.EpConfig()
    config.uaConfig.threadCnt = 0
    config.uaConfig.userAgent = "pjsua"
    config.logConfig.level = config.logConfig.consoleLevel = 0
    point.libInit(config)
    transport = pj.TransportConfig()
    transport.boundAddress = source
    point.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
    point.libStart()
    return point


def obey(trunk: Trunk, command: str) -> bool:
    """Do what the line says; false at the end."""
    if command == "register":
        trunk.setRegistration(True)
    elif command == "leave":
        trunk.setRegistration(False)
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


def main() -> None:
    facts = json.loads(sys.stdin.readline())
    commands: Queue[str] = Queue()
    threading.Thread(target=listen, args=(commands,), daemon=True).start()
    point = endpoint(facts["source"])
    trunk = Trunk()
    trunk.create(account(facts))
    going = True
    while going:
        point.libHandleEvents(20)
        command = next_command(commands)
        going = command is None or obey(trunk, command)
    trunk.shutdown()
    del trunk
    point.libDestroy()


if __name__ == "__main__":
    main()
