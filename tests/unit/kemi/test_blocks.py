"""B1 to B5: who is blocked, for what, and who is not."""

import pytest

from kemi.region import Thresholds
from tests.unit.kemi.conftest import Make
from tests.unit.kemi.fake_ksr import Sent
from tests.unit.kemi.world import Pbx, World

SMALL = Thresholds(flood_requests=20, wrong_passwords=4, guessed_usernames=5)


@pytest.fixture
def world(make_world: Make) -> World:
    """Credentials alice, bob and twenty more; low thresholds."""
    world = make_world(SMALL)
    for username in ("alice", "bob", *(f"u{number:02d}" for number in range(20))):
        world.credential(username)
    world.boot()
    return world


def _flood(world: World, count: int = 20, address: str = "127.0.17.20") -> list[Sent | None]:
    junk = Pbx(world, "junk", address=address, port=9999)
    return [junk.send(junk.message("OPTIONS")) for _ in range(count)]


def _wrong(world: World, username: str, times: int, address: str = "127.0.17.20") -> list[int]:
    pbx = Pbx(world, username, "wrong", address=address)
    return [pbx.register().code for _ in range(times)]


def _first(pbx: Pbx) -> Sent | None:
    return pbx.send(pbx.message())


def _blocked(pbx: Pbx) -> bool:
    """Whether a request without credentials is refused or ignored."""
    pbx.world.clock.advance(1)
    reply = _first(pbx)
    return reply is None or reply.code == 429


def test_B2_a_flood_blocks_the_address(world: World) -> None:
    assert {reply and reply.code for reply in _flood(world)} == {200}
    reply = _first(Pbx(world, "bob"))
    assert reply is not None
    assert (reply.code, reply.reason, reply.retry_after) == (429, "Too Many Requests", 120)
    event = world.records("e")[0]
    assert (event["rule"], event["cause"], event["with"]["requests"]) == ("B2", "flood", 20)
    assert not _blocked(Pbx(world, "bob", address="127.0.17.21"))


def test_B1_at_most_one_answer_a_second_then_silence(world: World) -> None:
    _flood(world)
    world.clock.now += -world.clock.now % 1000
    answers = []
    for _ in range(30):
        answers.append(_first(Pbx(world, "bob")))
        world.clock.advance(0.1)
    assert [index for index, reply in enumerate(answers) if reply] == [0, 10, 20]
    assert all(reply.code == 429 and reply.retry_after for reply in answers if reply)


def test_B1_the_block_ends_when_it_said(world: World) -> None:
    _flood(world)
    world.clock.advance(119.999)
    reply = _first(Pbx(world, "bob"))
    assert reply is not None
    assert (reply.code, reply.retry_after) == (429, 1)
    world.clock.advance(0.001)
    assert Pbx(world, "bob").register().code == 200


def test_B2_a_flood_is_counted_by_window(world: World) -> None:
    for _ in range(3):
        _flood(world, 19)
        world.clock.advance(10)
    assert not _blocked(Pbx(world, "bob"))


def test_B2_registrations_that_succeed_are_no_flood(world: World) -> None:
    codes = [Pbx(world, f"u{number:02d}", port=6000 + number).register().code for number in range(20)]
    assert codes == [200] * 20
    assert world.records("x") == []


def test_B3_a_flood_spares_the_credentials_that_are_bound_there(world: World) -> None:
    alice = Pbx(world)
    alice.register()
    _flood(world)
    world.clock.advance(100)
    assert alice.register().code == 200
    assert _blocked(Pbx(world, "bob"))


def test_B3_bound_credentials_pass_at_a_bounded_rate(world: World) -> None:
    alice = Pbx(world)
    alice.register()
    _flood(world)
    world.clock.advance(10)
    codes = [reply.code for reply in (_first(alice) for _ in range(20)) if reply]
    assert codes == [401] * 5 + [429]
    world.clock.advance(1)
    assert alice.register().code == 429  # R4's, by the registrar
    assert world.causes()[-1] == "early"


def test_B3_the_exception_ends_with_the_binding(world: World) -> None:
    world.clock.advance(-(world.clock.now / 1000 % 10))
    alice = Pbx(world)
    alice.register()
    world.clock.advance(200)
    _flood(world)
    assert not _blocked(alice)
    world.clock.advance(99)
    assert _blocked(alice)


