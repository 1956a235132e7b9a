"""HTTP digest as SIP uses it: MD5 with qop=auth (RFC 2617 section 3.2, RFC 3261 section 22)."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

_PARAMETER = re.compile(r'([A-Za-z0-9_-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s,"]+)')


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def parameters(header: str) -> dict[str, str]:
    """The parameters of a challenge or an answer. ValueError unless the scheme is Digest."""
    scheme, _, rest = header.partition(" ")
    if scheme.lower() != "digest":
        raise ValueError(f"not a digest: {header!r}")
    return {name.lower(): value.strip('"') for name, value in _PARAMETER.findall(rest)}


def ha1(username: str, realm: str, password: str) -> str:
    return _md5(f"{username}:{realm}:{password}")


def response(secret: str, method: str, uri: str, challenge: Mapping[str, str], *, nc: str, cnonce: str) -> str:
    """The digest over HA1 `secret`; with the old form of RFC 2069 when the challenge offers no qop."""
    ha2 = _md5(f"{method}:{uri}")
    if "qop" not in challenge:
        return _md5(f"{secret}:{challenge['nonce']}:{ha2}")
    return _md5(f"{secret}:{challenge['nonce']}:{nc}:{cnonce}:auth:{ha2}")


@dataclass(frozen=True)
class Login:
    """Who answers a challenge."""

    username: str
    password: str

    def authorization(self, challenge: str, method: str, uri: str, nc: int = 1, cnonce: str = "0a4f113b") -> str:
        """The value of `Authorization` for this `WWW-Authenticate` value."""
        asked = parameters(challenge)
        secret = ha1(self.username, asked["realm"], self.password)
        count = f"{nc:08x}"
        proof = response(secret, method, uri, asked, nc=count, cnonce=cnonce)
        parts = [
            f'username="{self.username}"',
            f'realm="{asked["realm"]}"',
            f'nonce="{asked["nonce"]}"',
            f'uri="{uri}"',
            f'response="{proof}"',
            "algorithm=MD5",
        ]
        if "opaque" in asked:
            parts.append(f'opaque="{asked["opaque"]}"')
        if "qop" in asked:
            parts += ["qop=auth", f"nc={count}", f'cnonce="{cnonce}"']
        return "Digest " + ", ".join(parts)
