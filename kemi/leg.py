"""Requests that the gateway itself sends within a call, to either side (RFC 3261 §12.2, §9.1, §17.1.1.3). Pure: from
what the journals know of the call to text.
"""

import re
from typing import Any, Final

CALLER, CALLEE = "a", "b"
LAST_CSEQ: Final = 2**31 - 1
"""Of a BYE: no number that the other side has used is higher (RFC 3261 §8.1.1.5), and none comes after it."""

_ADDRESS: Final = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^"<>;,])*<([^>]+)>|\s*([^\s;,<>"]+)')
"""A Contact: its URI in angle brackets behind any name, or bare."""
_ROUTE: Final = re.compile(r"<[^>]*>(?:;[^,]*)?")
_BRANCH: Final = re.compile(r";\s*branch=([^;,\s]+)", re.IGNORECASE)

Known = dict[str, Any]


class Leg:
    """One side of a call, as seen from the gateway at `host:port`."""

    def __init__(self, known: Known, side: str, host: str, port: int) -> None:
        self._known = known
        self._side = side
        self._host = host
        self._port = port

    @property
    def place(self) -> str:
        """Where it is sent: `address:port`."""
        return str(self._known["a"] if self._side == CALLER else self._known.get("b") or self._known["b0"])

    def options(self, number: int) -> str:
        """Asks whether the other side still has the call (rule O7).

        It takes no number from the sequence of the caller, and to the caller the lowest there is: the next request
        of the real other side must not come out of order (RFC 3261 §12.2.2).
        """
        cseq = self._known["cs"] if self._side == CALLEE else 0
        return self._request("OPTIONS", cseq, self._own_via(str(number)), self._routes())

    def bye(self) -> str:
        """Always the same text: a copy is a retransmission."""
        return self._request("BYE", LAST_CSEQ, self._own_via("bye"), self._routes())

    def ack(self) -> str:
        """To a 200 that came when the call had been given up."""
        return self._request("ACK", self._known["cs"], self._own_via("ack"), self._routes())

    def cancel(self) -> str | None:
        """Of the INVITE that rang; None as long as nothing has come back (RFC 3261 §9.1)."""
        via = self._invite_via()
        return None if via is None else self._request("CANCEL", self._known["cs"], via, "", tagged=False)

    def ack_refusal(self, tag: str) -> str | None:
        """To a refusal of an INVITE of before the restart (RFC 3261 §17.1.1.3)."""
        via = self._invite_via()
        if via is None:
            return None
        return self._request("ACK", self._known["cs"], via, "", tagged=False).replace(
            f"To: <{self._known['tu']}>", f"To: <{self._known['tu']}>;tag={tag}"
        )

    def _own_via(self, branch: str) -> str:
        return f"SIP/2.0/UDP {self._host}:{self._port};branch=z9hG4bK{self._known['id']}.{self._side}.{branch}"

    def _invite_via(self) -> str | None:
        """The INVITE's own, as its response brought it back: sender and branch name the transaction (RFC 3261
        §17.2.3).
        """
        via = str(self._known.get("via") or "")
        match = _BRANCH.search(via)
        return f"{via.split(';', 1)[0].strip()};branch={match[1]}" if match else None

    def _request(self, method: str, cseq: int, via: str, routes: str, *, tagged: bool = True) -> str:
        known = self._known
        calling = f"<{known['fu']}>;tag={known['ft']}"
        called = f"<{known['tu']}>" + (f";tag={known['tt']}" if tagged and known.get("tt") else "")
        sender, receiver = (calling, called) if self._side == CALLEE else (called, calling)
        uri = self._target() if tagged else known["ru"]
        return (
            f"{method} {uri} SIP/2.0\r\n"
            f"Via: {via}\r\n"
            f"{routes}"
            f"From: {sender}\r\nTo: {receiver}\r\nCall-ID: {known['ci']}\r\nCSeq: {cseq} {method}\r\n"
            "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
        )

    def _target(self) -> str:
        """The remote target: what the Contact of this side named (RFC 3261 §12.1)."""
        contact = str((self._known.get("ct") if self._side == CALLER else self._known.get("cc")) or "")
        match = _ADDRESS.match(contact)
        return (match[1] or match[2]) if match else f"sip:{self.place}"

    def _routes(self) -> str:
        """The proxies between the gateway and this side, the nearest first (RFC 3261 §12.1.2, §16.12.1)."""
        every = _ROUTE.findall(str(self._known.get("rr") or ""))
        own = [place for place, route in enumerate(every) if self._is_own(route)]
        if not own:
            return ""
        between = every[own[-1] + 1 :] if self._side == CALLER else every[: own[0]][::-1]
        return "".join(f"Route: {route}\r\n" for route in between)

    def _is_own(self, route: str) -> bool:
        return bool(re.match(rf"<sips?:(?:[^@>]*@)?{re.escape(self._host)}[:;>]", route))
