"""What a canary leaves: nothing that is shipped, and nothing that a stranger could hide behind."""

from pathlib import Path

import pytest

from kemi.agent import canary
from kemi.agent.rows import is_a_canary_s
from kemi.journal import Record
from kemi.region import Limits, Region, Thresholds
from kemi.store import Store, StoreReader

NAME = "canary-0123456789abcdef"


@pytest.mark.parametrize(
    "record",
    [
        {"t": 1, "s": {"u": NAME, "v": 1, "b": None}},
        {"t": 1, "s": {"u": NAME, "v": 1, "b": None}, "e": {"u": NAME, "a": "127.254.1.1"}},
        {"t": 1, "e": {"u": NAME, "a": "127.254.1.1"}},
        {"t": 1, "x": {"id": "k-1", "u": NAME, "a": "127.254.1.1"}},
        {"t": 1, "c": {"id": "k-0123", "r": 1}},
        {"t": 1, "c": {"id": "c-0123", "f": NAME, "a": "127.254.1.1:5060"}},
    ],
)
def test_F3_what_a_canary_did_is_not_shipped(record: Record) -> None:
    assert is_a_canary_s(record)


@pytest.mark.parametrize(
    "record",
    [
        {"t": 1, "s": {"u": "x7k2m9p4q8wz", "v": 1, "b": None}},
        {"t": 1, "e": {"u": NAME, "a": "192.0.2.7"}},
        {"t": 1, "e": {"u": "x7k2m9p4q8wz", "a": "127.254.1.1"}},
        {"t": 1, "e": {"u": None, "a": "127.254.1.1"}},
        {"t": 1, "x": {"id": "k-1", "u": NAME, "a": "192.0.2.7"}},
        {"t": 1, "c": {"id": "c-0123", "f": NAME, "a": "192.0.2.7:5060"}},
        {"t": 1, "c": {"id": "c-0123", "u": "x7k2m9p4q8wz", "f": NAME, "a": "127.0.0.7:5060"}},
        {"t": 1, "c": {"id": 7}},
        {"t": 1, "w": ["192.0.2.7", NAME]},
        {"t": 1},
    ],
)
def test_F3_whoever_calls_himself_a_canary_is_shown(record: Record) -> None:
    assert not is_a_canary_s(record)


def test_F3_a_canary_is_known_until_it_is_cleared(tmp_path: Path) -> None:
    store, reader = Store(tmp_path / "store.sqlite"), StoreReader(tmp_path / "store.sqlite")
    bird = canary.hatch()
    bird.put(store, "registration")
    seen = reader.changes_since(0)
    assert [(row.username, row.enabled, row.tenant) for row in seen.credentials] == [(bird.username, 1, None)]
    assert [(row.number, row.username, row.present) for row in seen.numbers] == [(bird.number, bird.username, 1)]
    assert [(row.address, row.port, row.state) for row in seen.cores] == [(bird.core, 5060, "canary")]
    canary.clear(store)
    gone = reader.changes_since(seen.seq)
    assert [row.ha1 for row in gone.credentials] == [None]
    assert [row.present for row in gone.numbers] == [0]
    assert [row.state for row in gone.cores] == ["gone"]
    store.close()
    reader.close()


def test_F3_no_two_canaries_are_alike() -> None:
    birds = [canary.hatch() for _ in range(200)]
    for name in ("username", "password", "number"):
        assert len({getattr(bird, name) for bird in birds}) == 200
    assert all(len(bird.password) == 32 and len(bird.number) == 16 for bird in birds)
    assert all(bird.pbx.startswith("127.254.") and bird.core.startswith("127.254.") for bird in birds)


def test_F3_a_canary_whom_nobody_answers_says_at_which_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel says that nobody listens, and it goes on waiting: a gateway may be about to."""
    monkeypatch.setattr("kemi.agent.wire.PATIENCE_SECONDS", 0.3)
    region = Region("nw1", "127.0.77.1", 5060, "registration", tmp_path, Limits(), Thresholds(), False)
    wanted = "the canary failed while registering: 401 to REGISTER was expected, nothing came"
    with pytest.raises(canary.CanaryError, match=wanted):
        canary.sing(canary.hatch(), region)
