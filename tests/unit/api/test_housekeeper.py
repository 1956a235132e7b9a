"""The housekeeper: what is due is done, whatever becomes of MariaDB and of other chores."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import pytest
from pymysql.cursors import DictCursor

from api.database import Database, DatabaseBusyError, DatabaseUnavailableError
from api.housekeeping.housekeeper import MOST_ROUNDS, Chore, Housekeeper


class FakeDatabase:
    """Transactions that count; `held` is what GET_LOCK says, `away` whether MariaDB is."""

    def __init__(self) -> None:
        self.held = 1
        self.away = False
        self.statements: list[str] = []

    @contextmanager
    def transaction(self) -> Iterator[DictCursor]:
        if self.away:
            raise DatabaseUnavailableError("MariaDB error 2002")
        yield cast("DictCursor", self)

    def execute(self, statement: str) -> None:
        self.statements.append(statement.split("(", maxsplit=1)[0])

    def fetchone(self) -> dict[str, Any]:
        return {"held": self.held}


class Place:
    """A housekeeper under a clock of its own, and a list of what it did."""

    def __init__(self) -> None:
        self.now = 100.0
        self.database = FakeDatabase()
        self.done: list[str] = []
        self.results: dict[str, list[int | Exception]] = {}
        chores = [Chore(name, seconds, self._work(name)) for name, seconds in (("often", 5), ("seldom", 60))]
        self.keeper = Housekeeper(cast("Database", self.database), chores, lambda: self.now)

    def _work(self, name: str) -> Any:
        def work(_cursor: DictCursor) -> int:
            self.done.append(name)
            left = self.results.get(name, [])
            result = left.pop(0) if left else 0
            if isinstance(result, Exception):
                raise result
            return result

        return work

    def turn(self, later: float = 0) -> list[str]:
        """What was done in a turn, so many seconds later."""
        self.now += later
        before = len(self.done)
        self.keeper.turn()
        return self.done[before:]


@pytest.fixture
def place() -> Place:
    return Place()


def test_each_chore_is_done_at_its_own_pace(place: Place) -> None:
    assert place.turn() == ["often", "seldom"]
    assert place.turn(4) == []
    assert place.turn(1) == ["often"]
    assert place.turn(55) == ["often", "seldom"]
    assert place.database.statements == ["SELECT GET_LOCK", "SELECT RELEASE_LOCK"] * 4


def test_a_chore_is_done_until_nothing_is_left(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    place.results["often"] = [500, 7]
    with caplog.at_level("INFO"):
        assert place.turn() == ["often"] * 3 + ["seldom"]
    assert caplog.messages == ["often: 507"]


def test_a_chore_that_finds_no_end_lets_the_others_have_their_turn(place: Place) -> None:
    place.results["often"] = [1] * 1000
    assert place.turn() == ["often"] * MOST_ROUNDS + ["seldom"]


def test_only_one_of_several_hosts_works(place: Place) -> None:
    place.database.held = 0
    assert place.turn() == []
    assert place.database.statements == ["SELECT GET_LOCK"]
    place.database.held = 1
    assert place.turn() == ["often", "seldom"], "what was not done stays due"


def test_MariaDB_may_be_away_and_is_spoken_of_once(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    place.database.away = True
    with caplog.at_level("INFO"):
        assert [place.turn(5), place.turn(5)] == [[], []]
        place.database.away = False
        assert place.turn(5) == ["often", "seldom"]
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert caplog.messages[-1] == "MariaDB can be used again"


def test_MariaDB_that_goes_away_meanwhile_leaves_the_chore_due(place: Place) -> None:
    place.results["often"] = [DatabaseUnavailableError("MariaDB error 2013")]
    assert place.turn() == ["often"]
    assert place.turn() == ["often", "seldom"]


def test_a_lost_deadlock_is_tried_again_at_the_next_turn(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    place.results["often"] = [DatabaseBusyError("MariaDB error 1213")]
    assert place.turn() == ["often", "seldom"]
    assert place.turn() == ["often"]
    assert caplog.messages == []


def test_a_fault_of_one_chore_stops_no_other(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    place.results["often"] = [ValueError("a fault")]
    assert place.turn() == ["often", "seldom"]
    assert "often: unexpected error" in caplog.messages
    assert place.turn(5) == ["often"]
