"""C4: the agenda of old passwords."""

from kemi.graces import Graces


def test_each_end_comes_once_in_its_order() -> None:
    graces = Graces()
    for username, end in (("b", 20), ("a", 10), ("c", 30)):
        graces.put(username, end)
    assert graces.over(9) == []
    assert graces.over(20) == ["a", "b"]
    assert graces.over(20) == []
    assert graces.over(99) == ["c"]


def test_another_end_replaces_the_one_before() -> None:
    graces = Graces()
    for end in (10, 30, 20, 20):
        graces.put("a", end)
    assert [graces.over(now) for now in (10, 19, 20, 30)] == [[], [], ["a"], []]


def test_what_was_taken_away_does_not_come() -> None:
    graces = Graces()
    graces.put("a", 10)
    assert "a" in graces
    graces.put("a", 0)
    assert "a" not in graces
    assert graces.over(10) == []
