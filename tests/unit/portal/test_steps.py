"""How far an application is, in steps."""

import pytest

from api.configurations.application_schema import ACTIONS, STATES
from api.portal.steps import since, steps, with_steps


def states(action: str, state: str) -> list[tuple[str, str]]:
    return [(step.title, step.state) for step in steps({"action": action, "state": state})]


def test_what_is_under_way_has_steps_before_and_behind() -> None:
    assert states("apply", "switching") == [
        ("Waiting", "done"),
        ("Checking", "done"),
        ("Switching", "now"),
        ("Trying", "todo"),
        ("In force", "todo"),
    ]


def test_a_check_ends_when_kamailio_takes_it() -> None:
    assert states("check", "checking") == [("Waiting", "done"), ("Checking", "now"), ("Checked", "todo")]
    assert states("check", "checked")[-1] == ("Checked", "done")


def test_the_end_is_no_step_that_goes_on() -> None:
    assert {state for _, state in states("rollback", "in-force")} == {"done"}


def test_what_failed_is_marked() -> None:
    assert states("apply", "refused") == [("Waiting", "done"), ("Refused", "failed")]
    assert states("apply", "rolled-back")[-2:] == [("Trying", "failed"), ("Rolled back", "done")]


def test_what_a_host_started_with_has_no_way() -> None:
    assert states("start", "in-force") == [("In force", "done")]


POSSIBLE = [
    (action, state)
    for action in ACTIONS
    for state in STATES
    if state not in (("switching", "trying", "in-force") if action == "check" else ("checked",))
]


@pytest.mark.parametrize(("action", "state"), POSSIBLE)
def test_every_state_is_shown(action: str, state: str) -> None:
    shown = with_steps({"action": action, "state": state})
    assert shown["title"] in [step.title for step in shown["steps"]]


def brought(version: int, state: str = "in-force") -> dict[str, object]:
    return {"version": version, "state": state}


def test_since_when_a_version_is_in_force() -> None:
    again, first = brought(3), brought(3)
    asked = [brought(4, "refused"), again, brought(5, "rolled-back"), first, brought(2), brought(3)]
    assert since(asked, 3) is first


def test_nobody_knows_since_when() -> None:
    assert since([brought(4, "refused"), brought(2)], 3) is None
    assert since([], None) is None
