"""How the private MariaDB is started."""

from pathlib import Path

from api.service import mariadb
from api.settings import Settings


def test_temporary_tables_are_out_of_reach_of_another_mariadb_that_starts(tmp_path: Path) -> None:
    assert f"--tmpdir={tmp_path / 'mariadb' / 'tmp'}" in mariadb.options(Settings.load(tmp_path))
