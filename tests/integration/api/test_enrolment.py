"""The account of a region's host, in MariaDB; a command line that ends half way leaves none that two hosts share."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pymysql
import pytest
from pymysql.cursors import DictCursor

from api.service import enrolment
from api.service.enrolment import EnrolmentError, Place
from api.settings import MariaDBSettings, Settings
from tests.integration.api.server import connected


@pytest.fixture
def control(settings: Settings, root: DictCursor) -> Iterator[Settings]:
    """MariaDB is a server that the service does not run itself; eu1 is added."""
    root.execute("INSERT INTO region (name, address, state) VALUES ('eu1', '127.0.11.3', 'out')")
    root.execute("INSERT IGNORE INTO binding_sync (region, n) VALUES ('eu1', 0)")
    socket = settings.home / "mariadb" / "mariadb.sock"
    yield settings.model_copy(update={"mariadb": MariaDBSettings(socket=socket)})
    root.execute("DELETE FROM region WHERE name = 'eu1'")
    root.execute("DELETE FROM binding_sync WHERE region = 'eu1'")
    for host in ("%", "localhost"):
        root.execute("DROP USER IF EXISTS region_eu1@%s", (host,))


def hosts(root: DictCursor) -> list[str]:
    """Where the account may log in from."""
    root.execute("SELECT Host FROM mysql.user WHERE User = 'region_eu1'")
    return [row["Host"] for row in root.fetchall()]


def opens(folder: Path) -> bool:
    """Whether the folder's password does."""
    host = Settings.load(folder)
    try:
        with connected(host, "region-eu1") as cursor:
            cursor.execute("SELECT name FROM region WHERE name = 'eu1'")
            return cursor.fetchone() == {"name": "eu1"}
    except pymysql.OperationalError:
        return False


def test_it_works_and_a_second_one_replaces_it(control: Settings, root: DictCursor, tmp_path: Path) -> None:
    enrolment.enrol(control, "eu1", tmp_path / "first", None)
    assert (hosts(root), opens(tmp_path / "first")) == (["localhost"], True)
    enrolment.enrol(control, "eu1", tmp_path / "second", None)
    assert (opens(tmp_path / "first"), opens(tmp_path / "second")) == (False, True)


def test_one_for_another_machine_is_for_that_alone(control: Settings, root: DictCursor, tmp_path: Path) -> None:
    enrolment.enrol(control, "eu1", tmp_path / "here", None)
    enrolment.enrol(control, "eu1", tmp_path / "there", Place("192.0.2.9", 3307))
    assert hosts(root) == ["%"]
    assert Settings.load(tmp_path / "there").mariadb.host == "192.0.2.9"


def test_two_at_once_leave_one_that_works(control: Settings, tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("a", "b", "c")]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda folder: enrolment.enrol(control, "eu1", folder, None), folders))
    assert [opens(folder) for folder in folders].count(True) == 1


def test_one_that_fails_leaves_no_folder(control: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enrolment, "REGION_GRANTS", (("SELECT", "no_such_table"),))
    with pytest.raises(EnrolmentError, match=r"MariaDB cannot be used as root on this host: .*no_such_table"):
        enrolment.enrol(control, "eu1", tmp_path / "new", None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["file", "missing/below"])
def test_a_folder_that_cannot_be_made(control: Settings, tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("kept")
    with pytest.raises(EnrolmentError, match=r"exists already|cannot be made"):
        enrolment.enrol(control, "eu1", tmp_path / place, None)
    assert (tmp_path / "file").read_text() == "kept"


def test_a_region_that_is_there_keeps_its_account(control: Settings, root: DictCursor, tmp_path: Path) -> None:
    enrolment.enrol(control, "eu1", tmp_path / "first", None)
    assert enrolment.withdraw(control, "eu1") == "this host's MariaDB has not removed a region eu1"
    root.execute("DELETE FROM region WHERE name = 'eu1'")
    assert enrolment.withdraw(control, "eu1") is None
    assert hosts(root) == []
