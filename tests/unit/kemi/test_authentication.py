"""R1 and R2: what an answer to a challenge is worth, and what it tells to whom."""

from typing import Any

import pytest

from tests.unit.kemi.fake_ksr import Sent
from tests.unit.kemi.world import Pbx, World

Trace = list[tuple[str, tuple[Any, ...]]]


def _trace(world: World, username: str, method: str) -> tuple[Trace, Sent]:
    """Every call that a wrong password caused, with what differs by name taken out; and the reply."""
    pbx = Pbx(world, username, "wrong", address="127.0.17.40")
    challenge = pbx.challenge(method)
    before = len(world.ksr.calls)
    reply = pbx.send(pbx.answering(challenge, method))
    assert reply is not None
    calls = [(name, tuple(_plain(value, username) for value in values)) for name, values in world.ksr.calls[before:]]
    return calls, reply


def _plain(value: object, username: str) -> object:
    """HA1s differ, of course; names have the same length."""
    if not isinstance(value, str):
        return value
    return "HA1" if len(value) == 32 and "|" not in value else value.replace(username, "USER")


@pytest.mark.parametrize("method", ["REGISTER", "INVITE"])
def test_R2_unknown_known_deleted_and_disabled_take_the_same_steps(world: World, method: str) -> None:
    world.credential("carol")
    world.credential("david", enabled=False)
    world.tick()
    world.credential("carol", None)
    world.tick()
    Pbx(world, "warm", "wrong", address="127.0.17.40").register()  # nothing is new about the address after that
    traces = []
    for username in ("alice", "eve42", "carol", "david"):
        world.clock.advance(700)  # counters of their own
        traces.append(_trace(world, username, method))
    known, reply = traces[0]
    assert any(name == "auth.pv_auth_check" for name, _ in known)
    for calls, other in traces[1:]:
        assert [name for name, _ in calls] == [name for name, _ in known]
        assert (other.code, other.reason, len(other.lines)) == (reply.code, reply.reason, len(reply.lines))


def test_R2_unknown_and_known_leave_the_same_trace(world: World) -> None:
    for username in ("alice", "eve42"):
        Pbx(world, username, "wrong", address="127.0.17.40").register()
    known, unknown = world.records("e")
    assert (known.pop("u"), unknown.pop("u")) == ("alice", "eve42")
    assert (known["id"], unknown["id"]) == (None, None)
    assert known.pop("ci") != unknown.pop("ci")
    assert known == unknown


def test_R2_every_wrong_password_gets_a_new_challenge_without_stale(alice: Pbx) -> None:
    alice.password = "wrong"
    reply = alice.register()
    assert reply.code == 401
    assert "stale" not in (reply.get("WWW-Authenticate") or "")


def test_R1_a_retransmitted_wrong_answer_is_challenged_again_and_counts_once(alice: Pbx) -> None:
    alice.password = "wrong"
    answer = alice.answering(alice.challenge())
    replies = [alice.send(answer) for _ in range(3)]
    assert [reply and reply.code for reply in replies] == [401] * 3
    assert not any("stale" in (reply.get("WWW-Authenticate") or "") for reply in replies if reply)
    assert alice.world.causes() == ["password"]


def test_R1_an_answer_for_another_realm_is_challenged(alice: Pbx) -> None:
    answer = alice.answering(alice.challenge())
    foreign = answer.having("Authorization", answer.one("Authorization").replace("registration", "elsewhere"))
    reply = alice.send(foreign)
    assert reply is not None
    assert reply.code == 401
    assert alice.world.causes() == []


def test_R1_an_empty_username_is_challenged(alice: Pbx) -> None:
    answer = alice.answering(alice.challenge())
    nameless = answer.having("Authorization", answer.one("Authorization").replace('"alice"', '""'))
    reply = alice.send(nameless.having("To", "<sip:sip.example.org>"))
    assert reply is not None
    assert reply.code == 401


def test_R1_one_credentials_password_opens_no_other(alice: Pbx) -> None:
    """Two Authorizations: the checked one's digest must be the named one's."""
    alice.world.credential("mallory", "mine")
    alice.world.tick()
    mallory = Pbx(alice.world, "mallory", "mine", address="127.0.17.50")
    answer = mallory.answering(mallory.challenge())
    claimed = answer.one("Authorization").replace('"mallory"', '"alice"')
    stolen = answer.having("Authorization", claimed)
    stolen = stolen.having("To", "<sip:alice@h>").having("From", "<sip:alice@h>;tag=f")
    reply = mallory.send(stolen)
    assert reply is not None
    assert reply.code == 401
    assert alice.world.state("alice").binding is None


def test_R2_a_new_password_is_the_only_one(alice: Pbx) -> None:
    alice.world.credential("alice", "newer")
    alice.world.tick()
    assert alice.register().code == 401
    alice.password = "newer"
    assert alice.register().code == 200


def test_C2_no_secret_reaches_journal_reply_or_log(alice: Pbx) -> None:
    alice.register()
    alice.password = "wrong"
    reply = alice.register()
    secret = alice.world.ksr.htable.sht_get("credential", "alice")
    ha1 = str(secret).split("|")[0]
    journals = "".join(path.read_text() for path in (alice.world.home / "journal").iterdir())
    assert len(ha1) == 32
    assert ha1 not in f"{journals} {reply} {alice.world.ksr.logged}"
