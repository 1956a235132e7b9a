"""BIND's named-checkzone: whether a name server will load a zone."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from typing import Final

COMMAND: Final = ("named-checkzone", "-k", "fail", "-i", "local")
"""Nothing outside the zone is looked up."""
SECONDS: Final = 5
MISSING: Final = "named-checkzone is missing: install the Debian package bind9-utils where the API runs"


class CheckerError(Exception):
    """The zone could not be checked. The text says what to do."""


@dataclass(frozen=True)
class Checked:
    """What named-checkzone said, line by line."""

    passed: bool
    lines: tuple[str, ...]


def check_zone(origin: str, text: str) -> Checked:
    """Check the zone file `text`; at most 5 s. Errors: CheckerError."""
    try:
        done = subprocess.run(  # noqa: S603 -- a list of words; the zone comes on the standard input
            [*COMMAND, origin, "-"], input=text, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except FileNotFoundError as error:
        raise CheckerError(MISSING) from error
    except OSError as error:
        raise CheckerError(f"named-checkzone cannot be run: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise CheckerError(f"named-checkzone did not end within {SECONDS} s: try again") from error
    said = re.sub(r"\bstream-0x[0-9a-f]+:(\d+)", r"line \1", done.stdout + done.stderr)
    return Checked(done.returncode == 0, tuple(line.strip() for line in said.splitlines() if line.strip()))
