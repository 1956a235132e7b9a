"""What leaves for the sender: the one place that replies, and the stored answers of rule R1."""

from hashlib import sha256
from typing import Final

from kemi import tables
from kemi.ksr import Ksr

REASONS: Final = {
    200: "OK",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    429: "Too Many Requests",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    482: "Loop Detected",
    483: "Too Many Hops",
    486: "Busy Here",
    487: "Request Terminated",
    500: "Server Internal Error",
    503: "Service Unavailable",
    603: "Decline",
}
"""Neutral texts (rule W5)."""

LONGEST_KEY: Final = 400
"""Characters; a longer key (a sender may write a Via of many kilobytes) is kept as its hash."""

QOP_AUTH: Final = 1
STALE: Final = 16


class Reply:
    """A status and the header lines that go with it."""

    def __init__(
        self,
        code: int,
        headers: tuple[str, ...] = (),
    ) -> None:
        self.code = code
        self.headers = headers

    def encode(self) -> str:
        return "\n".join((str(self.code), *self.headers))

    @classmethod
    def decode(cls, text: str) -> "Reply":
        code, *headers = text.split("\n")
        return cls(int(code), tuple(headers))


CHALLENGED: Final = Reply(401)
"""Stands for a challenge among the stored answers: a retransmission gets a fresh one."""


RELAYED: Final = Reply(0)
"""Nothing is sent: the core answers, by tm."""


class Replies:
    """Sends replies, and sends them again to a retransmission."""

    def __init__(self, ksr: Ksr, realm: str) -> None:
        self._append = ksr.hdr.append_to_reply
        self._send = ksr.sl.send_reply
        self._challenge = ksr.auth.auth_challenge
        self._pv = ksr.pv.get
        self._call_id = ksr.kx.get_callid
        self._get = ksr.htable.sht_get
        self._set = ksr.htable.sht_sets
        self._realm = realm

    def send(self, reply: Reply) -> None:
        """One reply, statelessly."""
        for header in reply.headers:
            self._append(header + "\r\n")
        self._send(reply.code, REASONS.get(reply.code, "Refused"))

    def challenge(self, *, stale: bool = False) -> None:
        """R1: 401, or 407 to an INVITE, with one MD5 challenge."""
        self._challenge(self._realm, QOP_AUTH | STALE if stale else QOP_AUTH)

    def stored(self, key: str) -> Reply | None:
        """The answer that this very request got before, within 32 seconds."""
        text = self._get(tables.ANSWER, key)
        return Reply.decode(str(text)) if text is not None else None

    def store(self, key: str, reply: Reply) -> None:
        """Keeps an answer for its retransmissions."""
        self._set(tables.ANSWER, key, reply.encode())

    def retransmission_key(self, address: str, port: int) -> str:
        """The same source, Call-ID, CSeq and branch: a retransmission (RFC 3261 §17.2.3)."""
        key = f"{address}:{port}|{self._call_id()}|{self._pv('$cs')}|{self._pv('$hdr(Via)')}"
        return key if len(key) <= LONGEST_KEY and "\0" not in key else sha256(key.encode()).hexdigest()


def retry_after(seconds: int) -> str:
    return f"Retry-After: {seconds}"
