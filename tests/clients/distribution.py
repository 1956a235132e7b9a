"""Asterisk 22, which is younger than Debian 12: a folder with a newer Debian in it, fetched once and kept in the cache.

It comes from the machine's own Debian mirror, by mmdebstrap: about half a minute, 350 MB.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SUITES = ("forky", "sid")
MAJOR = "22"
OPTIONS = (
    "--variant=minbase",
    "--include=asterisk",
    '--aptopt=APT::Install-Recommends "false"',
    '--aptopt=Acquire::Check-Valid-Until "false"',
)


class NotFetchedError(Exception):
    """With a sentence that says what to do."""


def cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "turnpike"


def asterisk_root() -> Path:
    """The root of the file system that has Asterisk 22. Errors: NotFetchedError."""
    root = cache() / f"asterisk-{MAJOR}"
    if not (root / "usr/sbin/asterisk").exists():
        raise NotFetchedError("Asterisk is not there: run ./turnpike test clients, which fetches it")
    return root


def fetch() -> Path:
    """Where Asterisk is, fetched if it is not there yet. Errors: NotFetchedError."""
    if os.geteuid() != 0:
        raise NotFetchedError("run this as root: a file system is unpacked and mounted")
    with _alone():
        try:
            return asterisk_root()
        except NotFetchedError:
            return _fetch()


@contextmanager
def _alone() -> Iterator[None]:
    """A second run waits for the first."""
    cache().mkdir(parents=True, exist_ok=True)
    with (cache() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch() -> Path:
    new = cache() / "new"
    for suite in SUITES:
        print(f"fetching Asterisk from Debian {suite} into {cache()}: about half a minute, 350 MB", file=sys.stderr)
        shutil.rmtree(new, ignore_errors=True)
        done = subprocess.run(["mmdebstrap", *OPTIONS, suite, str(new), _mirror()], check=False)
        if done.returncode == 0 and _version(new).split(".")[0] == MAJOR:
            for name in ("etc/resolv.conf", "etc/hosts"):
                (new / name).touch()
            return new.rename(cache() / f"asterisk-{MAJOR}")
    shutil.rmtree(new, ignore_errors=True)
    raise NotFetchedError(f"Debian {' and '.join(SUITES)} gave no Asterisk {MAJOR}: see above")


def _mirror() -> str:
    """Where this machine gets Debian from. Errors: NotFetchedError."""
    wanted = "$(ORIGIN) $(LABEL) $(REPO_URI)"
    command = ["apt-get", "indextargets", "--format", wanted, "Created-By: Packages"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    for line in lines:
        if line.startswith("Debian Debian "):
            return line.split(" ", 2)[2]
    raise NotFetchedError("apt's sources name no Debian mirror")


def _version(root: Path) -> str:
    """Such as 22.10.1."""
    told = subprocess.run(["chroot", str(root), "asterisk", "-V"], check=True, capture_output=True, text=True).stdout
    return told.removeprefix("Asterisk ").strip()


def main() -> None:
    try:
        root = fetch()
    except NotFetchedError as error:
        sys.exit(f"turnpike: {error}")
    print(f"Asterisk {_version(root)} in {root}", file=sys.stderr)


if __name__ == "__main__":
    main()
