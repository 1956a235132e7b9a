"""The Contact of a REGISTER (RFC 3261 §10.2, §20.10)."""

import re
from typing import NamedTuple


class Contact(NamedTuple):
    """One contact: its URI, or `*`, and the `expires` parameter in seconds if it has a valid one."""

    uri: str
    expires: int | None = None

    @property
    def wildcard(self) -> bool:
        return self.uri == "*"


class BadContactError(ValueError):
    """A Contact that cannot be registered; `reason` says why, to the PBX's owner."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


_URI = re.compile(
    r"sips?:(?:[^\s<>\"@\x00-\x1f\x7f]+@)?"  # user
    r"[^\s<>\"@;?,\x00-\x1f\x7f]+"  # host and port
    r"(?:[;?][^\s<>\"\x00-\x1f\x7f]*)?",  # parameters
    re.IGNORECASE,
)
_EXPIRES = re.compile(r";\s*expires\s*=\s*\"?(\d{1,10})\"?\s*(?:;|$)", re.IGNORECASE)
_PARAMETERS = r"\s*((?:;(?:\"[^\"]*\"|[^\",])*)?)$"
_NAME_ADDR = re.compile(r"(?:\"(?:[^\"\\]|\\.)*\"\s*|[^\"<>,;]*)<([^<>]*)>" + _PARAMETERS, re.DOTALL)
_ADDR_SPEC = re.compile(r"([^\s<>\",;?]+)" + _PARAMETERS, re.DOTALL)

SEVERAL = "it has more than one Contact, or one that cannot be read; register one"
TOO_LONG = "its Contact is too long"
NO_SIP_URI = "its Contact is no SIP URI"

MAX_HEADER = 2048
MAX_URI = 512


def parse(value: str) -> Contact:
    """The one contact of a header value.

    Errors: BadContactError when there are several, when the URI is no SIP URI, or longer than 512 characters.
    """
    value = value.strip()
    if value == "*":
        return Contact("*")
    if len(value) > MAX_HEADER:
        raise BadContactError(TOO_LONG)
    match = _NAME_ADDR.match(value) or _ADDR_SPEC.match(value)
    if match is None:
        raise BadContactError(SEVERAL)
    if len(match[1]) > MAX_URI:
        raise BadContactError(TOO_LONG)
    if _URI.fullmatch(match[1]) is None:
        raise BadContactError(NO_SIP_URI)
    expires = _EXPIRES.search(match[2])
    return Contact(match[1], int(expires[1]) if expires else None)


def same(one: str, other: str) -> bool:
    """Whether two contact URIs name the same user, host and port; parameters do not count."""
    return _bare(one) == _bare(other)


def _bare(uri: str) -> str:
    return re.split("[;?]", uri, maxsplit=1)[0].lower()
