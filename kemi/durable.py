"""Files that must be whole and still there after a crash, of the host too: written beside, synced, renamed."""

import os
from contextlib import suppress
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """What was renamed in it stays renamed. Errors: OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write(file: Path, text: str) -> None:
    """A new file, for its owner only. Errors: OSError, ValueError for what is no text; then it may be there in part."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def replace(file: Path, text: str) -> None:
    """The file is the old one or the new one, whatever happens. Errors: OSError; then it is the old one."""
    draft = file.with_name(f".{file.name}.new")
    try:
        write(draft, text)
        draft.replace(file)
    except OSError:
        with suppress(OSError):
            draft.unlink()
        raise
    sync_folder(file.parent)
