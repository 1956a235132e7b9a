"""The canary: registers, is called and calls, through the gateway that has just been started (rule F3).

It is a PBX and a core of its own, on loopback addresses, known to this region's store alone and for as long as it
sings. Neither MariaDB nor another region hears of it.
"""

import hashlib
import secrets
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from kemi import digest
from kemi.agent.wire import Headers, Message, Party, UnexpectedError
from kemi.canary import CANARY, CANARY_CORE
from kemi.region import Region
from kemi.store import Store

CORE_PORT: Final = 5060
NOBODY: Final = "+999"
"""A country code that nobody has (E.164 keeps it back), so that no number is anybody's."""

_CLEAR = (
    "UPDATE credential SET ha1 = NULL, enabled = 0, seq = ? WHERE username LIKE 'canary-%' AND ha1 IS NOT NULL",
    "UPDATE number SET present = 0, seq = ? WHERE username LIKE 'canary-%' AND present = 1",
    "UPDATE core SET state = 'gone', seq = ? WHERE state = 'canary'",
)


class CanaryError(Exception):
    """The canary did not get through. The text says at which step, what was expected and what came."""


@dataclass(frozen=True)
class Canary:
    """Made anew for each trial; its password has 128 bits and is nowhere but here."""

    username: str
    password: str
    number: str
    pbx: str
    core: str

    def put(self, store: Store, realm: str) -> None:
        """Errors: sqlite3.Error; then nobody knows of it."""
        secret = f"{self.username}:{realm}:{self.password}"
        ha1 = hashlib.md5(secret.encode(), usedforsecurity=False).hexdigest()
        with store.transaction() as db:
            seq = store.next_seq()
            db.execute(
                "INSERT INTO credential(username, id, ha1, enabled, version, seq) VALUES (?, ?, ?, 1, 1, ?)",
                (self.username, self.username, ha1, seq),
            )
            db.execute("INSERT INTO number VALUES (?, ?, NULL, 1, ?)", (self.number, self.username, seq))
            db.execute(
                "INSERT OR REPLACE INTO core VALUES (?, ?, ?, ?, ?)",
                (CANARY_CORE, self.core, CORE_PORT, CANARY_CORE, seq),
            )


def hatch() -> Canary:
    """A new one."""
    number = NOBODY + "".join(secrets.choice("0123456789") for _ in range(12))
    return Canary(CANARY + secrets.token_hex(8), secrets.token_hex(16), number, _address(), _address())


def _address() -> str:
    """Of 127.254.0.0/16, which the kernel takes for this machine's without being told."""
    return f"127.254.{secrets.randbelow(256)}.{secrets.randbelow(254) + 1}"


def clear(store: Store) -> None:
    """No canary is known any more, also none of an agent that was killed. Errors: sqlite3.Error."""
    with store.transaction() as db:
        seq = store.next_seq()
        for statement in _CLEAR:
            db.execute(statement, (seq,))


def sing(canary: Canary, region: Region) -> None:
    """Errors: CanaryError."""
    gateway = (region.address, region.port)
    try:
        with closing(Party("PBX", canary.pbx, 0, gateway)) as pbx:
            step = "registering"
            _register(canary, region, pbx)
            with closing(Party("core", canary.core, CORE_PORT, gateway)) as core:
                step = "calling from the core to the PBX"
                _call_in(canary, region, core, pbx)
                step = "calling from the PBX to the core"
                _call_out(canary, region, pbx, core)
    except (UnexpectedError, OSError, sqlite3.Error) as error:
        raise CanaryError(f"the canary failed while {step}: {error}") from error


class Speaker:
    """Requests of one side, outside a dialog and within it."""

    def __init__(self, party: Party, user: str, target: str, to: str) -> None:
        self.party = party
        self.target = target
        self.route: Headers = []
        self._from = f"<sip:{user}@{party.place}>;tag={secrets.token_hex(8)}"
        self._to = to
        self._call_id = secrets.token_hex(12)
        self._cseq = 0
        self._contact = ("Contact", f"<sip:{user}@{party.place}>")

    def request(self, method: str, *more: tuple[str, str]) -> bytes:
        self._cseq += method != "ACK"
        headers = [self.party.via(), ("Max-Forwards", "70"), *self.route, ("From", self._from), ("To", self._to)]
        headers += [("Call-ID", self._call_id), ("CSeq", f"{self._cseq} {method}"), self._contact, *more]
        return Message(f"{method} {self.target} SIP/2.0", headers).encode()

    def establish(self, answer: Message) -> None:
        """The dialog that a 2xx makes (RFC 3261 §12.1.2)."""
        self._to = answer.get("To")
        self.target = uri_in(answer.get("Contact"))
        self.route = [("Route", value) for value in reversed(answer.all("Record-Route"))]

    def refused(self, answer: Message, request: bytes) -> None:
        """ACK of a final response other than 2xx: the request's Via (RFC 3261 §17.1.1.3)."""
        via = next(line for line in request.decode().split("\r\n") if line.startswith("Via: ")).partition(": ")[2]
        headers = [("Via", via), ("Max-Forwards", "70"), ("From", self._from), ("To", answer.get("To"))]
        headers += [("Call-ID", self._call_id), ("CSeq", f"{self._cseq} ACK")]
        self.party.send(Message(f"ACK {self.target} SIP/2.0", headers).encode())


