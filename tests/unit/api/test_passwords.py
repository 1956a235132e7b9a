"""What the service makes up."""

from __future__ import annotations

import math
import re

from api import passwords


def test_C1_password_has_at_least_128_bits() -> None:
    assert passwords.PASSWORD_LENGTH * math.log2(len(set(passwords.PASSWORD_ALPHABET))) >= 128
    made = {passwords.new_password() for _ in range(200)}
    assert len(made) == 200
    assert {len(each) for each in made} == {passwords.PASSWORD_LENGTH}
    assert set("".join(made)) == set(passwords.PASSWORD_ALPHABET)


def test_C1_each_character_of_a_password_is_as_likely_as_the_others() -> None:
    """Six standard deviations on either side of the mean."""
    text = "".join(passwords.new_password() for _ in range(4000))
    share = 1 / len(passwords.PASSWORD_ALPHABET)
    mean, deviation = len(text) * share, math.sqrt(len(text) * share * (1 - share))
    counts = [text.count(each) for each in passwords.PASSWORD_ALPHABET]
    assert max(abs(count - mean) for count in counts) < 6 * deviation


def test_names_that_are_made_together_differ() -> None:
    few = iter(["a", "a", "b", "a", "c"])
    assert sorted(passwords.distinct(3, lambda: next(few))) == ["a", "b", "c"]


def test_C1_username_can_be_read_out_and_begins_with_a_letter() -> None:
    for _ in range(200):
        assert re.fullmatch(r"[a-z][a-z0-9]{11}", name := passwords.new_username())
        assert not set(name) & set("01ilo")


def test_HA1_is_that_of_the_RFC() -> None:
    """RFC 2617 section 3.5."""
    assert passwords.ha1("Mufasa", "testrealm@host.com", "Circle Of Life") == "939e7578ed9e3c518a452acee763bce9"


def test_key_prefix_does_not_give_the_key_away() -> None:
    key = passwords.new_api_key()
    assert key.startswith(passwords.key_prefix(key))
    assert (len(key) - len(passwords.key_prefix(key))) * math.log2(len(set(passwords.UNAMBIGUOUS))) > 128
