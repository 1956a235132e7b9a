"""Files that only their owner may read."""

from __future__ import annotations

import os
from pathlib import Path


def write_secret(file: Path, secret: str) -> None:
    """Put `secret` and a newline into `file`, mode 600, whole or not at all; make its folder (700) when missing."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as out:
        out.write(secret + "\n")
    draft.replace(file)
