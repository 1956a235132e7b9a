"""R4, R5 and R6 as a pure decision: every way that a proven REGISTER can end."""

from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from kemi.contact import Contact
from kemi.region import Limits
from kemi.registration import Answer, Register, decide
from kemi.state import ANSWERS, SILENT, UNKNOWN, Binding, Peer, State
from tests.unit.kemi.values import changed, held

LIMITS = Limits()
T = 1_764_000_000_000
HERE, ELSEWHERE = "127.0.17.20", "127.0.17.30"
URI = "sip:alice@10.0.0.9:5060"


def _register(address: str = HERE, port: int = 5062, contact: str | None = URI, expires: int | None = 3600) -> Register:
    return Register(address, port, Contact(contact) if contact else None, expires, "PBX", "call", 1, 1)


def _decide(request: Register, state: State, now: int, peers: Sequence[Peer] = ()) -> Answer:
    return decide(request, state, peers, now, LIMITS, lambda: "b-new")


def _accepted(at: int = T, **changes: Any) -> State:
    answer = _decide(_register(), State("alice"), at)
    assert answer.code == 200
    assert answer.state is not None
    return changed(answer.state, **changes)


def _binding(state: State) -> Binding:
    assert state.binding is not None
    return state.binding


def _peer(address: str = ELSEWHERE, *, since: int = T, expires: int = T + 300_000, silent: bool = False) -> Peer:
    return Peer("se1", "b-peer", address, 5060, "Other PBX", since, expires, silent)


def _knock(state: State, at: int) -> Answer:
    """A REGISTER that may come too early."""
    return _decide(_register(), state, at)


def _next(answer: Answer) -> State:
    assert answer.state is not None
    return answer.state


@pytest.mark.parametrize("asked", [None, 1, 60, 300, 3600])
def test_R5_whatever_was_asked_for_300_seconds_are_granted(asked: int | None) -> None:
    answer = _decide(_register(expires=asked), State("alice"), T)
    assert (answer.code, answer.contact) == (200, f"<{URI}>;expires=300")
    assert _binding(_next(answer)).expires == T + 300_000


def test_R4_the_interval_ends_after_exactly_100_seconds() -> None:
    state = _accepted()
    early = _knock(state, T + 99_999)
    assert (early.code, early.retry_after, early.rule, early.cause) == (429, 1, "R4", "early")
    assert _knock(state, T + 100_000).code == 200
    assert _knock(state, T + 100_001).code == 200


@pytest.mark.parametrize(("elapsed", "left"), [(0, 100), (1, 100), (1000, 99), (98_999, 2), (99_000, 1), (99_001, 1)])
def test_R4_Retry_After_is_what_is_left_rounded_up(elapsed: int, left: int) -> None:
    assert _knock(_accepted(), T + elapsed).retry_after == left


def test_R4_a_refused_registration_leaves_the_binding_and_the_clock() -> None:
    state = _accepted()
    after = _next(_knock(state, T + 41_200))
    assert (after.binding, after.clock, after.named) == (state.binding, T, T + 100_000)


def test_R4_the_event_says_how_early_it_was() -> None:
    details = _knock(_accepted(), T + 41_200).details
    assert details == {"elapsed": 41.2, "minimum": 100, "next": T + 100_000, "strikes": 0}


def test_R4_deregistration_does_not_reset_the_clock() -> None:
    gone = _next(_decide(_register(expires=0), _accepted(), T + 10_000))
    assert gone.binding is None
    assert _knock(gone, T + 99_999).code == 429


def _hammer(state: State, moments: Iterable[int], address: str = HERE) -> list[Answer]:
    answers = []
    for at in moments:
        answers.append(_decide(_register(address), state, at))
        state = _next(answers[-1])
    return answers


