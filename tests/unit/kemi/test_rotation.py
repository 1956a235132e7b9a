"""C4: within the grace period both passwords work, and each for itself; afterwards only the new one."""

import json

import pytest

from kemi import tables
from kemi.tables import Credential
from tests.sip.digest import Login
from tests.unit.kemi.callers import CORE, answered, dial, lines, with_cores
from tests.unit.kemi.fake_ksr import Sent
from tests.unit.kemi.world import RIGHT, Pbx, World

GRACE = 3600
OVER = "given a new password and the old one's grace period is over"


@pytest.fixture
def rotating(world: World) -> World:
    """Alice's password is `newer`, and the one before works for an hour."""
    world.tick()
    world.credential("alice", "newer", grace=GRACE)
    world.tick()
    return world


def _register(world: World, password: str) -> int:
    """As soon as R4 allows."""
    world.clock.advance(100)
    return Pbx(world, password=password).register().code


def _versions(world: World) -> list[int | None]:
    """The password of each state that was journalled, None when the binding went."""
    return [known["b"] and known["b"]["pv"] for known in world.records("s")]


def _in_force(world: World) -> Credential:
    return Credential.decode(str(world.ksr.htable.sht_get(tables.CREDENTIAL, "alice")))


def _reasons(world: World) -> list[str]:
    return [event["with"]["reason"] for event in world.records("e") if event["cause"] == "withdrawn"]


def test_C4_both_passwords_register_and_which_one_is_recorded(rotating: World) -> None:
    assert [_register(rotating, word) for word in (RIGHT, "newer", RIGHT)] == [200, 200, 200]
    assert _versions(rotating) == [1, 2, 1]
    assert _register(rotating, "neither") == 401


def test_C4_the_old_password_ends_at_its_moment_before_the_timer_has_turned(rotating: World) -> None:
    until = _in_force(rotating).old_until
    for rotating.clock.now, word, code in ((until - 1, RIGHT, 200), (until, RIGHT, 401), (until, "newer", 429)):
        assert Pbx(rotating, password=word).register().code == code, "R4's clock is the same for both"


def test_C4_a_binding_of_the_old_password_stays_and_goes_with_it(rotating: World) -> None:
    rotating.clock.now = _in_force(rotating).old_until - 200_000
    assert Pbx(rotating).register().code == 200
    rotating.tick(10)
    assert rotating.state("alice").binding is not None
    clock = rotating.state("alice").clock
    rotating.clock.now = _in_force(rotating).old_until - 50
    rotating.tick()
    known = rotating.state("alice")
    assert (known.binding, known.clock) == (None, clock)
    assert _reasons(rotating) == [OVER]
    assert _in_force(rotating).old_ha1 == ""


def test_C4_a_binding_of_the_new_password_stays(rotating: World) -> None:
    rotating.clock.now = _in_force(rotating).old_until - 200_000
    Pbx(rotating, password="newer").register()
    rotating.clock.now = _in_force(rotating).old_until
    rotating.tick(2)
    assert rotating.state("alice").binding is not None
    assert rotating.causes() == []


def test_C4_a_grace_period_is_ended_at_once(rotating: World) -> None:
    _register(rotating, RIGHT)
    rotating.end_grace("alice")
    rotating.tick()
    assert rotating.state("alice").binding is None
    assert _reasons(rotating) == [OVER]
    assert _register(rotating, RIGHT) == 401
    assert _register(rotating, "newer") == 200


def test_C5_rotating_without_a_grace_period_says_so(rotating: World) -> None:
    _register(rotating, "newer")
    rotating.credential("alice", "newest")
    rotating.tick()
    assert _reasons(rotating) == ["given a new password"]


def test_C4_rotating_again_ends_the_oldest_at_once_and_keeps_the_one_between(rotating: World) -> None:
    _register(rotating, RIGHT)
    rotating.credential("alice", "newest", grace=GRACE)
    rotating.tick()
    assert _reasons(rotating) == ["given a new password"]
    assert [_register(rotating, word) for word in (RIGHT, "newer", "newest")] == [401, 200, 200]
    assert [version for version in _versions(rotating) if version] == [1, 2, 3]


def test_C4_the_longer_of_two_periods_is_the_one_that_was_asked_for_last(rotating: World) -> None:
    rotating.credential("alice", "newest", grace=10 * GRACE)
    rotating.tick()
    rotating.clock.advance(GRACE)
    rotating.tick()
    assert _register(rotating, "newer") == 200


@pytest.mark.parametrize("gone", [False, True])
def test_C5_disabling_and_deleting_end_both(rotating: World, gone: bool) -> None:
    _register(rotating, RIGHT)
    rotating.credential("alice", None if gone else "newer", enabled=False)
    rotating.tick()
    assert rotating.state("alice").binding is None
    assert _reasons(rotating) == ["deleted" if gone else "disabled"]
    codes = [_register(rotating, word) for word in (RIGHT, "newer")]
    assert codes == ([401, 401] if gone else [503, 503])


def test_C4_enabled_again_the_old_password_works_for_the_rest_of_its_time(rotating: World) -> None:
    for enabled in (False, True):
        rotating.credential("alice", "newer", enabled=enabled)
        rotating.tick()
    assert _register(rotating, RIGHT) == 200
    rotating.clock.advance(GRACE)
    assert _register(rotating, RIGHT) == 401


