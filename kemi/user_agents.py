"""Recognising devices by their User-Agent: desk phones and softphones (rule R3), scanners (rule B6)."""

import re
from collections.abc import Callable, Iterable
from fnmatch import translate


def matcher(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Whether a User-Agent matches any of the shell-style patterns, whatever its case. No pattern matches nothing."""
    texts = [translate(pattern) for pattern in patterns]
    if not texts:
        return lambda _user_agent: False
    expression = re.compile("|".join(texts), re.IGNORECASE)
    return lambda user_agent: expression.match(user_agent) is not None
