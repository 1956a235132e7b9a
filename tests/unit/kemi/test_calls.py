"""A call as the workers know it, and as journal lines tell of it."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kemi.calls import ANSWERED, CHANNEL, ENDED, RINGING, TRYING, Call, call_key, merged, restored
from tests.unit.kemi.values import held

T = 1_764_000_000_000
_WORDS = st.text(st.characters(codec="utf-8", exclude_characters="|"), max_size=20)
_PLACES = st.sampled_from(["192.0.2.7:5062", "192.0.2.200:5060"])
_TAGS = st.text(st.characters(codec="utf-8", exclude_characters="\n"), min_size=1, max_size=20)

BEGUN: dict[str, Any] = {
    **{"id": "c-1", "s": T, "d": "out", "u": "alice", "k": CHANNEL, "a": "192.0.2.7:5062", "b0": "192.0.2.200:5060"},
    **{"ci": "call", "ft": "f", "cs": 2},
}
RANG = {"id": "c-1", "r": T + 1, "b": "192.0.2.200:5060", "core": "192.0.2.200:5060", "via": "v"}
TAKEN = {"id": "c-1", "w": T + 2, "b": "192.0.2.201:5060", "core": "192.0.2.201:5060", "tt": "b", "cc": "<sip:c>"}
OVER = {"id": "c-1", "e": T + 3, "by": "caller", "code": 200, "rule": None, "cause": None, "fr": T + 32_003}
LINES = [BEGUN, RANG, TAKEN, OVER]


@given(
    st.builds(Call, _WORDS, st.integers(0, 3), st.integers(0, 2), _WORDS, _PLACES, _PLACES, st.booleans(), _WORDS),
    st.lists(_TAGS, max_size=3),
)
def test_a_call_is_read_as_it_was_written(call: Call, tags: list[str]) -> None:
    for tag in tags:
        call.with_tag(tag)
    assert held(Call.decode(call.encode())) == held(call)
    assert all(call.answered_by(tag) for tag in tags)


@given(st.lists(_TAGS, min_size=1, unique=True))
def test_W4_the_last_who_leaves_leaves_no_tag(tags: list[str]) -> None:
    call = Call("c-1", ANSWERED, CHANNEL, "alice", "a", "b", True)
    for tag in tags:
        call.with_tag(tag)
    for tag in tags:
        assert call.tags
        call.tags = call.tags_without(tag)
    assert call.tags == ""


def _fold(lines: list[dict[str, Any]]) -> dict[str, Any]:
    known = dict(lines[0])
    for line in lines[1:]:
        known = merged(known, line)
    return known


@given(st.integers(1, 4), st.data())
def test_F2_the_order_of_a_calls_lines_does_not_matter(count: int, data: st.DataObject) -> None:
    lines = LINES[:count]
    shuffled = data.draw(st.permutations(lines + data.draw(st.lists(st.sampled_from(lines)))))
    assert _fold(list(shuffled)) == _fold(lines)


def test_F2_who_answered_counts_and_not_who_rang() -> None:
    for lines in itertools.permutations(LINES):
        assert _fold(list(lines))["core"] == "192.0.2.201:5060"


@pytest.mark.parametrize(("count", "phase"), [(1, TRYING), (2, RINGING), (3, ANSWERED), (4, ENDED)])
def test_O3_a_call_is_restored_where_it_was(count: int, phase: int) -> None:
    call = restored(_fold(LINES[:count]), T + 4)
    assert call is not None
    assert (call.phase, call.counted, call.username, call.outbound) == (phase, CHANNEL, "alice", True)
    assert call.callee == ("192.0.2.201:5060" if count > 2 else "192.0.2.200:5060")
    assert call.tags == ("b" if count > 2 else "")


def test_O3_a_slot_is_held_for_32_seconds_and_no_longer() -> None:
    known = _fold(LINES)
    assert restored(known, T + 32_002) is not None
    assert restored(known, T + 32_003) is None


def test_a_word_about_a_call_whose_beginning_is_lost_is_no_call() -> None:
    assert restored(_fold(LINES[1:3]), T) is None


def test_W4_a_call_is_known_by_its_call_id_and_the_callers_tag() -> None:
    assert call_key("call", "f") == "call|f"
    assert len({call_key("call", "f"), call_key("call", "g"), call_key("other", "f")}) == 3


@pytest.mark.parametrize("call_id", ["x" * 5000, "nul\0"])
def test_a_key_that_no_table_takes_is_kept_as_its_hash(call_id: str) -> None:
    key = call_key(call_id, "f")
    assert (len(key), key.isalnum(), key != call_key(call_id, "g")) == (64, True, True)
