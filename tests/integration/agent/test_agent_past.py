"""What is known of a registration that is over: for 30 days, as long as there is its credential."""

from typing import Any

from kemi.agent.past import purge_bindings
from tests.integration.agent.place import Deployment, Place, bound, now, until, write

COLUMNS = "state, address, user_agent, password_version, keepalive, ended_at IS NOT NULL"


def rows(deployment: Deployment, table: str) -> dict[str, tuple[Any, ...]]:
    return {row[0]: row[1:] for row in deployment.query(f"SELECT username, {COLUMNS} FROM {table}")}  # noqa: S608


def purged(place: Place) -> None:
    """An agent purges, as its own account, when it starts."""
    place.stop()
    place.start()


def aged(deployment: Deployment, hours: int, table: str = "binding") -> None:
    """As if all of it had happened so long ago."""
    for column in ("changed_at", "expires_at", "refreshed_at", "since"):
        deployment.query(f"UPDATE {table} SET {column} = {column} - INTERVAL {hours} HOUR")  # noqa: S608


def test_a_binding_that_is_over_is_known_for_thirty_days(deployment: Deployment, nw1: Place) -> None:
    for username in ("x7k2", "gone"):
        deployment.add_credential(username)
    write(nw1.pen(), [bound("x7k2", now(), pv=2, ka=1), bound("gone", now(), pv=1), bound("deleted", now())])
    until(lambda: len(rows(deployment, "binding")) == 3)
    write(nw1.pen(process=2), [bound("gone", now() + 1, expires=0)])
    until(lambda: rows(deployment, "binding")["gone"][0] == "gone")
    aged(deployment, 2)
    purged(nw1)
    until(lambda: not rows(deployment, "binding"))
    assert rows(deployment, "binding_past") == {
        "x7k2": ("live", "192.0.2.7", "Asterisk", 2, 1, 0),
        "gone": ("gone", "192.0.2.7", "Asterisk", 1, 0, 1),
    }
    aged(deployment, 24 * 31, "binding_past")
    purged(nw1)
    until(lambda: not rows(deployment, "binding_past"))


def test_a_deleted_credentials_last_binding_is_forgotten(deployment: Deployment, nw1: Place) -> None:
    deployment.add_credential("x7k2")
    write(nw1.pen(), [bound("x7k2", now())])
    until(lambda: rows(deployment, "binding"))
    aged(deployment, 2)
    purged(nw1)
    until(lambda: "x7k2" in rows(deployment, "binding_past"))
    deployment.delete_credential("x7k2")
    purged(nw1)
    until(lambda: not rows(deployment, "binding_past"))


def test_what_was_known_outlives_a_refusal_long_after(deployment: Deployment, nw1: Place) -> None:
    """R4 writes the state of a credential that is bound nowhere: it says nothing of where its PBX was."""
    deployment.add_credential("x7k2")
    for process, expires in ((1, None), (2, 0)):
        write(nw1.pen(process=process), [bound("x7k2", now(), expires=expires)])
        until(lambda: rows(deployment, "binding"))
        aged(deployment, 2)
        purged(nw1)
        until(lambda: not rows(deployment, "binding"))
    assert rows(deployment, "binding_past")["x7k2"][:3] == ("gone", "192.0.2.7", "Asterisk")


def test_a_binding_that_lives_or_ended_lately_stays(deployment: Deployment, nw1: Place) -> None:
    write(nw1.pen(), [bound("x7k2", now()), bound("gone", now(), expires=0)])
    until(lambda: len(rows(deployment, "binding")) == 2)
    with deployment.server.connect(deployment.name) as root:
        purge_bindings(root, nw1.name)
    assert (len(rows(deployment, "binding")), rows(deployment, "binding_past")) == (2, {})
