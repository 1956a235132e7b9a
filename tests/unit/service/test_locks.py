"""The lock files, on which `turnpike` relies when it installs one in the place of the other."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)


def pinned(file: str) -> set[tuple[str, str]]:
    return set(PINNED.findall((ROOT / file).read_text(encoding="utf-8")))


def test_each_lock_holds_all_that_those_before_it_do_in_the_same_versions() -> None:
    assert pinned("requirements.lock")
    assert pinned("requirements.lock") < pinned("requirements-demo.lock") < pinned("requirements-dev.lock")


def test_every_package_is_locked_by_its_hash() -> None:
    for file in ("requirements.lock", "requirements-demo.lock", "requirements-dev.lock"):
        text = (ROOT / file).read_text(encoding="utf-8")
        assert text.count("==") == len(re.findall(r"==\S+ \\\n +--hash=sha256:", text)), file