def test_C4_a_restart_in_the_middle_changes_nothing(rotating: World) -> None:
    _register(rotating, RIGHT)
    rotating.boot()
    rotating.tick()
    assert rotating.state("alice").binding is not None
    assert _register(rotating, RIGHT) == 200
    rotating.clock.now = _in_force(rotating).old_until - 200_000
    assert _register(rotating, RIGHT) == 200
    rotating.clock.advance(101)
    rotating.tick()
    assert rotating.state("alice").binding is None


def test_C4_the_end_came_while_the_gateway_was_down(rotating: World) -> None:
    rotating.clock.now = _in_force(rotating).old_until - 150_000
    assert _register(rotating, RIGHT) == 200
    rotating.clock.advance(100)
    rotating.boot()
    rotating.tick()
    assert rotating.state("alice").binding is None
    assert _reasons(rotating) == [OVER]
    assert _register(rotating, RIGHT) == 401


def test_C4_the_end_came_between_the_start_and_the_first_turn(rotating: World) -> None:
    rotating.clock.now = _in_force(rotating).old_until - 150_000
    assert _register(rotating, RIGHT) == 200
    rotating.clock.now = _in_force(rotating).old_until - 50
    rotating.boot()
    rotating.tick()
    assert rotating.state("alice").binding is None
    assert _reasons(rotating) == [OVER]


def test_C4_what_the_housekeeping_clears_up_later_is_no_change(rotating: World) -> None:
    _register(rotating, "newer")
    rotating.clock.advance(GRACE)
    rotating.tick()
    assert Pbx(rotating, password="newer").register().code == 200
    rotating.end_grace("alice")
    rotating.tick()
    assert rotating.state("alice").binding is not None
    assert rotating.causes() == []


def test_C4_a_row_that_comes_again_after_the_end_brings_nothing_back(rotating: World) -> None:
    rotating.clock.advance(GRACE)
    rotating.tick()
    rotating.credential("alice", "newer", tenant="acme")
    rotating.tick()
    assert _in_force(rotating).old_until == 0
    assert _register(rotating, RIGHT) == 401


def test_C4_calls_go_out_with_both_and_say_with_which(rotating: World) -> None:
    pbx = Pbx(with_cores(rotating, CORE))
    for pbx.password in (RIGHT, "newer"):
        answered(pbx)
    assert [line["pv"] for line in lines(rotating, "s")] == [1, 2]
    rotating.clock.now = _in_force(rotating).old_until
    for pbx.password, code in ((RIGHT, 407), ("newer", 0)):
        assert dial(pbx).code == code


def test_R1_the_nonce_of_an_old_passwords_answer_is_spent_once(rotating: World) -> None:
    pbx = Pbx(rotating)
    answer = pbx.answering(pbx.challenge())
    replies: list[Sent | None] = [pbx.send(answer), pbx.send(answer.having("Call-ID", "another"))]
    assert [reply and reply.code for reply in replies] == [200, 401]
    assert "stale=true" in str(replies[1])


def test_R2_a_credential_without_a_grace_period_costs_nothing_more(rotating: World) -> None:
    traces = []
    Pbx(rotating, "warm", "wrong", address="127.0.17.40").register()  # nothing is new about the address after that
    for username in ("bob", "alice"):
        pbx = Pbx(rotating, username, "wrong", address="127.0.17.40")
        answer = pbx.answering(pbx.challenge())
        before = len(rotating.ksr.calls)
        reply = pbx.send(answer)
        assert reply is not None
        assert (reply.code, len(reply.lines)) == (401, 1)
        traces.append([name for name, _ in rotating.ksr.calls[before:]])
    assert "hdr.get_idx" not in traces[0]
    assert [name for name in traces[1] if name != "hdr.get_idx"] == traces[0]
    events = [{**event, "u": "", "ci": ""} for event in rotating.records("e")]
    assert events[1] == events[2]


@pytest.mark.parametrize("first", [True, False])
def test_C4_an_answer_to_somebody_elses_challenge_beside_ours_is_passed_over(rotating: World, first: bool) -> None:
    pbx = Pbx(rotating)
    answer = pbx.answering(pbx.challenge())
    foreign = Login("alice", "other").authorization('Digest realm="elsewhere", nonce="n"', "REGISTER", "sip:x")
    place = 0 if first else len(answer.headers)
    headers = (*answer.headers[:place], ("Authorization", foreign), *answer.headers[place:])
    reply = pbx.send(type(answer)(answer.start, headers))
    assert reply is not None
    assert reply.code == 200


def test_R2_an_authorization_that_is_no_text_is_a_wrong_password_there_too(rotating: World) -> None:
    pbx = Pbx(rotating)
    answer = pbx.answering(pbx.challenge())
    odd = answer.having("Authorization", answer.one("Authorization") + ', opaque="\udce4"')
    reply = pbx.send(odd)
    assert getattr(reply, "code", None) == 401


def test_C2_an_old_password_reaches_no_journal(rotating: World) -> None:
    _register(rotating, RIGHT)
    old = _in_force(rotating).old_ha1
    assert len(old) == 32
    rotating.clock.advance(GRACE)
    rotating.tick()
    assert old not in json.dumps([rotating.records(key) for key in "sexoc"])
