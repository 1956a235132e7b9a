"""Events: one by one, then counted together, and nobody's flood hides what a proven sender must know."""

import json

import pytest

from kemi.message import Request
from kemi.recorder import FROM_ALL, FROM_ONE_ADDRESS, Recorder, Refusal
from kemi.tables import Credential
from tests.sip.message import Message
from tests.unit.kemi.fake_ksr import FakeKsr, Source
from tests.unit.kemi.world import Pbx, World

T = 1_764_000_000_000
CREDENTIAL = Credential("0" * 32, True, "cr-1", 1)


class Lines(list[str]):
    """A journal in memory; full when told so."""

    full = False

    def append(self, line: str) -> bool:  # type: ignore[override]
        if not self.full:
            super().append(line)
        return not self.full


@pytest.fixture
def lines() -> Lines:
    return Lines()


@pytest.fixture
def recorder(ksr: FakeKsr, lines: Lines) -> Recorder:
    ksr.receive(Message("REGISTER sip:h SIP/2.0", (("Call-ID", "call"),)), Source("192.0.2.7", 5060))
    return Recorder(ksr, lambda: lines)


def _refusal(address: str = "192.0.2.7", *, now: int = T, cause: str = "password", proven: str = "") -> Refusal:
    request = Request(now, "REGISTER", address, 5060, proven or "alice", True, "PBX")
    return Refusal(request, "R2", cause, 401, credential=CREDENTIAL if proven else None)


def _events(lines: Lines) -> int:
    return sum("e" in json.loads(line) for line in lines)


def test_five_of_a_kind_from_one_address_are_written_then_counted(recorder: Recorder, lines: Lines) -> None:
    for _ in range(50):
        recorder.refused(_refusal())
    assert _events(lines) == FROM_ONE_ADDRESS
    opened = [json.loads(line)["o"] for line in lines if "o" in json.loads(line)]
    assert [(tally["over"], tally["first"]["a"], tally["first"]["p"]) for tally in opened] == [(5, "192.0.2.7", None)]


def test_another_cause_another_address_and_the_next_window_are_counted_apart(recorder: Recorder, lines: Lines) -> None:
    for _ in range(10):
        recorder.refused(_refusal())
    recorder.refused(_refusal(cause="other"))
    recorder.refused(_refusal("192.0.2.8"))
    recorder.refused(_refusal(now=T + 10_000))
    assert _events(lines) == FROM_ONE_ADDRESS + 3


def test_two_hundred_of_a_kind_from_all_are_written_then_counted(recorder: Recorder, lines: Lines) -> None:
    for number in range(1000):
        recorder.refused(_refusal(f"198.51.{number // 250}.{number % 250}"))
    assert _events(lines) == FROM_ALL
    assert sum("o" in json.loads(line) for line in lines) == 1


def test_a_flood_of_others_hides_no_proven_senders_refusal(recorder: Recorder, lines: Lines) -> None:
    for number in range(1000):
        recorder.refused(_refusal(f"198.51.{number // 250}.{number % 250}"))
        recorder.refused(_refusal())
    before = _events(lines)
    for username in ("bob", "carol"):
        recorder.refused(_refusal(proven=username))
    assert _events(lines) == before + 2


def test_a_line_says_everything_that_explains_it(recorder: Recorder, lines: Lines) -> None:
    recorder.refused(_refusal(proven="bob"))
    assert json.loads(lines[0]) == {
        "t": T,
        "e": {
            "rule": "R2", "cause": "password", "u": "bob", "id": "cr-1", "a": "192.0.2.7", "p": 5060, "ua": "PBX",
            "m": "REGISTER", "ci": "call", "code": 401, "ra": None, "n": 1, "until": None, "with": {},
        },
    }  # fmt: skip


def test_F2_state_event_and_block_share_one_line(recorder: Recorder, lines: Lines) -> None:
    assert recorder.write(T, state='{"u":"a"}', event={"n": 1}, block={"id": "k"})
    assert json.loads(lines[0]) == {"t": T, "s": {"u": "a"}, "e": {"n": 1}, "x": {"id": "k"}}


def test_F1_a_full_disk_is_told(recorder: Recorder, lines: Lines) -> None:
    lines.full = True
    assert not recorder.write(T, state="{}")


def test_what_was_counted_is_one_event_when_its_window_is_over(world: World) -> None:
    world.clock.now += -world.clock.now % 10_000
    pbx = Pbx(world, "nobody")
    for _ in range(12):
        pbx.send(pbx.message("INFO"))
    world.tick()
    assert [event["n"] for event in world.records("e")] == [1] * 5
    start = world.clock.now // 10_000 * 10_000
    world.clock.advance(10)
    world.tick(2)
    assert [event["n"] for event in world.records("e")] == [1] * 5 + [7]
    assert world.records("e")[-1]["until"] == start + 10_000
    world.clock.advance(10)
    world.tick()
    assert len(world.records("e")) == 6
