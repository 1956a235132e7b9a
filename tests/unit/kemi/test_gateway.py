"""Requests through the handler: what the sender gets, and what the region remembers."""

import pytest

from kemi.state import Peer
from tests.sip.message import Message
from tests.unit.kemi.callers import dial
from tests.unit.kemi.fake_ksr import Source
from tests.unit.kemi.world import Pbx, World

STRANGER = Source("127.0.17.66", 5066)


def test_R5_a_PBX_registers(alice: Pbx) -> None:
    reply = alice.register(Expires="3600")
    assert (reply.code, reply.lines) == (200, ("Contact: <sip:alice@10.0.0.9:5060>;expires=300",))
    binding = alice.world.state("alice").binding
    assert binding is not None
    assert (binding.address, binding.port) == ("127.0.17.20", 5062)


def test_F2_what_was_answered_is_in_the_journal(alice: Pbx) -> None:
    alice.register()
    assert [record["u"] for record in alice.world.records("s")] == ["alice"]


def test_F1_what_cannot_be_recorded_is_not_accepted(alice: Pbx) -> None:
    (alice.world.home / "journal").write_text("a file where the folder should be")
    reply = alice.register()
    assert (reply.code, reply.retry_after) == (503, 60)
    assert alice.world.state("alice").binding is None


def test_F1_a_region_that_was_never_filled_asks_to_come_later(world: World) -> None:
    with world.store.transaction() as db:
        db.execute("DELETE FROM meta WHERE key = 'change'")
        db.execute("DELETE FROM credential")
    world.boot()
    pbx = Pbx(world)
    replies = [pbx.send(pbx.message()), pbx.send(pbx.message("INVITE"))]
    assert [(reply.code, reply.retry_after) for reply in replies if reply] == [(503, 30)] * 2
    assert any("no snapshot" in text for level, text in world.ksr.logged if level == "warn")
    world.stored()
    world.credential("alice")
    world.tick()
    assert pbx.register().code == 200


def test_R1_a_request_without_credentials_gets_one_MD5_challenge(alice: Pbx) -> None:
    reply = alice.send(alice.message())
    assert reply is not None
    assert (reply.code, len(reply.all("WWW-Authenticate")), len(reply.lines)) == (401, 1, 1)
    assert alice.challenge("INVITE").startswith('Digest realm="registration"')


def test_R1_a_retransmission_gets_the_stored_answer(alice: Pbx) -> None:
    answer = alice.answering(alice.challenge())
    first = alice.send(answer)
    alice.world.clock.advance(31.9)
    assert alice.send(answer) == first
    assert len(alice.world.records("s")) == 1


def test_R1_a_copy_from_elsewhere_or_with_another_branch_is_refused(alice: Pbx) -> None:
    answer = alice.answering(alice.challenge())
    alice.send(answer)
    copies = [
        alice.world.send(answer, STRANGER),
        alice.world.send(answer, Source(alice.address, 6000)),
        alice.send(answer.having("Via", "SIP/2.0/UDP 127.0.17.20:5062;branch=z9hG4bKother")),
        alice.send(answer.having("CSeq", "99 REGISTER")),
        alice.send(answer.having("Call-ID", "other")),
    ]
    assert [reply and reply.code for reply in copies] == [401] * 5
    assert all("stale=true" in (reply.get("WWW-Authenticate") or "") for reply in copies if reply)
    assert len(alice.world.records("s")) == 1


def test_R1_a_replay_after_32_seconds_is_refused(alice: Pbx) -> None:
    answer = alice.answering(alice.challenge())
    alice.send(answer)
    alice.world.clock.advance(32)
    reply = alice.send(answer)
    assert reply is not None
    assert reply.code == 401


def test_R1_an_expired_nonce_is_stale_and_counts_as_nothing(alice: Pbx) -> None:
    challenge = alice.challenge()
    alice.world.clock.advance(301)
    reply = alice.send(alice.answering(challenge))
    assert reply is not None
    assert "stale=true" in (reply.get("WWW-Authenticate") or "")
    assert alice.world.causes() == []


def test_R4_a_sooner_registration_is_told_when_to_come(alice: Pbx) -> None:
    alice.register()
    alice.world.clock.advance(41.2)
    reply = alice.register()
    assert (reply.code, reply.retry_after) == (429, 59)
    event = alice.world.records("e")[0]
    assert (event["rule"], event["id"], event["ra"], event["with"]["elapsed"]) == ("R4", "cr-alice", 59, 41.2)
    assert event["ci"] == alice.call_id
    alice.world.clock.advance(58.8)
    assert alice.register().code == 200


def test_R4_the_twentieth_registration_after_a_429_is_accepted_and_then_blocked(alice: Pbx) -> None:
    alice.register()
    codes = []
    for _ in range(20):
        alice.world.clock.advance(60)
        codes.append(alice.register().code)
        alice.world.clock.advance(40)
        codes.append(alice.register().code)
    assert codes == [429, 200] * 20
    block = alice.world.records("x")[0]
    assert (block["cause"], block["u"], block["until"] - block["at"]) == ("blocked_streak", "alice", 900_000)
    alice.world.clock.advance(899)
    refused = alice.send(alice.message())
    assert refused is not None
    assert (refused.code, refused.retry_after) == (429, 1)
    alice.world.clock.advance(1)
    assert alice.register().code == 200


