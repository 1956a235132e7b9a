"""T2: the forms in which a number is dialled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kemi.numbers import E164, candidates


@pytest.mark.parametrize("dialled", ["+14155550100", "14155550100", "4155550100"])
def test_T2_all_forms_of_a_number_find_it_first(dialled: str) -> None:
    assert candidates(dialled)[0] == "+14155550100"


@pytest.mark.parametrize(
    ("dialled", "found"),
    [
        ("+4930123456", ("+4930123456",)),
        ("4930123456", ("+14930123456", "+4930123456")),
        ("442071838750", ("+442071838750",)),
        ("0301234567", ("+10301234567",)),
        ("03012345678", ()),
        ("911", ()),
        ("+911", ()),
        ("", ()),
        ("+", ()),
        ("anonymous", ()),
        ("+1415555010x", ()),
        ("٤١٥٥٥٥٠١٠٠", ()),
        ("4155550100\n", ()),
        ("+1234567890123456", ()),
        ("1234567890123456", ()),
    ],
)
def test_T2_other_forms(dialled: str, found: tuple[str, ...]) -> None:
    assert candidates(dialled) == found


@given(st.from_regex(E164, fullmatch=True))
def test_T2_a_number_stands_for_itself_with_and_without_its_plus(number: str) -> None:
    assert candidates(number) == (number,)
    assert number in candidates(number[1:])


@given(st.text(max_size=20))
def test_T2_anything_leads_to_numbers_or_to_none(dialled: str) -> None:
    assert all(E164.fullmatch(number) for number in candidates(dialled) if not dialled.startswith("0"))