def uri_in(header: str) -> str:
    """The URI of a name-addr."""
    return header.partition("<")[2].partition(">")[0]


def _register(canary: Canary, region: Region, pbx: Party) -> None:
    """Rules R1 and R5."""
    aor = f"<sip:{canary.username}@{region.address}>"
    speaker = Speaker(pbx, canary.username, f"sip:{region.address}:{region.port}", aor)
    first = speaker.request("REGISTER")
    pbx.send(first)
    challenge = pbx.expect("401 to REGISTER", lambda message: message.status == 401, first)
    proof = _proof(canary, region, challenge.all("WWW-Authenticate"), "REGISTER", speaker.target)
    second = speaker.request("REGISTER", ("Authorization", proof), ("Expires", "300"))
    pbx.send(second)
    accepted = pbx.expect("200 to REGISTER", lambda message: message.status == 200, second)
    contacts = accepted.all("Contact")
    wanted = f"<sip:{canary.username}@{pbx.place}>;expires={region.limits.granted}"
    if contacts != [wanted]:
        raise UnexpectedError(f"200 with one Contact, {wanted}, was expected, {contacts} came")


def _proof(canary: Canary, region: Region, challenges: list[str], method: str, uri: str) -> str:
    """The answer to the one challenge of rule R1."""
    asked = digest.read(challenges[0]) if len(challenges) == 1 else {}
    if (asked.get("realm"), asked.get("qop"), asked.get("algorithm", "MD5")) != (region.realm, "auth", "MD5"):
        raise UnexpectedError(
            f"one challenge of realm {region.realm}, MD5 and qop auth, was expected, {challenges} came"
        )
    secret = _md5(f"{canary.username}:{region.realm}:{canary.password}")
    nonce, cnonce = asked.get("nonce", ""), secrets.token_hex(8)
    response = _md5(f"{secret}:{nonce}:00000001:{cnonce}:auth:{_md5(f'{method}:{uri}')}")
    return (
        f'Digest username="{canary.username}", realm="{region.realm}", nonce="{nonce}", uri="{uri}", '
        f'response="{response}", algorithm=MD5, qop=auth, cnonce="{cnonce}", nc=00000001'
    )


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _call_in(canary: Canary, region: Region, core: Party, pbx: Party) -> None:
    """Rules I2 and I4. From names the canary, so that whatever is recorded of it is known as its own."""
    target = f"sip:{canary.number}@{region.address}:{region.port}"
    speaker = Speaker(core, canary.username, target, f"<{target}>")
    invite = speaker.request("INVITE")
    core.send(invite)
    _converse(speaker, invite, pbx, f"sip:{canary.number}@{pbx.place}")


def _call_out(canary: Canary, region: Region, pbx: Party, core: Party) -> None:
    """Rules O1, O5 and O6."""
    target = f"sip:{canary.number}@{region.address}:{region.port}"
    speaker = Speaker(pbx, canary.username, target, f"<{target}>")
    first = speaker.request("INVITE")
    pbx.send(first)
    challenge = pbx.expect("407 to INVITE", lambda message: message.status == 407, first)
    speaker.refused(challenge, first)
    proof = _proof(canary, region, challenge.all("Proxy-Authenticate"), "INVITE", target)
    invite = speaker.request("INVITE", ("Proxy-Authorization", proof))
    pbx.send(invite)
    offered = _converse(speaker, invite, core, f"sip:{canary.number}@{core.place}")
    if offered.all("Proxy-Authorization"):
        raise UnexpectedError("an INVITE without Proxy-Authorization was expected, one with it came")


def _converse(caller: Speaker, invite: bytes, callee: Party, uri: str) -> Message:
    """INVITE to 180, 200, ACK, BYE and 200; what the callee was sent."""
    party, contact = caller.party, ("Contact", f"<sip:{callee.place}>")
    offered = callee.expect(
        f"INVITE at the {callee.name}", lambda message: message.start.startswith("INVITE "), invite, party
    )
    if offered.uri != uri:
        raise UnexpectedError(f"INVITE {uri} was expected, {offered.start} came")
    callee.answer(offered, 180, "Ringing", contact)
    party.expect("180 to INVITE", lambda message: message.status == 180, invite)
    callee.answer(offered, 200, "OK", contact)
    accepted = party.expect("200 to INVITE", lambda message: message.status == 200)
    caller.establish(accepted)
    party.send(caller.request("ACK"))
    callee.expect(f"ACK at the {callee.name}", lambda message: message.start.startswith("ACK "))
    bye = caller.request("BYE")
    party.send(bye)
    hung_up = callee.expect(f"BYE at the {callee.name}", lambda message: message.start.startswith("BYE "), bye, party)
    callee.answer(hung_up, 200, "OK")
    party.expect("200 to BYE", lambda message: message.status == 200 and message.method == "BYE", bye)
    return offered
