"""One region around the fake KSR: real store, real journals, the handler as Kamailio makes it, and PBXs that send."""

import itertools
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from kemi import journal, state, tables
from kemi.region import Limits, Thresholds
from kemi.state import Peer, State
from kemi.store import Store
from tests.sip import digest
from tests.sip.message import Message
from tests.unit.kemi.fake_htable import forget_all, shipped_tables
from tests.unit.kemi.fake_ksr import Clock, FakeKsr, Sent, Source
from tests.unit.kemi.fake_tm import Failure, Relayed
from tests.unit.kemi.values import Passwords

REALM = "registration"
ADDRESS = "127.0.17.1"
NEIGHBOUR = "127.0.18.1"
"""The gateway of region se1."""
RIGHT = "right"
_NUMBERS = itertools.count(1)


class World:
    """Region nw1."""

    def __init__(
        self,
        module: ModuleType,
        monkeypatch: pytest.MonkeyPatch,
        home: Path,
        thresholds: Thresholds | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.clock = Clock()
        self.home = home
        self.limits = limits or Limits()
        self.thresholds = thresholds or Thresholds()
        self.store = Store(home / "store.sqlite")
        self._module = module
        self._monkeypatch = monkeypatch
        self._change = 0
        self.gateways: dict[int, list[str]] = {}
        self._passwords: dict[str, Passwords] = {}
        configuration = home / "configurations" / "1"
        configuration.mkdir(parents=True, exist_ok=True)
        (configuration / "region.json").write_text(json.dumps(self._facts()))
        (home / "host.json").write_text(json.dumps({"home": str(home)}))
        monkeypatch.setenv("TURNPIKE_REGION", str(home))
        monkeypatch.setenv("TURNPIKE_CONFIGURATION", str(configuration))
        monkeypatch.setattr("kemi.message.time", self.clock)
        monkeypatch.setattr("kemi.handler.time", self.clock)
        monkeypatch.setattr(module, "time", self.clock)
        self.stored(("region", ("se1", NEIGHBOUR, "in-service")))
        self.boot()

    def boot(self) -> None:
        """Kamailio starts: shared memory is empty, `mod_init`, then a worker and the timer process."""
        self.clock.advance(0.001)
        self.ksr = FakeKsr(self.clock, shipped_tables(), frozenset({ADDRESS}))
        self.ksr.dispatcher.live = self.gateways
        self._monkeypatch.setattr(self._module, "KSR", self.ksr, raising=False)
        self.worker = self._module.mod_init()
        self.worker.child_init(1)
        forget_all(self.ksr.htable)  # each process fills them here, where Kamailio forks
        self.timer = self._module.mod_init()

    def tick(self, times: int = 1) -> None:
        """The timer process turns, a tenth of a second each."""
        for _ in range(times):
            self.clock.advance(0.1)
            self.timer.turn_clockwork(None, "")
        self._assert_calm()

    def send(self, message: Message, source: Source, *, well_formed: bool = True) -> Sent | None:
        """What the worker answered; None for silence."""
        before = len(self.ksr.replies)
        self.ksr.receive(message, source, well_formed=well_formed)
        self.worker.ksr_request_route(None)
        assert self.ksr.held == set()
        replies = self.ksr.replies[before:]
        assert len(replies) <= 1
        return replies[0] if replies else None

    def respond(self, response: Message, source: Source) -> bool:
        """Whether the worker let a response pass."""
        dropped = self.ksr.dropped
        self.ksr.receive(response, source)
        self.worker.ksr_reply_route(None)
        self._assert_calm()
        return self.ksr.dropped == dropped

    def run_failure_route(self, leg: Relayed, failure: Failure) -> None:
        """As tm does once all branches of a request have failed."""
        assert leg.on_failure is not None
        self.ksr.exchange_or_none, self.ksr.tm.failure = leg.received, failure
        getattr(self.worker, leg.on_failure)(None)
        self.ksr.tm.failure = None
        self._assert_calm()

    def _assert_calm(self) -> None:
        assert self.ksr.held == set()
        assert [text for level, text in self.ksr.logged if level == "crit"] == []

    def stored(self, *rows: tuple[str, tuple[Any, ...]]) -> None:
        """The agent stores rows, (table, values without seq), under the next change number."""
        self._change += 1
        with self.store.transaction() as db:
            seq = self.store.next_seq()
            self.store.set_meta("change", str(self._change))
            for table, values in rows:
                marks = ", ".join("?" * (len(values) + 1))
                db.execute(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", (*values, seq))  # noqa: S608

    def credential(
        self,
        username: str,
        secret_word: str | None = RIGHT,
        *,
        enabled: bool = True,
        tenant: str | None = None,
        grace: float = 0,
    ) -> None:
        """The API made, changed or (no password) deleted a credential; a new password has a new version, and the old
        one works for `grace` seconds more.
        """
        known = self._passwords.get(username, Passwords(None, 0))
        if secret_word != known.word:
            old = (known.word, self.clock.now + round(grace * 1000)) if grace else (None, None)
            known = Passwords(secret_word, known.version + 1, *old)
        self._passwords[username] = known
        self._store_credential(username, enabled, tenant)

    def end_grace(self, username: str) -> None:
        """The API took the old password away."""
        self._passwords[username] = self._passwords[username]._replace(old=None, old_until=None)
        self._store_credential(username, True, None)

    def _store_credential(self, username: str, enabled: bool, tenant: str | None) -> None:
        known = self._passwords[username]
        secret, old = (None if word is None else digest.ha1(username, REALM, word) for word in (known.word, known.old))
        row = (username, f"cr-{username}", secret, int(enabled), known.version, tenant, old, known.old_until)
        self.stored(("credential", row))

    def peer(self, username: str, peer: Peer) -> None:
        """Another region's binding; `expires` 0 for gone."""
        row = (peer.region, peer.uid, peer.address, peer.port, peer.user_agent, peer.since, peer.expires, peer.silent)
        self.stored(("peer", (username, *row, self._change)))

    def state(self, username: str) -> State:
        text = self.ksr.htable.sht_get(tables.STATE, username)
        return state.decode(str(text)) if text is not None else State(username)

    def records(self, key: str) -> list[dict[str, Any]]:
        """Every "s", "e", "x", "o" or "c" in the journals."""
        found = (record for file in journal.segments(self.home / "journal") for record, _ in journal.read(file.path))
        return [record[key] for record in found if key in record]

    def causes(self) -> list[str]:
        return [event["cause"] for event in self.records("e")]

    def _facts(self) -> dict[str, Any]:
        return {
            "region": "nw1",
            "address": ADDRESS,
            "port": 5060,
            "realm": REALM,
            "limits": asdict(self.limits),
            "test_limits": False,
            "thresholds": asdict(self.thresholds),
        }


@dataclass
class Pbx:
    """A PBX that registers as most do: a request without credentials, then the answer to the challenge."""

    world: World
    username: str = "alice"
    password: str = RIGHT
    address: str = "127.0.17.20"
    port: int = 5062
    user_agent: str = "Asterisk PBX 22.0.0"
    cseq: int = 0
    call_id: str = field(default_factory=lambda: f"call-{next(_NUMBERS)}")
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def source(self) -> Source:
        return Source(self.address, self.port)

    @property
    def contact(self) -> str:
        return f"<sip:{self.username}@10.0.0.9:5060>"

    def message(self, method: str = "REGISTER", **headers: str | None) -> Message:
        """A request; a header that is None is left out, underscores are hyphens."""
        self.cseq += 1
        own = f"<sip:{self.username}@sip.example.org>"
        known: dict[str, str | None] = {
            "Via": f"SIP/2.0/UDP {self.address}:{self.port};branch=z9hG4bK{self.cseq}",
            "From": f"{own};tag=f",
            "To": own,
            "Call-ID": self.call_id,
            "CSeq": f"{self.cseq} {method}",
            "User-Agent": self.user_agent,
            "Max-Forwards": "70",
            "Contact": self.contact if method == "REGISTER" else None,
            **self.extra,
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        pairs = tuple((name, value) for name, value in known.items() if value is not None)
        return Message(f"{method} sip:sip.example.org SIP/2.0", pairs)

    def send(self, message: Message) -> Sent | None:
        return self.world.send(message, self.source)

    def challenge(self, method: str = "REGISTER") -> str:
        """The challenge to a request without credentials."""
        reply = self.send(self.message(method))
        assert reply is not None
        assert reply.code in (401, 407)
        return reply.get("WWW-Authenticate") or reply.get("Proxy-Authenticate") or ""

    def answering(self, challenge: str, method: str = "REGISTER", **headers: str | None) -> Message:
        login = digest.Login(self.username, self.password)
        answer = login.authorization(challenge, method, "sip:sip.example.org")
        name = "Authorization" if method == "REGISTER" else "Proxy_Authorization"
        return self.message(method, **{name: answer}, **headers)

    def register(self, **headers: str | None) -> Sent:
        """The last reply of the two rounds."""
        return self.request("REGISTER", **headers)

    def request(self, method: str, **headers: str | None) -> Sent:
        reply = self.send(self.answering(self.challenge(method), method, **headers))
        assert reply is not None
        return reply
