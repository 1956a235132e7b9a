"""Whatever is known, the verdict agrees with the findings, and both can be said."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from api.diagnosis.facts import ENDED, EXPIRED, LIVE, SILENT, Blocked, Calls, Core, Facts, Number, Refusal
from api.diagnosis.judging import LEFT_OUT, judge
from api.diagnosis.telling import told, without_places
from api.portal.plain import plain
from tests.unit.api.diagnosis.cases import NOW, OTHER, PBX, owned, region, registration, trunk
from tests.unit.api.diagnosis.test_causes import JUDGED

past = st.integers(0, 40_000).map(lambda seconds: NOW - timedelta(seconds=seconds))
future = st.integers(1, 40_000).map(lambda seconds: NOW + timedelta(seconds=seconds))
beats = st.none() | st.just(NOW) | past
addresses = st.sampled_from([PBX, OTHER, None])
counts = st.dictionaries(
    st.sampled_from(["rate", "channels", "emergency", "no_core", "nobody_dialled"]), st.integers(1, 9)
)
registrations = st.builds(
    registration,
    state=st.sampled_from([LIVE, SILENT, EXPIRED, ENDED]),
    accepted_at=st.none() | past,
    address=addresses,
    since=past,
    contact=st.none() | st.text(),
    user_agent=st.none() | st.text(),
    password_version=st.none() | st.integers(1, 3),
    keepalive=st.none() | st.integers(0, 2),
)
refusals = st.builds(
    Refusal,
    st.just("nw1"),
    past,
    st.sampled_from(["R2", "R6"]),
    st.sampled_from([*JUDGED, *LEFT_OUT]),
    st.text(),
    st.booleans(),
    address=addresses,
    user_agent=st.none() | st.text(),
    method=st.sampled_from(["REGISTER", "INVITE", None]),
    data=st.sampled_from([{}, {"cause": "flood"}, {"reason": "disabled"}]),
)
blocks = st.builds(
    Blocked,
    st.just("nw1"),
    st.sampled_from([PBX, OTHER]),
    st.sampled_from(["k3v8", None]),
    st.just("B2"),
    st.sampled_from(["flood", "guessing", "wrong_passwords", "blocked_early", "blocked_streak"]),
    past,
    future,
)


def regions(name: str) -> st.SearchStrategy[object]:
    return st.builds(
        region,
        st.just(name),
        state=st.sampled_from(["in-service", "draining", "out"]),
        heartbeat_at=beats,
        gateway_at=beats,
        behind_since=st.none() | past,
        registration=st.none() | registrations,
        refusals=st.lists(refusals, max_size=4),
        blocks=st.lists(blocks, max_size=2),
        cores=st.lists(st.builds(Core, st.just("192.0.2.200:5060"), st.booleans(), st.booleans()), max_size=2),
        calls=st.builds(
            Calls, st.integers(0, 120), st.integers(0, 60), counts, counts, st.integers(0, 3), st.integers(0, 3)
        ),
    )


everything = st.builds(
    lambda known, **more: trunk(*known, **more),
    st.tuples(regions("nw1"), regions("se1")) | st.tuples(regions("nw1")) | st.just(()),
    credential=st.builds(
        owned,
        enabled=st.booleans(),
        version=st.integers(1, 3),
        rotated_at=st.none() | past,
        old_until=st.none() | past | future,
        seen=st.dictionaries(st.tuples(st.integers(1, 3), st.just("nw1")), past),
    ),
    unrouted=st.lists(st.builds(Number, st.just("+14155550100"), st.integers(0, 2), past), max_size=2),
)


@given(everything)
def test_a_trunk_is_down_if_and_only_if_something_is(facts: Facts) -> None:
    judgement = judge(facts)
    severities = {fault.severity for fault in judgement.faults}
    if judgement.works is not None:
        assert judgement.works is ("down" not in severities)
    order = [fault.turn for fault in judgement.faults]
    assert order == sorted(order)


@given(everything)
def test_whatever_is_known_can_be_told(facts: Facts) -> None:
    answer = told(facts)
    assert answer["verdict"]
    for finding in answer["findings"]:
        assert finding["sentence"]
        assert finding["advice"]
        assert "./turnpike" not in plain(finding["advice"])
    assert all(region["verdict"] for region in answer["regions"])
    assert "192.0.2.200" not in str(told(without_places(facts)))


@given(everything)
def test_what_works_is_not_called_down_for_an_unknown_region(facts: Facts) -> None:
    """None is said only where an agent is silent."""
    if judge(facts).works is None:
        assert any(not facts.is_heard(each) for each in facts.regions)