def test_B3_a_binding_elsewhere_is_no_exception(world: World) -> None:
    Pbx(world, address="127.0.17.21").register()
    _flood(world)
    assert _blocked(Pbx(world))


def test_B2_repeated_wrong_passwords_block_one_credential_at_one_address(world: World) -> None:
    assert _wrong(world, "alice", 4) == [401] * 4
    assert _blocked(Pbx(world))
    assert not _blocked(Pbx(world, "bob"))
    assert not _blocked(Pbx(world, address="127.0.17.21"))
    block = world.records("x")[0]
    assert (block["cause"], block["a"], block["u"]) == ("wrong_passwords", "127.0.17.20", "alice")


def test_B2_unknown_usernames_are_blocked_alike(world: World) -> None:
    assert _wrong(world, "nobody", 4) == [401] * 4
    assert _blocked(Pbx(world, "nobody"))


def test_B2_success_clears_the_wrong_passwords(world: World) -> None:
    _wrong(world, "alice", 3)
    assert Pbx(world).register().code == 200
    _wrong(world, "alice", 3)
    assert world.records("x") == []


def test_B2_success_of_one_clears_nothing_of_another(world: World) -> None:
    _wrong(world, "alice", 3)
    Pbx(world, "bob").register()
    _wrong(world, "alice", 1)
    assert _blocked(Pbx(world))


def test_B2_stale_and_foreign_nonces_count_as_nothing(world: World) -> None:
    alice = Pbx(world, password="wrong")
    stolen = Pbx(world, password="wrong", address="127.0.17.30").challenge()
    for _ in range(10):
        reply = alice.send(alice.answering(stolen))
        assert reply is not None
        assert "stale=true" in (reply.get("WWW-Authenticate") or "")
    assert world.records("x") == []
    assert world.causes() == []


def test_B2_guessing_many_usernames_blocks_the_address(world: World) -> None:
    for number in range(5):
        _wrong(world, f"guess{number}", 1)
    assert _blocked(Pbx(world, "bob"))
    assert world.records("x")[0]["u"] is None
    assert "guessing" in world.causes()


def test_B2_a_success_buys_no_guesses(world: World) -> None:
    for _ in range(10):
        Pbx(world).register()
        world.clock.advance(1)
    for number in range(5):
        _wrong(world, f"guess{number}", 1)
    assert "guessing" in world.causes()


def test_B3_guessing_spares_the_credentials_that_are_bound_there(world: World) -> None:
    alice = Pbx(world)
    alice.register()
    for number in range(5):
        _wrong(world, f"guess{number}", 1)
    world.clock.advance(100)
    assert alice.register().code == 200


def test_B2_a_repeated_wrong_answer_still_counts_towards_a_flood(world: World) -> None:
    alice = Pbx(world, password="wrong")
    answer = alice.answering(alice.challenge())
    for _ in range(40):
        alice.send(answer)
    assert "flood" in world.causes()


def test_B5_lifting_ends_the_block_and_its_counts(world: World) -> None:
    _wrong(world, "alice", 4)
    uid = world.records("x")[0]["id"]
    world.tick()
    world.stored(("command", (7, "block", uid, '{"region": "nw1"}')))
    world.tick()
    assert Pbx(world).register().code == 200
    assert [block["lifted"] for block in world.records("x")] == [False, True]
    _wrong(world, "alice", 3)
    assert len(world.records("x")) == 2


def test_B5_lifting_twice_is_once(world: World) -> None:
    _flood(world)
    uid = world.records("x")[0]["id"]
    for number in (7, 8):
        world.tick()
        world.stored(("command", (number, "block", uid, '{"region": "nw1"}')))
    world.tick()
    assert [block["lifted"] for block in world.records("x")] == [False, True]
    assert not _blocked(Pbx(world, "bob"))


def test_F1_blocks_outlive_a_restart_and_can_be_lifted_after_it(world: World) -> None:
    _flood(world)
    uid = world.records("x")[0]["id"]
    world.boot()
    assert _blocked(Pbx(world, "bob"))
    world.tick()
    world.stored(("command", (7, "block", uid, '{"region": "nw1"}')))
    world.tick()
    assert not _blocked(Pbx(world, "bob"))
    world.boot()
    assert not _blocked(Pbx(world, "bob"))


def test_B1_a_blocked_ACK_gets_silence(world: World) -> None:
    _flood(world)
    bob = Pbx(world, "bob")
    assert bob.send(bob.message("ACK")) is None
