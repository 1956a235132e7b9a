"""Telephone numbers (ITU-T E.164), and the forms in which a core dials them (rule T2). Standard library only."""

import re
from typing import Final

E164: Final = re.compile(r"\+[1-9][0-9]{6,14}")
"""With its plus, at most fifteen digits (E.164 §6.2.1). Seven is the shortest that anybody has."""
NATIONAL_DIGITS: Final = 10
COUNTRY: Final = "1"
"""The country code of national forms: the North American numbering plan."""

_DIGITS: Final = re.compile(r"[0-9]{7,15}")


def candidates(dialled: str) -> tuple[str, ...]:
    """The E.164 numbers that what was dialled can stand for, the likeliest first; none for what is no number.

    `+1…`, `1…` and the ten digits of a national form find the same number. Digits of another length are an
    international number without its plus. Parameters of the number (RFC 3261 §19.1.6, `;npdi`) do not matter.
    """
    dialled = dialled.partition(";")[0]
    if dialled[:3].upper() == "%2B":
        dialled = f"+{dialled[3:]}"
    if dialled.startswith("+"):
        return (dialled,) if E164.fullmatch(dialled) else ()
    if not _DIGITS.fullmatch(dialled):
        return ()
    international = (f"+{dialled}",) if dialled[0] != "0" else ()
    return (f"+{COUNTRY}{dialled}", *international) if len(dialled) == NATIONAL_DIGITS else international
