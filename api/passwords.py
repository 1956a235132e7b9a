"""What the service makes up: identifiers, usernames, passwords and API keys."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from typing import Final

LETTERS: Final = "abcdefghjkmnpqrstuvwxyz"
DIGITS: Final = "23456789"
UNAMBIGUOUS: Final = LETTERS + DIGITS
PASSWORD_ALPHABET: Final = UNAMBIGUOUS + "ABCDEFGHJKLMNPQRSTUVWXYZ"
USERNAME_LENGTH: Final = 12
PASSWORD_LENGTH: Final = 24
"""24 of 55 characters: 138 bits (rule C1 asks for 128)."""
KEY_LENGTH: Final = 40
KEY_MARK: Final = "tp_"
SESSION_MARK: Final = "ts_"
KEY_PREFIX_LENGTH: Final = len(KEY_MARK) + 6


def _random(alphabet: str, length: int) -> str:
    """Each character is as likely as the others: bytes beyond the last whole alphabet are left out."""
    fair, found = 256 - 256 % len(alphabet), ""
    while len(found) < length:
        found += "".join(alphabet[byte % len(alphabet)] for byte in secrets.token_bytes(2 * length) if byte < fair)
    return found[:length]


def new_identifier(kind: str) -> str:
    """`kind`, a hyphen and 59 random bits, such as `cr-x7k2m9p4q8wz`."""
    return f"{kind}-{_random(UNAMBIGUOUS, 12)}"


def new_username() -> str:
    """A SIP username that survives being read out over the telephone: lower case, no l, 1, o, 0 or i."""
    return _random(LETTERS, 1) + _random(UNAMBIGUOUS, USERNAME_LENGTH - 1)


def distinct(count: int, make: Callable[[], str]) -> list[str]:
    """So many different ones of what `make` makes."""
    made: set[str] = set()
    while len(made) < count:
        made.add(make())
    return list(made)


def new_password() -> str:
    """A password for a credential: letters and digits only, since PBXs quote other characters badly."""
    return _random(PASSWORD_ALPHABET, PASSWORD_LENGTH)


def ha1(username: str, realm: str, password: str) -> str:
    """What is kept of a password: hexadecimal MD5 of username:realm:password (RFC 7616 section 3.4.2)."""
    return hashlib.md5(f"{username}:{realm}:{password}".encode(), usedforsecurity=False).hexdigest()


def new_api_key() -> str:
    """A bearer key of the API: 198 bits."""
    return KEY_MARK + _random(UNAMBIGUOUS, KEY_LENGTH)


def new_session_token() -> str:
    """A bearer token of a person's session: 198 bits."""
    return SESSION_MARK + _random(UNAMBIGUOUS, KEY_LENGTH)


def key_prefix(key: str) -> str:
    """The part of an API key that may be shown, so that people can tell keys apart."""
    return key[:KEY_PREFIX_LENGTH]


def key_hash(key: str) -> str:
    """What is kept of an API key: hexadecimal SHA-256. Its 198 random bits need no salt and no slow hash."""
    return hashlib.sha256(key.encode()).hexdigest()
