"""A disk that is really full, at whichever write: refused or taken back, and nothing half written is left.

The region's home is a file system of its own, in memory, which has so many files and no more (`nr_inodes`).
"""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from tests.applying.host import Host, threshold
from tests.calls.carrier import Carrier
from tests.conftest import serving
from tests.sip.instance import Instance
from tests.sip.network import Network
from tests.sip.waiting import until

SIZE = 80
"""Megabytes."""
IN_SHORT = (0, 6, 11, 12, 13, 14)
"""Files that can still be made, of which each run tries: the others take a minute."""


@pytest.fixture(scope="module")
def carrier(network: Network) -> Iterator[Carrier]:
    """Takes root."""
    instance = Instance("disk")
    home = instance.home / "region" / "nw1"
    home.mkdir(parents=True, mode=0o700)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}m,nr_inodes=400", "none", str(home)], check=True)
    try:
        for service in serving(instance):
            carrier = Carrier(service, network)
            yield carrier
            carrier.close()
    finally:
        subprocess.run(["umount", "--lazy", str(home)], check=True)
        instance.stop()


class Disk:
    """What fills it up, and makes room again."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._waste = home / "waste"

    def leave_files(self, count: int) -> None:
        """So many can still be made."""
        self._waste.mkdir()
        made = 0
        try:
            while True:
                (self._waste / str(made)).touch()
                made += 1
        except OSError:
            for number in range(count):
                (self._waste / str(made - 1 - number)).unlink()

    def leave_bytes(self, count: int) -> None:
        """So much can still be written."""
        self._waste.mkdir()
        with (self._waste / "much").open("wb") as file:
            until(lambda: self._takes(file, count), 5, "nobody else writes meanwhile", 0.01)

    def _takes(self, file: BinaryIO, count: int) -> bool:
        disk = os.statvfs(self._home)
        try:
            os.posix_fallocate(file.fileno(), 0, disk.f_bavail * disk.f_frsize - count)
        except OSError:
            return False
        return True

    def clear(self) -> None:
        if self._waste.exists():
            for file in self._waste.iterdir():
                file.unlink()
            self._waste.rmdir()


@pytest.fixture
def disk(host: Host) -> Iterator[Disk]:
    disk = Disk(host.home)
    yield disk
    disk.clear()


@pytest.mark.usefixtures("talk")
@pytest.mark.parametrize("left", [n if n in IN_SHORT else pytest.param(n, marks=pytest.mark.long) for n in range(16)])
def test_F3_no_file_more_can_be_made(host: Host, disk: Disk, left: int) -> None:
    """Eleven files and a folder are a configuration; then come links, `applying.json`, journals of the gateway."""
    before = (host.name, host.folder(), host.reported())
    version = host.store(host.changed(threshold(flood_requests=8000 + left)))
    disk.leave_files(left)
    row = host.until(host.ask(version))
    if row["state"] == "in-force":
        assert left > 11
        assert host.name != before[0]
    else:
        assert "No space left on device" in row["reason"] or row["restarted"], row["reason"]
        assert (host.name, host.folder()) == before[:2]
    disk.clear()
    host.is_tidy()
    assert host.apply(before[2][0], "rollback")["state"] == "in-force"
    assert (host.name, host.folder(), host.reported()) == before


@pytest.mark.usefixtures("talk")
@pytest.mark.parametrize("left", [0, 4096, 20_000, 1_000_000, 16_000_000])
def test_F3_no_byte_more_can_be_written(host: Host, disk: Disk, left: int) -> None:
    before, boot = (host.name, host.folder(), host.reported()), host.pulse()["boot"]
    version = host.store(host.changed(threshold(flood_requests=8100 + left)))
    disk.leave_bytes(left)
    row = host.until(host.ask(version))
    assert (row["state"], row["restarted"]) == ("refused", 0)
    assert row["reason"].endswith(f"has {left >> 20} MiB left: 16 MiB are needed")
    disk.clear()
    host.is_tidy()
    assert (host.name, host.folder(), host.reported(), host.pulse()["boot"]) == (*before, boot)


@pytest.mark.usefixtures("talk")
def test_F3_with_room_again_it_comes_into_force(host: Host) -> None:
    assert host.apply(threshold(flood_requests=8200))["state"] == "in-force"
