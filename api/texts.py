"""Texts that requests may hold: each one regular expression, which is checked here and told by the OpenAPI document.

The expressions use what Python's `re` and ECMA-262 (with its flag u) have in common.
"""

from __future__ import annotations

import re
from typing import Final

import marshmallow as ma

LETTERS_AND_DIGITS: Final = "A-Za-z0-9"
CONTROL: Final = r"\x00-\x1f\x7f-\x9f"
BLANK: Final = r" \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
VISIBLE: Final = f"[^{CONTROL}]*[^{CONTROL}{BLANK}][^{CONTROL}]*"
"""On one line, and not blank."""
NAME: Final = "[!-~]{1,64}"
"""What names something in a filter; no identifier, username, region, rule or address has other characters."""
DOMAIN_WANTED: Final = "[!-~]{1,253}"
"""Likewise of a domain, which is longer than any identifier."""
ACCOUNT_ID: Final = rf"\.*[{LETTERS_AND_DIGITS}-][{LETTERS_AND_DIGITS}.-]*"
"""Rule T1. Dots alone cannot be part of a URL."""

REGION: Final = "[a-z](?:[a-z0-9-]{0,13}[a-z0-9])?"
"""A region's name, which is a label of DNS names too (RFC 1123 section 2.1)."""

_OCTET: Final = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
HOST: Final = rf"(?:22[0-3]|2[01][0-9]|1[0-9]{{2}}|[1-9][0-9]?)(?:\.{_OCTET}){{3}}"
"""An IPv4 address that a host can have: not of this network (0), multicast (224) or reserved (240)."""

_LABEL: Final = f"[{LETTERS_AND_DIGITS}](?:[{LETTERS_AND_DIGITS}-]{{0,61}}[{LETTERS_AND_DIGITS}])?"
_LAST_LABEL: Final = f"[A-Za-z](?:[{LETTERS_AND_DIGITS}-]{{0,61}}[{LETTERS_AND_DIGITS}])?"
HOST_NAME: Final = rf"(?:{_LABEL}\.)+{_LAST_LABEL}"
"""RFC 1123 section 2.1, of two labels at least; the last is no number, so that it is no address. IDNs as A-labels."""
MAILBOX: Final = rf"[{LETTERS_AND_DIGITS}](?:[{LETTERS_AND_DIGITS}._+-]{{0,61}}[{LETTERS_AND_DIGITS}])?@{HOST_NAME}"
"""An e-mail address whose local part is one label of an SOA record (RFC 1035 section 8)."""
_PORT: Final = "(?:6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[1-9][0-9]{0,3})"
RESOLVER: Final = f"{HOST}(?:#{_PORT})?"
"""An address, or address#port."""

_YEAR: Final = "(?:[0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)"
_FOURTH: Final = "(?:0[48]|[2468][048]|[13579][26])"
_LEAP_YEAR: Final = f"(?:[0-9]{{2}}{_FOURTH}|{_FOURTH}00)"
_DAY_OF_YEAR: Final = (
    "(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
)
DAY: Final = f"(?:{_YEAR}-{_DAY_OF_YEAR}|{_LEAP_YEAR}-02-29)"
"""RFC 3339's full-date."""
_HOUR: Final = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
MOMENT: Final = rf"{DAY}(?:T{_HOUR}(?::[0-5][0-9](?:\.[0-9]{{1,6}})?)?(?:Z|[+-]{_HOUR})?)?"
"""RFC 3339's date-time, or less of it: a day, no seconds, no offset."""


class Pattern(ma.validate.Validator):
    """The whole text agrees with `expression`; `wrong` says what to write."""

    def __init__(self, expression: str, wrong: str) -> None:
        self.regex = re.compile(f"^(?:{expression})$")  # apispec looks for this name
        self._wrong = wrong

    def __call__(self, value: str) -> str:
        """Errors: ValidationError."""
        if not self.regex.fullmatch(value):
            raise ma.ValidationError(self._wrong)
        return value


def whole_characters(value: str) -> None:
    """Errors: ValidationError for half a surrogate pair, which is no Unicode and only JSON's escapes can send."""
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise ma.ValidationError("write whole characters: half a surrogate pair is none")
