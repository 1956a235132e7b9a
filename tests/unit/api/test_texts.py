"""What the expressions of requests' texts let through is what they are meant to."""

from __future__ import annotations

import re
import sys
import unicodedata
from datetime import date, datetime, timedelta
from ipaddress import IPv4Address

import marshmallow as ma
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import texts
from api.fields import Day, Moment, Switch, WholeNumber, name_field
from api.texts import Pattern


def matches(expression: str, text: str) -> bool:
    return re.fullmatch(expression, text) is not None


def test_every_day_is_a_day() -> None:
    for year in (1, 4, 100, 400, 1900, 2000, 2024, 2025, 2100, 9996, 9999):
        first = date(year, 1, 1)
        days = {(first + timedelta(days=number)).isoformat() for number in range((date(year, 12, 31) - first).days + 1)}
        written = {f"{year:04d}-{month:02d}-{day:02d}" for month in range(14) for day in range(33)}
        assert {text for text in written if matches(texts.DAY, text)} == days
    assert not matches(texts.DAY, "0000-01-01")


@given(st.from_regex(f"^(?:{texts.MOMENT})$", fullmatch=True))
def test_every_moment_can_be_read(text: str) -> None:
    found = Moment().deserialize(text.strip("\n"))
    assert isinstance(found, datetime)
    assert found.tzinfo is None


@given(st.from_regex(f"^(?:{texts.DAY})$", fullmatch=True))
def test_every_day_can_be_read(text: str) -> None:
    assert Day().deserialize(text.strip("\n")).isoformat() == text.strip("\n")


def test_visible_is_what_is_neither_blank_nor_control() -> None:
    for number in range(sys.maxunicode + 1):
        character = chr(number)
        category = unicodedata.category(character)
        if category != "Cs":
            assert matches(texts.VISIBLE, character) == (category != "Cc" and bool(character.strip())), hex(number)


@given(st.ip_addresses(v=4) | st.sampled_from(["0.0.0.1", "223.255.255.255", "224.0.0.1"]).map(IPv4Address))
def test_hosts_are_addresses_that_a_host_can_have(address: IPv4Address) -> None:
    possible = not (address.is_multicast or address.is_reserved or address.packed[0] == 0)
    assert matches(texts.HOST, str(address)) == possible


@pytest.mark.parametrize("text", ["1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.256", "1.2.3.4 ", "::1", "a.b.c.d", ""])
def test_what_is_no_address_is_no_host(text: str) -> None:
    assert not matches(texts.HOST, text)


@pytest.mark.parametrize(
    ("text", "right"), [("acme-42", True), ("a.b", True), ("-", True), (".", False), ("..", False), ("a b", False)]
)
def test_T1_account_ids(text: str, right: bool) -> None:
    assert matches(texts.ACCOUNT_ID, text) == right


def test_a_pattern_is_about_the_whole_text() -> None:
    wanted = Pattern("a|b", "write a or b")
    assert wanted("a") == "a"
    assert wanted.regex.pattern == "^(?:a|b)$"
    for wrong in ("ab", "a\n", "\na", "", "c"):
        with pytest.raises(ma.ValidationError, match="write a or b"):
            wanted(wrong)


def test_half_a_surrogate_pair_is_no_name() -> None:
    with pytest.raises(ma.ValidationError, match="whole characters"):
        name_field("", "").deserialize("\ud800x")


@pytest.mark.parametrize("value", [5060, 5060.0])
def test_whole_numbers_are_those_of_JSON_Schema(value: float) -> None:
    assert WholeNumber().deserialize(value) == 5060
    assert isinstance(WholeNumber().deserialize(value), int)


@pytest.mark.parametrize("value", ["5060", 0.5, float("inf"), float("nan"), True, None, []])
def test_nothing_else_is_a_whole_number(value: object) -> None:
    with pytest.raises(ma.ValidationError):
        WholeNumber().deserialize(value)


def test_a_switch_is_true_or_false() -> None:
    assert [Switch().deserialize(text) for text in ("true", "false")] == [True, False]
    for wrong in ("True", "1", "yes", "", "null"):
        with pytest.raises(ma.ValidationError):
            Switch().deserialize(wrong)
