"""`ready` means that all works, and what is missing is named."""

from dataclasses import replace

import pytest

from api.service.status import Region, Status
from api.service.supervisor import State

REGION = Region("nw1", "127.0.1.1", 200, {"snapshot": True}, snapshot=True, agent=True)
RUNNING = State("api", "RUNNING", 1, 2.0, 0)
DONE = State("setup", "EXITED", None, None, 0)
WELL = Status("/state", True, False, "http://127.0.0.1:8080", True, [RUNNING, DONE], [REGION])


def test_ready_when_everything_answers() -> None:
    assert (WELL.ready, WELL.problems) == (True, [])


@pytest.mark.parametrize(
    ("ill", "said"),
    [
        (replace(WELL, running=False), "./turnpike up"),
        (replace(WELL, api_answers=False), "the API does not answer"),
        (replace(WELL, parts=[replace(RUNNING, state="STOPPED")]), "api is stopped"),
        (replace(WELL, parts=[replace(DONE, exit_status=3)]), "setup is exited"),
        (replace(WELL, regions=[replace(REGION, options=None)]), "nw1's gateway does not answer"),
        (replace(WELL, regions=[replace(REGION, options=500)]), "nw1's gateway does not answer"),
        (replace(WELL, regions=[replace(REGION, snapshot=False)]), "nw1 knows no credentials"),
        (replace(WELL, regions=[replace(REGION, agent=False)]), "nw1's agent"),
    ],
)
def test_not_ready_and_why(ill: Status, said: str) -> None:
    assert not ill.ready
    assert said in ill.problems[0]
    assert ill.as_json()["ready"] is False


def test_F1_a_region_serves_without_its_agent() -> None:
    assert replace(REGION, agent=False).serves
