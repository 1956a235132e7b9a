"""F2: what lines of the journals say about a call, whatever their order and whatever an attacker made of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kemi.agent.calls import Call, calls

START = 1_764_000_000_123
BEGIN = {
    "id": "c-1",
    "s": START,
    "d": "out",
    "u": "x7k2",
    "cr": "cr-x7k2",
    "n": None,
    "tn": "acme-42",
    "f": "+14155550100",
    "to": "+12125550123",
    "a": "192.0.2.7:5062",
    "ci": "call-id",
    "ft": "tag",
    "cs": 2,
    "em": 0,
}
RING = {"id": "c-1", "r": START + 1000, "core": "192.0.2.200:5060", "vr": None}
ANSWER = {"id": "c-1", "w": START + 5000, "core": "192.0.2.201:5060", "vr": "se1"}
END = {"id": "c-1", "e": START + 65_000, "by": "caller", "code": 200, "rule": None, "cause": None}
LATER_END = {"id": "c-1", "e": START + 65_002, "by": "callee", "code": 200, "rule": "O7", "cause": "silent"}
WHOLE = [BEGIN, RING, ANSWER, END, LATER_END]


def records(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"t": line.get("s") or line.get("r") or line.get("w") or line.get("e"), "c": line} for line in lines]


def moment(ms: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None) + timedelta(milliseconds=ms)


def one(*lines: dict[str, Any]) -> Call:
    (call,) = calls("nw1", records(list(lines)))
    return call


@given(st.permutations(WHOLE))
def test_F2_a_calls_lines_say_the_same_in_any_order(lines: list[dict[str, Any]]) -> None:
    call = one(*lines)
    assert call[:3] == ("c-1", "nw1", moment(START))
    assert (call.direction, call.credential, call.username, call.tenant) == ("outbound", "cr-x7k2", "x7k2", "acme-42")
    assert (call.caller, call.callee, call.number) == ("+14155550100", "+12125550123", None)
    assert (call.address, call.port, call.call_id, call.emergency) == ("192.0.2.7", 5062, "call-id", 0)
    assert (call.rang_at, call.answered_at, call.ended_at) == tuple(moment(START + n) for n in (1000, 5000, 65_000))
    assert (call.core, call.via) == ("192.0.2.201:5060", "se1")
    assert (call.ended_by, call.code, call.rule, call.cause) == ("caller", 200, None, None)


def test_a_refused_attempt_is_one_line() -> None:
    refused = BEGIN | {"e": START + 1, "by": "gateway", "code": 503, "rule": "O3", "cause": "concurrent"}
    call = one(refused)
    assert (call.started_at, call.ended_at, call.answered_at) == (moment(START), moment(START + 1), None)
    assert (call.ended_by, call.code, call.rule, call.cause) == ("gateway", 503, "O3", "concurrent")


def test_until_its_first_line_has_come_a_call_started_at_its_earliest_moment() -> None:
    assert one(END).started_at == moment(START + 65_000)
    assert one(END, RING).started_at == moment(START + 1000)
    assert one(END, RING, BEGIN).started_at == moment(START)


def test_I3_a_hop_to_the_other_region_is_no_call() -> None:
    assert calls("se1", records([line | {"id": "h-1"} for line in WHOLE])) == []


@pytest.mark.parametrize("name", [None, 7, "", [], {}, "c 1", "c-\n", "c-é", "x" * 65, "' OR 1"])
def test_a_line_without_a_proper_id_is_left_out(name: object) -> None:
    assert calls("nw1", [{"t": START, "c": BEGIN | {"id": name}}]) == []
    assert calls("nw1", [{"t": START, "c": name}, {"t": START}]) == []


def test_a_line_that_happened_at_no_time_is_left_out() -> None:
    assert calls("nw1", [{"t": "now", "c": {"id": "c-1", "s": None}}]) == []
    assert [call.started_at for call in calls("nw1", [{"t": START, "c": {"id": "c-1"}}])] == [moment(START)]


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("192.0.2.7:5062", ("192.0.2.7", 5062)),
        ("192.0.2.7:99999", ("192.0.2.7", None)),
        ("192.0.2.7", ("192.0.2.7", None)),
        ("192.0.2.7:५", ("192.0.2.7:?", None)),
        (None, (None, None)),
    ],
)
def test_where_the_invite_came_from(place: object, expected: tuple[object, object]) -> None:
    call = one(BEGIN | {"a": place})
    assert (call.address, call.port) == expected


def test_a_code_counts_only_with_an_end() -> None:
    assert one(BEGIN | {"code": 200, "by": "caller"}).code is None
    assert one(BEGIN | {"e": "soon", "code": 200, "by": "caller"})[-5:] == (None, None, None, None, None)
