"""The Contact of a REGISTER (RFC 3261 §10.2, §20.10)."""

import re


class Contact:
    """One contact: its URI, or `*`, and the `expires` parameter in seconds if it has a valid one."""

    def __init__(
        self,
        uri: str,
        expires: int | None = None,
    ) -> None:
        self.uri = uri
        self.expires = expires

    @property
    def wildcard(self) -> bool:
        return self.uri == "*"


class BadContactError(ValueError):
    """A Contact that cannot be registered; `reason` says why, to the PBX's owner."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


_USER = r"[^\s<>\"@\x00-\x1f\x7f]+"
_HOST = r"[^\s<>\"@;?,\x00-\x1f\x7f]+"
_TAIL = r"[;?][^\s<>\"\x00-\x1f\x7f]*"
_URI = rf"[Ss][Ii][Pp][Ss]?:(?:{_USER}@)?{_HOST}(?:{_TAIL})?"
_EXPIRES = re.compile(r";\s*expires\s*=\s*\"?(\d{1,10})\"?\s*(?:;|$)", re.IGNORECASE)
_PARAMETERS = r"\s*((?:;(?:\"[^\"]*\"|[^\",])*)?)$"
_DISPLAY_NAME = r"(?:\"(?:[^\"\\]|\\.)*\"\s*|[^\"<>,;]*)"
_NAME_ADDR = re.compile(rf"{_DISPLAY_NAME}<({_URI})>{_PARAMETERS}", re.DOTALL)
_ADDR_SPEC = re.compile(rf"([Ss][Ii][Pp][Ss]?:(?:[^\s<>\"@;?,\x00-\x1f\x7f]+@)?{_HOST}){_PARAMETERS}", re.DOTALL)
_ANY = re.compile(rf"(?:{_DISPLAY_NAME}<([^<>]*)>|([^\s<>\",;?]+)){_PARAMETERS}", re.DOTALL)

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
    plain = _plain(value)
    if plain is not None:
        return Contact(plain)
    match = _NAME_ADDR.match(value) or _ADDR_SPEC.match(value)
    if match is None:
        raise BadContactError(_fault(value))
    uri, parameters = match.groups()
    if len(uri) > MAX_URI:
        raise BadContactError(TOO_LONG)
    expires = _EXPIRES.search(parameters) if parameters else None
    return Contact(uri, int(expires[1]) if expires else None)


def _plain(value: str) -> str | None:
    """The URI of what most PBXs send, `<sip:user@host:port>`, without an expression's cost; None for anything else."""
    if not value.startswith("<sip:") or not value.endswith(">") or len(value) > MAX_URI:
        return None
    user, _, host = value[5:-1].partition("@")
    if not user.isalnum() or not host.replace(".", "").replace(":", "").isalnum():
        return None
    return value[1:-1]


def _fault(value: str) -> str:
    """Why it is no contact that can be registered."""
    match = _ANY.match(value)
    if match is None:
        return SEVERAL
    return TOO_LONG if len(match[1] or match[2] or "") > MAX_URI else NO_SIP_URI


def same(one: str, other: str) -> bool:
    """Whether two contact URIs name the same user, host and port; parameters do not count."""
    return _bare(one) == _bare(other)


def _bare(uri: str) -> str:
    return re.split("[;?]", uri, maxsplit=1)[0].lower()
