"""O2 to O4: slots and tokens, taken and given back."""

import pytest

from kemi.calls import CHANNEL, EMERGENCY, UNCOUNTED
from kemi.channels import NO_CHANNEL, NO_EMERGENCY_CHANNEL, TOO_FAST, Channels
from kemi.region import Limits
from tests.unit.kemi.fake_ksr import FakeKsr

T = 1_764_000_000_000


def _take(channels: Channels, counted: int, count: int, every: int = 1000) -> list[object]:
    return [channels.take("alice", counted, T + number * every) for number in range(count)]


@pytest.mark.parametrize(
    ("counted", "most", "obstacle"), [(CHANNEL, 100, NO_CHANNEL), (EMERGENCY, 10, NO_EMERGENCY_CHANNEL)]
)
def test_O3_O4_as_many_as_the_limit_and_one_for_each_that_came_back(
    ksr: FakeKsr, counted: int, most: int, obstacle: object
) -> None:
    channels = Channels(ksr.htable, Limits())
    assert _take(channels, counted, most + 1) == [None] * most + [obstacle]
    channels.give_back("alice", counted)
    assert channels.take("alice", counted, T + 1_000_000) is None
    assert channels.take("alice", counted, T + 2_000_000) is obstacle


def test_O2_what_is_refused_takes_no_slot(ksr: FakeKsr) -> None:
    channels = Channels(ksr.htable, Limits(channels=2))
    assert _take(channels, CHANNEL, 4, every=250) == [None, TOO_FAST, TOO_FAST, TOO_FAST]
    assert channels.take("alice", CHANNEL, T + 1000) is None


def test_O2_is_off_on_a_test_instance_that_says_so(ksr: FakeKsr) -> None:
    channels = Channels(ksr.htable, Limits(call_interval=0))
    assert _take(channels, CHANNEL, 100, every=0) == [None] * 100


def test_O3_a_call_that_goes_on_after_a_start_counts(ksr: FakeKsr) -> None:
    channels = Channels(ksr.htable, Limits(channels=1))
    channels.restore("alice", CHANNEL)
    assert channels.take("alice", CHANNEL, T) is NO_CHANNEL


def test_I6_what_does_not_count_takes_and_gives_nothing(ksr: FakeKsr) -> None:
    channels = Channels(ksr.htable, Limits(channels=1))
    channels.restore("alice", UNCOUNTED)
    channels.give_back("alice", UNCOUNTED)
    assert channels.take("alice", CHANNEL, T) is None
