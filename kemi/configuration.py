"""A region's configuration: files by name, which the API renders and the agent puts in force."""

import hashlib
import json
from collections.abc import Mapping


def digest(files: Mapping[str, str]) -> str:
    """What tells one configuration from another: SHA-256, in hexadecimal, of its texts and their names."""
    return hashlib.sha256(json.dumps(files, sort_keys=True, ensure_ascii=True).encode()).hexdigest()