def test_R4_the_first_429_is_no_strike_and_the_tenth_early_return_blocks() -> None:
    answers = _hammer(_accepted(), range(T + 1000, T + 12_000, 1000))
    assert [answer.code for answer in answers] == [429] * 11
    assert [answer.block is not None for answer in answers] == [False] * 10 + [True]
    assert answers[-1].block == ("blocked_early", 900)
    assert answers[-1].retry_after == 900


def test_R4_strikes_start_again_after_their_block() -> None:
    state = _next(_hammer(_accepted(), range(T + 1000, T + 12_000, 1000))[-1])
    assert [answer.block for answer in _hammer(state, range(T + 12_000, T + 21_000, 1000))] == [None] * 9


def test_R4_strikes_are_counted_over_ten_minutes() -> None:
    just_inside = tuple(T + 1 + step for step in range(9))
    state = _accepted(T + 599_000, named=T + 699_000, early_address=HERE, early=just_inside)
    assert _knock(state, T + 600_000).block is not None
    assert _knock(state, T + 600_001).block is None


def test_R4_strikes_of_another_address_do_not_count() -> None:
    state = changed(_accepted(), named=T + 100_000, early_address=ELSEWHERE, early=tuple([T] * 9), binding=None)
    answer = _knock(state, T + 1000)
    assert (answer.block, _next(answer).early_address, _next(answer).early) == (None, HERE, ())


def test_R4_waiting_for_the_moment_that_was_named_is_no_strike() -> None:
    state = _next(_knock(_accepted(), T + 90_000))
    answer = _knock(state, T + 100_000)
    assert (answer.code, _next(answer).early, _next(answer).named) == (200, (), 0)


@pytest.mark.parametrize(("named", "before", "after"), [(1, 18, 19), (0, 19, 0)])
def test_R4_a_429_before_lengthens_the_streak_none_ends_it(named: int, before: int, after: int) -> None:
    assert _next(_knock(_accepted(named=named, streak=before), T + 100_000)).streak == after


def test_R4_the_twentieth_in_a_row_is_accepted_and_blocks() -> None:
    answer = _knock(_accepted(named=1, streak=19), T + 100_000)
    assert answer.code == 200
    assert answer.block is not None
    assert (answer.block.cause, answer.block.seconds, _next(answer).streak) == ("blocked_streak", 900, 0)


def test_R4_a_clock_that_was_set_back_delays_by_one_interval_at_most() -> None:
    state = _accepted(T + 3_600_000)
    early = _knock(state, T)
    assert (early.code, early.retry_after) == (429, 100)
    assert _next(early).version > state.version
    assert _knock(_next(early), T + 100_000).code == 200


def test_a_query_tells_the_binding_and_changes_nothing() -> None:
    answer = _decide(_register(contact=None), _accepted(), T + 40_500)
    assert (answer.code, answer.contact, answer.state) == (200, f"<{URI}>;expires=260", None)


def test_a_query_without_a_binding_is_answered_without_a_contact() -> None:
    assert held(_decide(_register(contact=None), State("alice"), T)) == held(Answer(200))
    assert held(_decide(_register(contact=None), _accepted(), T + 300_000)) == held(Answer(200))


@pytest.mark.parametrize("expires", [None, 1, 300])
def test_W2_a_wildcard_that_does_not_deregister_is_malformed(expires: int | None) -> None:
    answer = _decide(_register(contact="*", expires=expires), _accepted(), T)
    assert (answer.code, answer.rule, answer.state) == (400, "W2", None)


@pytest.mark.parametrize("contact", ["*", URI, URI.upper().replace("SIP:", "sip:") + ";transport=udp"])
def test_R5_a_deregistration_removes_the_binding(contact: str) -> None:
    answer = _decide(_register(contact=contact, expires=0), _accepted(), T + 1000)
    assert (answer.code, answer.contact, _next(answer).binding) == (200, None, None)
    assert _next(answer).clock == T


