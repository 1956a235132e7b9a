"""Accepted registrations reach MariaDB once, in any order; those of deleted credentials are forgotten."""

import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kemi.agent.past import START, forget_registrations
from kemi.agent.ring import SHOWN_SECONDS, Ring
from kemi.agent.ship import Shipper
from kemi.journal import Journal
from tests.integration.agent.place import Deployment, MariaDb, Place, bound, event, now, until, write

T = 1_764_000_000_000
RING = Ring(100, 300)
STATEMENT = (
    "SELECT username, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', at) DIV 1000, port, user_agent,"
    " TIMESTAMPDIFF(MICROSECOND, '1970-01-01', ended_at) DIV 1000, ended_cause FROM registration ORDER BY username, at"
)


def left(username: str, clock: int, at: int) -> dict[str, Any]:
    """The line of a PBX that leaves, whose last registration was at `clock`."""
    record = bound(username, at, expires=0)
    return record | {"s": record["s"] | {"clock": clock}}


def test_R4_each_accepted_registration_is_kept(deployment: Deployment, nw1: Place) -> None:
    for username in ("x7k2", "other"):
        deployment.add_credential(username)
    start = now()
    write(nw1.pen(), [bound("x7k2", start, p=1), bound("x7k2", start + 100_000, p=2), left("x7k2", start + 100_000, T)])
    write(nw1.pen(process=2), [bound("other", start, p=3)])
    rows = until(lambda: found if len(found := deployment.query(STATEMENT)) == 3 else [])
    assert rows == [
        ("other", start, 3, "Asterisk", None, None),
        ("x7k2", start, 1, "Asterisk", None, None),
        ("x7k2", start + 100_000, 2, "Asterisk", T, "deregistered"),
    ]


def test_F2_a_killed_agent_ships_nothing_twice_and_loses_nothing(deployment: Deployment, nw1: Place) -> None:
    deployment.add_credential("x7k2")
    start, pen = now(), nw1.pen()
    for number in range(5):
        at = start + number * 100_000
        write(pen, [bound("x7k2", at), left("x7k2", at, at + 5)])
        nw1.kill()
        nw1.start()
    rows = until(lambda: found if len(found := deployment.query(STATEMENT)) == 5 else [])
    assert [row[4] - row[1] for row in rows] == [5] * 5
    deployment.query("DELETE FROM journal_position")
    write(pen, [event("behind")])
    until(lambda: deployment.query("SELECT COUNT(*) FROM event WHERE call_id = 'behind'")[0][0])
    assert deployment.query(STATEMENT) == rows, "a journal that is read anew changes nothing"


def test_registrations_of_deleted_credentials_are_forgotten(deployment: Deployment, nw1: Place) -> None:
    for username in ("x7k2", "gone"):
        deployment.add_credential(username)
        write(nw1.pen(), [bound(username, now() - number * 100_000) for number in range(20)])
    until(lambda: len(deployment.query(STATEMENT)) == 40)
    deployment.delete_credential("gone")
    until(lambda: len(deployment.query(STATEMENT)) == 20, 20)
    assert {row[0] for row in deployment.query(STATEMENT)} == {"x7k2"}


FILL = (
    "INSERT INTO registration (region, slot, username, at) SELECT 'nw1', seq DIV 4000, CONCAT('u', seq),"
    " UTC_TIMESTAMP(3) FROM seq_0_to_11999"
)


def test_what_is_forgotten_is_looked_for_piece_by_piece(deployment: Deployment) -> None:
    """More than one look takes, and nothing of another region."""
    deployment.query("INSERT INTO credential (id, username, ha1, label) VALUES ('cr-1', 'u7', '', '')")
    deployment.query(FILL)
    deployment.query("INSERT INTO registration (region, slot, username, at) VALUES ('se1', 0, 'u9', UTC_TIMESTAMP(3))")
    place, left_over = START, []
    with deployment.server.connect(deployment.name) as root:
        for _ in range(4):
            place = forget_registrations(root, "nw1", place)
            left_over.append(len(deployment.query(STATEMENT)))
    assert (left_over, place) == ([7002, 2002, 2, 2], START)
    assert {row[0] for row in deployment.query(STATEMENT)} == {"u7", "u9"}