def test_R6_a_second_PBX_waits_and_the_event_names_both(alice: Pbx) -> None:
    alice.register()
    other = Pbx(alice.world, address="127.0.17.30", user_agent="Other PBX")
    reply = other.register()
    assert (reply.code, reply.retry_after) == (503, 300)
    event = alice.world.records("e")[0]
    assert (event["rule"], event["a"], event["ua"]) == ("R6", "127.0.17.30", "Other PBX")
    assert event["with"]["holder_address"] == "127.0.17.20"
    assert event["with"]["holder_user_agent"] == "Asterisk PBX 22.0.0"


def test_R6_another_regions_binding_is_learnt_from_the_store(alice: Pbx) -> None:
    now = alice.world.clock.now
    alice.world.peer("alice", Peer("se1", "b-1", "127.0.17.30", 5060, "PBX", now, now + 300_000, False))
    alice.world.tick()
    assert alice.register().code == 503
    alice.world.peer("alice", Peer("se1", "b-1", "127.0.17.30", 5060, "PBX", now, 0, False))
    alice.world.tick()
    assert alice.register().code == 200


@pytest.mark.parametrize("method", ["REGISTER", "INVITE"])
def test_R2_a_disabled_credential_is_told_so_only_with_the_password(alice: Pbx, method: str) -> None:
    alice.world.credential("alice", enabled=False)
    alice.world.tick()
    told = alice.request(method)
    assert (told.code, told.retry_after) == (503, 300)
    alice.password = "wrong"
    assert alice.request(method).code in (401, 407)
    assert alice.world.causes() == ["disabled", "password"]


@pytest.mark.parametrize("header", ["From", "To"])
def test_R2_user_To_and_From_must_agree(alice: Pbx, header: str) -> None:
    assert alice.register(**{header: "<sip:bob@sip.example.org>;tag=f"}).code == 403
    assert alice.world.causes() == ["mismatch"]


@pytest.mark.parametrize("method", ["REGISTER", "INVITE"])
def test_R3_phones_are_refused_after_they_proved_the_password(alice: Pbx, method: str) -> None:
    alice.world.stored(("user_agent", ("u1", "phone", "Yealink SIP-T*")))
    alice.world.tick()
    alice.world.clock.advance(1)
    alice.user_agent = "Yealink SIP-T46S 66.85"
    assert alice.request(method).code == 403
    assert alice.world.causes() == ["phone"]


def test_R3_no_User_Agent_is_accepted(alice: Pbx) -> None:
    assert alice.register(User_Agent=None).code == 200


def test_R8_a_proven_INVITE_is_told_to_come_later(alice: Pbx) -> None:
    line = dial(alice)
    assert (line.code, line.reply and line.reply.retry_after) == (503, 60)


def test_R5_a_wildcard_with_expires_0_deregisters(alice: Pbx) -> None:
    alice.register()
    assert alice.register(Contact="*", Expires="0").lines == ()
    assert alice.world.state("alice").binding is None


def test_an_error_in_a_step_is_answered_logged_and_leaves_no_lock(alice: Pbx) -> None:
    alice.world.ksr.htable.sht_sets("state", "alice", "no state")
    reply = alice.register()
    assert (reply.code, reply.retry_after) == (500, 60)
    assert [level for level, _ in alice.world.ksr.logged if level == "crit"] == ["crit"]
    assert "no state" not in alice.world.ksr.logged[-1][1]


def test_replies_to_keep_alives_end_here(world: World) -> None:
    reply = Message("SIP/2.0 200 OK", (("Call-ID", "b-1@keep.invalid"), ("CSeq", "1 OPTIONS")))
    world.ksr.receive(reply, STRANGER)
    world.worker.ksr_reply_route(None)
    assert (world.ksr.dropped, world.ksr.htable.sht_get("alive", "b-1")) == (1, 1)


def test_W4_a_reply_that_answers_nothing_is_not_forwarded(world: World) -> None:
    reply = Message("SIP/2.0 200 OK", (("Call-ID", "other"), ("CSeq", "1 OPTIONS")))
    world.ksr.receive(reply, STRANGER)
    world.worker.ksr_reply_route(None)
    assert world.ksr.dropped == 1


def test_each_process_has_a_journal_of_its_own(alice: Pbx) -> None:
    alice.register()
    alice.world.credential("alice", None)
    alice.world.tick()
    names = sorted(path.name.split("-")[1] for path in (alice.world.home / "journal").iterdir())
    assert names == ["01", "99"]


@pytest.mark.parametrize("rank", [-1, 0, -4])
def test_F2_what_Kamailios_own_timers_record_is_followed(world: World, rank: int) -> None:
    """A failure route after a timeout runs in a process without a rank."""
    world.worker.child_init(rank)
    Pbx(world).send(Pbx(world).message("FROB"))
    assert world.causes() == ["method"]
