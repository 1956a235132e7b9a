"""R6 over two regions: which of two bindings that did not know of each other goes, and how long is left."""

import pytest

from kemi.registration import loses, seconds_until
from kemi.state import SILENT, Binding, Peer
from tests.unit.kemi.values import changed

T = 1_764_000_000_000
HERE, ELSEWHERE = "127.0.17.20", "127.0.17.30"


def _peer(address: str = ELSEWHERE, *, since: int = T, expires: int = T + 300_000, silent: bool = False) -> Peer:
    return Peer("se1", "b-peer", address, 5060, "Other PBX", since, expires, silent)


OWN = Binding("b", HERE, 5062, "sip:a@h", "PBX", "call", 1, T, T + 300_000)


@pytest.mark.parametrize(
    ("own", "peer", "lost"),
    [
        (OWN, _peer(since=T - 1), True),
        (OWN, _peer(since=T + 1), False),
        (OWN, _peer(since=T), False),  # nw1 comes before se1
        (OWN, _peer(HERE, since=T - 1), False),
        (OWN, _peer(since=T - 1, silent=True), False),
        (OWN, _peer(since=T - 1, expires=T + 5), False),
        (changed(OWN, expires=T + 5), _peer(since=T - 1), False),
        (changed(OWN, keepalive=SILENT), _peer(since=T + 1), True),
    ],
)
def test_R6_of_two_regions_bindings_the_earlier_stays(own: Binding, peer: Peer, lost: bool) -> None:
    assert loses(own, peer, "nw1", T + 5) is lost


def test_R6_a_tie_is_settled_the_same_way_in_both_regions() -> None:
    other = changed(OWN, address=ELSEWHERE)
    as_seen_from_se1 = Peer("nw1", "b", HERE, 5062, "PBX", T, T + 300_000, False)
    assert loses(OWN, _peer(since=T), "nw1", T) is not loses(other, as_seen_from_se1, "se1", T)


@pytest.mark.parametrize(("milliseconds", "seconds"), [(-1, 1), (0, 1), (1, 1), (1000, 1), (1001, 2)])
def test_seconds_until_rounds_up(milliseconds: int, seconds: int) -> None:
    assert seconds_until(T + milliseconds, T) == seconds