@pytest.fixture(scope="module")
def shared(mariadb: MariaDb) -> Iterator[Deployment]:
    deployment = Deployment(mariadb, "histories")
    yield deployment
    deployment.remove()


WRAPPED = RING.slots * 100_000
"""A registration so much later comes to the same slot."""
PLANS = st.lists(
    st.tuples(st.sampled_from(["a", "b"]), st.integers(0, 3), st.booleans(), st.none() | st.integers(1, 299_000)),
    min_size=1,
    max_size=8,
    unique_by=lambda plan: plan[:3],
)


def told(plan: tuple[str, int, bool, int | None]) -> list[dict[str, Any]]:
    username, place, wrapped, end = plan
    at = T + place * 100_000 + wrapped * WRAPPED
    return [bound(username, at, p=place + 1), *([] if end is None else [left(username, at, at + end)])]


def expected(plans: list[tuple[str, int, bool, int | None]]) -> list[tuple[Any, ...]]:
    """Of each slot the latest registration, with its end."""
    newest: dict[tuple[str, int], tuple[Any, ...]] = {}
    for username, place, wrapped, end in sorted(plans, key=lambda plan: plan[2]):
        at = T + place * 100_000 + wrapped * WRAPPED
        ended = (None, None) if end is None else (at + end, "deregistered")
        newest[username, place] = (username, at, place + 1, "Asterisk", *ended)
    return sorted(newest.values(), key=lambda row: row[:2])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plans=PLANS, cuts=st.lists(st.integers(0, 16), max_size=3), seed=st.randoms(), again=st.booleans())
def test_F2_rows_depend_neither_on_the_order_of_lines_nor_on_batches(
    mariadb: MariaDb, shared: Deployment, plans: list[Any], cuts: list[int], seed: random.Random, again: bool
) -> None:
    records = [record for plan in plans for record in told(plan)]
    shuffled = seed.sample(records, len(records)) + (seed.sample(records, len(records)) if again else [])
    shared.query("DELETE FROM registration")
    shared.query("DELETE FROM journal_position")
    with tempfile.TemporaryDirectory() as folder, mariadb.connect(shared.name) as database:
        shipper, pen = Shipper("nw1", Path(folder), RING), Journal(Path(folder), T, 1)
        for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), None], strict=True):
            write(pen, shuffled[start:end])
            shipper.ship(database)
        pen.close()
    assert shared.query(STATEMENT) == expected(plans)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_of_two_ends_of_a_registration_the_first_counts(
    mariadb: MariaDb, shared: Deployment, order: tuple[int, ...]
) -> None:
    records = [bound("a", T), left("a", T, T + 5000), left("a", T, T + 9000)]
    shared.query("DELETE FROM registration")
    shared.query("DELETE FROM journal_position")
    with tempfile.TemporaryDirectory() as folder, mariadb.connect(shared.name) as database:
        shipper, pen = Shipper("nw1", Path(folder), RING), Journal(Path(folder), T, 1)
        for place in order:
            write(pen, [records[place]])
            shipper.ship(database)
        pen.close()
    assert shared.query(STATEMENT) == [("a", T, 5062, "Asterisk", T + 5000, "deregistered")]


def test_R4_under_test_limits_a_registration_a_second_has_slots_for_three_hours(
    mariadb: MariaDb, shared: Deployment
) -> None:
    shared.query("DELETE FROM registration")
    shared.query("DELETE FROM journal_position")
    count = SHOWN_SECONDS + 500
    with tempfile.TemporaryDirectory() as folder, mariadb.connect(shared.name) as database:
        shipper, pen = Shipper("nw1", Path(folder), Ring(1, 20)), Journal(Path(folder), T, 1)
        write(pen, [bound("a", T + number * 1000) for number in range(count)])
        while shipper.ship(database):
            pass
        pen.close()
    moments = [row[1] for row in shared.query(STATEMENT)]
    assert moments == [T + number * 1000 for number in range(count)][-len(moments) :]
    assert len(moments) == Ring(1, 20).slots == SHOWN_SECONDS + 21
