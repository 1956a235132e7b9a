"""C4: a grace period reaches the region store, and MariaDB learns of each password's first use once."""

from typing import Any

from kemi.agent.ship import BATCH
from kemi.stored import Credential
from tests.integration.agent.place import Deployment, Place, bound, event, now, until, write

ROTATE = (
    "UPDATE credential SET old_ha1 = ha1, old_until = %s, ha1 = %s, password_version = password_version + 1"
    " WHERE id = 'cr-x7k2'"
)
NEW = "b" * 32
END = 1_764_000_000_123


def stored(place: Place) -> Credential | None:
    return next(iter(place.store().credentials), None)


def rotate(deployment: Deployment) -> int:
    return deployment.change("credential", "cr-x7k2", None, ROTATE, "2025-11-24 16:00:00.123", NEW)


def uses(deployment: Deployment) -> list[tuple[Any, ...]]:
    return deployment.query("SELECT username, version, region FROM password_use ORDER BY username, version, region")


def test_C4_the_old_password_comes_with_its_end_and_goes(deployment: Deployment, nw1: Place) -> None:
    deployment.add_credential("x7k2")
    rotate(deployment)
    until(lambda: stored(nw1) == ("x7k2", "cr-x7k2", NEW, 1, 2, None, "a" * 32, END))
    deployment.change("credential", "cr-x7k2", None, "UPDATE credential SET old_ha1 = NULL, old_until = NULL")
    until(lambda: stored(nw1) == ("x7k2", "cr-x7k2", NEW, 1, 2, None, None, None))


def test_C2_a_deleted_credential_leaves_no_old_password(deployment: Deployment, nw1: Place) -> None:
    deployment.add_credential("x7k2")
    number = rotate(deployment)
    until(lambda: nw1.store().change == number)
    deployment.delete_credential("x7k2")
    until(lambda: stored(nw1) == ("x7k2", "cr-x7k2", None, 0, 2, None, None, None))


def test_C4_a_snapshot_holds_grace_periods(deployment: Deployment, nw1: Place) -> None:
    deployment.add_credential("x7k2")
    nw1.kill()
    for file in nw1.home.glob("store.sqlite*"):
        file.unlink()
    last = rotate(deployment)
    nw1.start()
    until(lambda: nw1.store().change == last)
    assert stored(nw1) == ("x7k2", "cr-x7k2", NEW, 1, 2, None, "a" * 32, END)


def test_C4_each_password_is_told_once_by_each_region(deployment: Deployment, nw1: Place, se1: Place) -> None:
    first = now()
    write(nw1.pen(), [bound("x7k2", first, pv=1), bound("x7k2", first + 5, pv=1), bound("x7k2", first + 9, pv=2)])
    write(se1.pen(), [bound("x7k2", first + 3, pv=1), event("behind")])
    expected = [("x7k2", 1, "nw1"), ("x7k2", 1, "se1"), ("x7k2", 2, "nw1")]
    until(lambda: uses(deployment) == expected)
    at = "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', first_at) DIV 1000 FROM password_use WHERE region = 'nw1'"
    assert deployment.query(f"{at} ORDER BY version") == [(first,), (first + 9,)]
    write(nw1.pen(process=2), [bound("x7k2", first + 20, pv=2), event("last")])
    until(lambda: len(deployment.query("SELECT 1 FROM event")) == 2)
    assert uses(deployment) == expected


def test_C4_an_agent_that_starts_anew_does_not_tell_it_again(deployment: Deployment, nw1: Place) -> None:
    first = now()
    write(nw1.pen(), [bound("x7k2", first, pv=1)])
    until(lambda: uses(deployment))
    nw1.kill()
    write(nw1.pen(process=2), [bound("x7k2", first + 100, pv=1), event("behind")])
    nw1.start()
    until(lambda: deployment.query("SELECT 1 FROM event"))
    at = "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', first_at) DIV 1000 FROM password_use"
    assert deployment.query(at) == [(first,)]


def test_C4_the_earliest_use_counts_in_whatever_journal_it_stands(deployment: Deployment, nw1: Place) -> None:
    """After an outage a batch holds one worker's journal, and the next one another's."""
    first = now()
    nw1.kill()
    write(nw1.pen(), [bound("x7k2", first + 60_000, pv=2), *(event(f"call {n}") for n in range(BATCH))])
    write(nw1.pen(process=2), [bound("x7k2", first, pv=2), event("last")])
    nw1.start()
    until(lambda: deployment.query("SELECT 1 FROM event WHERE call_id = 'last'"))
    at = "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', first_at) DIV 1000 FROM password_use"
    assert deployment.query(at) == [(first,)]


def test_C4_a_call_without_a_registration_is_a_use_too(deployment: Deployment, nw1: Place) -> None:
    call = {"id": "c-1", "s": now(), "d": "out", "u": "x7k2", "cr": "cr-x7k2", "pv": 2}
    write(nw1.pen(), [{"t": now(), "c": call}])
    until(lambda: uses(deployment) == [("x7k2", 2, "nw1")])


def test_F2_a_use_that_MariaDB_could_not_hear_comes_afterwards(deployment: Deployment, nw1: Place) -> None:
    deployment.query("ALTER TABLE password_use RENAME hidden")
    write(nw1.pen(), [bound("x7k2", now(), pv=1), event("with it")])
    until(lambda: "cannot be used" in nw1.log())
    assert deployment.query("SELECT 1 FROM event") == []
    deployment.query("ALTER TABLE hidden RENAME password_use")
    until(lambda: uses(deployment) == [("x7k2", 1, "nw1")])
    assert len(deployment.query("SELECT 1 FROM event")) == 1