def test_R5_expires_0_in_the_contact_wins_over_the_header() -> None:
    off = Register(HERE, 5062, Contact(URI, 0), 3600, "PBX", "call", 1, 1)
    on = Register(HERE, 5062, Contact(URI, 60), 0, "PBX", "call", 1, 1)
    assert _next(_decide(off, _accepted(), T + 1000)).binding is None
    assert _decide(on, _accepted(), T + 100_000).contact == f"<{URI}>;expires=300"


def test_R5_a_deregistration_of_another_contact_leaves_the_binding() -> None:
    answer = _decide(_register(contact="sip:alice@10.0.0.77:5060", expires=0), _accepted(), T + 1000)
    assert (answer.code, answer.contact, answer.state) == (200, f"<{URI}>;expires=299", None)


def test_R5_a_deregistration_of_nothing_is_answered() -> None:
    for state in (State("alice"), _accepted(T - 300_000)):
        assert held(_decide(_register(expires=0), state, T)) == held(Answer(200))


@pytest.mark.parametrize("expires", [0, 3600])
def test_R6_another_address_waits_for_what_is_left_of_the_binding(expires: int) -> None:
    answer = _decide(_register(ELSEWHERE, expires=expires), _accepted(), T + 10_001)
    assert (answer.code, answer.retry_after, answer.rule, answer.cause) == (503, 290, "R6", "second_pbx")
    assert answer.state is None
    assert answer.details is not None
    assert (answer.details["address"], answer.details["holder_address"]) == (ELSEWHERE, HERE)
    assert (answer.details["user_agent"], answer.details["holder_user_agent"]) == ("PBX", "PBX")


def test_R6_another_port_of_the_address_is_the_same_PBX() -> None:
    binding = _binding(_next(_decide(_register(port=6000), _accepted(), T + 100_000)))
    assert (binding.uid, binding.port, binding.since) == ("b-new", 6000, T)


def test_R6_a_binding_that_has_expired_binds_nobody() -> None:
    state = _accepted()
    assert _decide(_register(ELSEWHERE), state, T + 299_999).code == 503
    binding = _binding(_next(_decide(_register(ELSEWHERE), state, T + 300_000)))
    assert (binding.address, binding.since) == (ELSEWHERE, T + 300_000)


@pytest.mark.parametrize(("keepalive", "code"), [(UNKNOWN, 503), (ANSWERS, 503), (SILENT, 200)])
def test_R6_only_a_binding_that_fell_silent_yields(keepalive: int, code: int) -> None:
    state = _accepted()
    state = changed(state, binding=changed(_binding(state), keepalive=keepalive))
    assert _decide(_register(ELSEWHERE), state, T + 100_000).code == code


@pytest.mark.parametrize(
    ("peer", "code"),
    [
        (_peer(), 503),
        (_peer(HERE), 200),
        (_peer(silent=True), 200),
        (_peer(expires=T), 200),
        (_peer(expires=T + 1), 503),
    ],
)
def test_R6_a_live_binding_in_another_region_counts(peer: Peer, code: int) -> None:
    answer = _decide(_register(), State("alice"), T, [peer])
    assert answer.code == code
    if code == 503:
        assert answer.details is not None
        assert answer.details["holder_region"] == "se1"


def test_R6_a_refresh_keeps_what_is_known_of_the_PBX() -> None:
    state = _accepted()
    state = changed(state, binding=changed(_binding(state), uid="b-old", keepalive=ANSWERS))
    same = _binding(_next(_decide(_register(), state, T + 100_000)))
    moved = _binding(_next(_decide(_register(port=6000), state, T + 100_000)))
    assert (same.uid, same.since, same.keepalive) == ("b-old", T, ANSWERS)
    assert (moved.uid, moved.since, moved.keepalive) == ("b-old", T, UNKNOWN)


def test_R4_another_workers_head_start_does_not_shorten_the_interval() -> None:
    state = _next(_knock(_accepted(T + 999), T))
    assert _knock(state, T + 100_998).code == 429
    assert _knock(state, T + 100_999).code == 200
