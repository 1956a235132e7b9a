"""Small things that pages say and read."""

import pytest

from api.portal.importable import IMPORTABLE, Importable
from api.portal.pages.applied import told
from api.portal.pages.cores import STATES, state_of
from api.portal.pages.numbers import digits


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("+1 (415) 555-0100", "+14155550100"), ("0049/30.12 34", "0049301234"), ("call me", "callme"), ("", "")],
)
def test_a_number_is_read_as_people_write_it(typed: str, meant: str) -> None:
    assert digits(typed) == meant


@pytest.mark.parametrize(
    ("enabled", "dead", "state"),
    [
        (True, [], "answers"),
        (True, ["192.0.2.1:5060"], "does not answer"),
        (True, ["192.0.2.1:5070"], "answers"),
        (True, None, "not known yet"),
        (False, ["192.0.2.1:5060"], "switched off"),
        (False, None, "switched off"),
    ],
)
def test_O6_the_state_of_a_core_gateway(enabled: bool, dead: list[str] | None, state: str) -> None:
    assert state_of({"address": "192.0.2.1", "port": 5060, "enabled": enabled}, dead) == state
    assert state in STATES


def test_C5_regions_that_have_not_applied_a_change_are_named() -> None:
    assert told("It was changed.", {"pending_regions": []}) == "It was changed."
    assert told("It was changed.", {}) == "It was changed."
    one = told("It was changed.", {"pending_regions": ["se1"]})
    assert one == "It was changed. Not applied yet by se1: it will be, when it is reached."
    assert "nw1, se1" in told("It was changed.", {"pending_regions": ["nw1", "se1"]})


def test_things_are_counted_in_words() -> None:
    counted = IMPORTABLE["numbers"].counted
    assert (counted(1), counted(2), counted(10_000)) == (
        "1 phone number",
        "2 phone numbers",
        "10\u202f000 phone numbers",
    )


@pytest.mark.parametrize("known", IMPORTABLE.values(), ids=IMPORTABLE)
def test_an_example_file_has_the_columns_that_its_page_explains(known: Importable) -> None:
    assert known.example.splitlines()[0].split(",") == [column.name for column in known.columns]
