"""Whether a gateway answers: one OPTIONS, as a PBX sends it to qualify its trunk (rule W3)."""

from __future__ import annotations

import secrets
import socket

from api.settings import SIP_PORT

OPTIONS = """\
OPTIONS sip:{gateway} SIP/2.0
Via: SIP/2.0/UDP {here};rport;branch=z9hG4bK{token}
Max-Forwards: 70
From: <sip:status@{gateway}>;tag={token}
To: <sip:{gateway}>
Call-ID: {token}
CSeq: 1 OPTIONS
Content-Length: 0

"""


def options(address: str, timeout: float = 0.5, tries: int = 2) -> int | None:
    """The status code that the gateway at `address` answers, or None; `timeout` seconds a try (RFC 3261, 11)."""
    token = secrets.token_hex(8)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.settimeout(timeout)
        wire.connect((address, SIP_PORT))
        here = "{}:{}".format(*wire.getsockname())
        request = OPTIONS.format(gateway=address, here=here, token=token).replace("\n", "\r\n").encode()
        for _ in range(tries):
            code = _try(wire, request)
            if code is not None:
                return code
    return None


def _try(wire: socket.socket, request: bytes) -> int | None:
    try:
        wire.send(request)
        answer = wire.recv(65535).split(b" ", 2)
    except OSError:
        return None
    return int(answer[1]) if answer[0] == b"SIP/2.0" and len(answer) > 1 and answer[1].isdigit() else None
