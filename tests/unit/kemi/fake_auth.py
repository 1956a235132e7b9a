"""The module auth with `one_time_nonce` and `auth_checks_* = 8`: digests are really computed (RFC 2617)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.sip import digest
from tests.unit.kemi.fake_part import Part, UnscriptedError

if TYPE_CHECKING:
    from tests.unit.kemi.fake_ksr import FakeKsr

PROVEN, BROKEN, WRONG, STALE, NONE, USED = 1, -1, -2, -4, -5, -6
"""What `pv_auth_check` returns."""
NONCE_LIFETIME_MS = 300_000


@dataclass
class Nonce:
    """A nonce that was given out."""

    address: str
    at: int
    used: bool = False


class FakeAuth(Part):
    """Challenges and checks."""

    def __init__(self, ksr: "FakeKsr") -> None:
        super().__init__(ksr)
        self._nonces: dict[str, Nonce] = {}

    def auth_challenge(self, realm: str, flags: int, /) -> int:
        if flags not in (1, 17):
            raise UnscriptedError(f"auth_challenge flags {flags}")
        value = f"n{len(self._nonces):06d}"
        self._nonces[value] = Nonce(self._ksr.source.address, self._ksr.clock.now)
        stale = ", stale=true" if flags == 17 else ""
        register = self._ksr.message.method == "REGISTER"
        code, reason, name = (
            (401, "Unauthorized", "WWW-Authenticate")
            if register
            else (407, "Proxy Authentication Required", "Proxy-Authenticate")
        )
        self._ksr.send(code, reason, f'{name}: Digest realm="{realm}", nonce="{value}", qop="auth"{stale}')
        return 1

    def pv_auth_check(self, realm: str, ha1: str, flags: int, checks: int, /) -> int:
        if (flags, checks) != (1, 0):
            raise UnscriptedError(f"pv_auth_check flags {flags}, checks {checks}")
        name = "Authorization" if self._ksr.message.method == "REGISTER" else "Proxy-Authorization"
        given = [digest.parameters(value) for value in self._ksr.message.all(name)]
        matching = [answer for answer in given if answer.get("realm") == realm]
        return self._check(matching[0], ha1) if matching else NONE

    def _check(self, answer: dict[str, str], ha1: str) -> int:
        """The nonce is used up before the password is looked at."""
        verdict = self._check_nonce(answer.get("nonce", ""))
        if verdict is not None:
            return verdict
        expected = digest.response(
            ha1,
            self._ksr.message.method,
            answer["uri"],
            {**answer, "qop": "auth"},
            nc=answer["nc"],
            cnonce=answer["cnonce"],
        )
        return PROVEN if answer["response"] == expected else WRONG

    def _check_nonce(self, value: str) -> int | None:
        nonce = self._nonces.get(value)
        if nonce is None:
            return BROKEN
        if nonce.address != self._ksr.source.address or self._ksr.clock.now - nonce.at > NONCE_LIFETIME_MS:
            return STALE
        if nonce.used:
            return USED
        nonce.used = True
        return None
