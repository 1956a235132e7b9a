"""An agent that goes on after a disk has failed in the middle of an application (F3)."""

import errno
import json
from collections.abc import Callable

import pytest

from kemi import application
from kemi.agent.applications import Reported, Task
from kemi.agent.applying import Applying
from kemi.agent.switching import Switch
from kemi.application import TRYING, Application, Outcome
from kemi.configuration import digest
from kemi.region import Region
from tests.unit.agent.test_switching import files, region, switch

__all__ = ["region", "switch"]
NEW = files(thresholds={"flood_requests": 1234})


class Rows:
    """MariaDB's, of one application of version 2, which holds `NEW`."""

    def __init__(self) -> None:
        self.state = "waiting"
        self.ended: list[Outcome] = []

    def next(self, *_: object) -> Task | None:
        return None if self.ended else Task(7, 2, "apply", self.state)

    def take(self, *_: object) -> bool:
        self.state = "trying"
        return True

    def files(self, *_: object) -> tuple[dict[str, str], str]:
        return NEW, digest(NEW)

    def version(self, _: object, full: str) -> int:
        return 2 if full == digest(NEW) else 1

    def reported(self, *_: object) -> Reported:
        return Reported(1, digest(files()))

    def report(self, *_: object) -> None:
        raise AssertionError("what was tried did not work")

    def end(self, _: object, number: int, outcome: Outcome, previous: int | None) -> None:
        assert (number, previous) == (7, 1)
        self.ended.append(outcome)


def fails(switch: Switch) -> Callable[..., Outcome]:
    """It is tried and does not work, and then the disk cannot be written on for a while."""

    def apply(plan: Application, wanted: dict[str, str], *_: object) -> Outcome:
        name = switch.configurations.add(wanted)
        switch.configurations.prepare(name)
        tried = Application(plan.id, plan.version, plan.previous, plan.origin, name, TRYING)
        application.write(switch.configurations.current.parent, tried)
        switch.configurations.switch()
        raise OSError(errno.EROFS, "Read-only file system")

    return apply


def test_F3_what_could_not_be_taken_back_at_once_is_so_later(
    region: Region, switch: Switch, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = {"home": str(region.home), "gateway": ["/bin/true"], "log": "log", "starts": "starts"}
    (region.home / "host.json").write_text(json.dumps(host))
    applying, rows, before = Applying(region, lambda _: None), Rows(), switch.configurations.in_force()
    monkeypatch.setattr(applying, "_applications", rows)
    monkeypatch.setattr(applying._switch, "apply", fails(applying._switch))
    with pytest.raises(OSError, match="Read-only"):
        applying.turn(None)  # type: ignore[arg-type]
    assert switch.configurations.in_force() != before
    applying.turn(None)  # type: ignore[arg-type]
    assert [outcome.state for outcome in rows.ended] == ["rolled-back"]
    assert switch.configurations.in_force() == before
    assert application.read(region.home) is None
