"""Files of the state folder."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def private_folder(folder: Path) -> Path:
    """Makes `folder` so that nobody else can look into it. Errors: OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def write_private(file: Path, text: str) -> None:
    """Replaces `file` in one step: a reader sees the old text or the new one; others see neither (mode 600)."""
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    fresh.replace(file)


def secret(file: Path) -> str:
    """The secret that `file` holds; made (256 bits) when the file is missing."""
    if not file.exists():
        private_folder(file.parent)
        write_private(file, secrets.token_urlsafe(32) + "\n")
    return file.read_text(encoding="ascii").strip()
