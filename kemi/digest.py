"""Which of two passwords an answer to a challenge was made with (RFC 2617 §3.2.2, rule C4).

Kamailio judges each answer, once: that spends its nonce, whatever comes of it. So it has to be told the right HA1.
"""

import re
from hashlib import md5
from typing import Final

_PARAMETER: Final = re.compile(
    r'(?<![A-Za-z0-9_-])([A-Za-z0-9_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))', re.DOTALL
)
"""A name begins where its characters do: to try each of them would take seconds for one packet of letters."""


def read(authorization: str) -> dict[str, str]:
    """The parameters of an `Authorization` or `Proxy-Authorization`, as they stand there; nothing of another scheme."""
    scheme, _, rest = authorization.strip().partition(" ")
    if scheme.lower() != "digest":
        return {}
    return {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(rest)}


def is_answered_with(ha1: str, method: str, answer: dict[str, str]) -> bool:
    """Whether this answer's digest is that of the password with this HA1; the old form of RFC 2069 has no qop."""
    nonce, qop = answer.get("nonce", ""), answer.get("qop", "")
    asked = _md5(f"{method}:{answer.get('uri', '')}")
    between = f"{nonce}:{answer.get('nc', '')}:{answer.get('cnonce', '')}:{qop}" if qop else nonce
    return _md5(f"{ha1}:{between}:{asked}") == answer.get("response", "").lower()


def _md5(text: str) -> str:
    return md5(text.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()
