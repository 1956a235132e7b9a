"""What a first start puts into MariaDB, and that it can be run again."""

from __future__ import annotations

import gc
import shutil
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pymysql.cursors import DictCursor
from pymysql.err import IntegrityError, OperationalError

from api.first_start import DatabaseLostError, FirstStartError, prepare
from api.keys.store import add_key
from api.migrations import MIGRATIONS
from api.settings import Settings
from tests.integration.api.server import MariaDB, connected, running_app

DENIED = {1142, 1143, 1044, 1045}


@pytest.fixture
def fresh(mariadb: MariaDB, tmp_path: Path) -> Iterator[Settings]:
    """Another deployment on the same server: its own database and secrets, none of which exist yet."""
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    shutil.copy(mariadb.home / "secrets" / "mariadb-root.key", secrets)
    for account in ("api", "region-nw1", "region-se1"):
        shutil.copy(mariadb.home / "secrets" / f"mariadb-{account}.key", secrets)
    (tmp_path / "mariadb").symlink_to(mariadb.home / "mariadb")
    (tmp_path / "settings.toml").write_text('[mariadb]\nname = "second"\n')
    settings = Settings.load(tmp_path)
    yield settings
    with connected(settings, "root", database=None) as cursor:
        cursor.execute("DROP DATABASE IF EXISTS second")


def admin_key_works(settings: Settings) -> bool:
    key = (settings.home / "secrets" / "admin.key").read_text().strip()
    with running_app(settings) as app:
        answer = app.test_client().get("/v1/regions", headers={"Authorization": f"Bearer {key}"})
    return answer.status_code == 200


@pytest.mark.usefixtures("settings")
def test_first_start_makes_schema_regions_and_a_key_that_works(fresh: Settings) -> None:
    started = prepare(fresh)
    assert started.migrations[0] == "0001_service"
    assert started.admin_key_made
    assert started.admin_key == fresh.home / "secrets" / "admin.key"
    assert stat.S_IMODE(started.admin_key.stat().st_mode) == 0o600
    assert admin_key_works(fresh)
    with connected(fresh, "root") as cursor:
        cursor.execute("SELECT name, address FROM region ORDER BY name")
        assert [row["address"] for row in cursor.fetchall()] == ["127.0.1.1", "127.0.2.1"]


@pytest.mark.usefixtures("settings")
def test_second_start_changes_nothing(fresh: Settings) -> None:
    first = prepare(fresh)
    key = first.admin_key.read_text()
    again = prepare(fresh)
    assert again.migrations == ()
    assert not again.admin_key_made
    assert again.admin_key.read_text() == key
    assert admin_key_works(fresh)


@pytest.mark.usefixtures("settings")
def test_starts_at_the_same_time_do_not_meet(fresh: Settings) -> None:
    with ThreadPoolExecutor(4) as pool:
        starts = list(pool.map(prepare, [fresh] * 4))
    assert sorted(bool(start.migrations) for start in starts) == [False, False, False, True]
    assert admin_key_works(fresh)


@pytest.mark.usefixtures("settings")
def test_lost_admin_key_is_replaced(fresh: Settings) -> None:
    prepare(fresh).admin_key.unlink()
    assert prepare(fresh).admin_key_made
    assert admin_key_works(fresh)


@pytest.mark.usefixtures("settings")
def test_admin_key_is_replaced_when_no_key_is_left(fresh: Settings) -> None:
    prepare(fresh)
    with connected(fresh, "root") as cursor:
        cursor.execute("UPDATE api_key SET revoked_at = UTC_TIMESTAMP(3)")
    assert not admin_key_works(fresh)
    assert prepare(fresh).admin_key_made
    assert admin_key_works(fresh)


@pytest.mark.usefixtures("settings")
def test_revoked_admin_key_stays_while_another_key_works(fresh: Settings) -> None:
    file = prepare(fresh).admin_key
    kept = file.read_text()
    with connected(fresh, "root") as cursor:
        cursor.execute("UPDATE api_key SET revoked_at = UTC_TIMESTAMP(3)")
        add_key(cursor, "tp_another", {"label": "another", "scope": "administer"})
    assert not prepare(fresh).admin_key_made
    assert file.read_text() == kept


@pytest.mark.usefixtures("settings")
def test_R1_realm_is_fixed_while_credentials_exist(fresh: Settings) -> None:
    prepare(fresh)
    renamed = fresh.model_copy(update={"realm": "trunks"})
    prepare(renamed)
    with connected(fresh, "root") as cursor:
        cursor.execute("INSERT INTO credential (id, username, ha1, label) VALUES ('cr-1', 'u', REPEAT('0', 32), 'x')")
        with pytest.raises(FirstStartError, match=r"the realm is trunks .* set realm back from registration to trunks"):
            prepare(fresh)
        cursor.execute("SELECT realm FROM deployment")
        assert cursor.fetchone() == {"realm": "trunks"}
        prepare(renamed)


@pytest.mark.usefixtures("settings")
def test_migrations_stop_at_the_first_that_fails_and_go_on_once_it_is_mended(fresh: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "sql"
    shutil.copytree(MIGRATIONS, folder)
    (folder / "9001_broken.sql").write_text("CREATE TABLE before_it (a INT);\nCREATE TABEL broken (a INT);\n")
    (folder / "9002_after.sql").write_text("CREATE TABLE after_it (a INT);\n")
    with pytest.raises(
        FirstStartError, match=r"migration 9001_broken failed: .*TABEL.* correct sql/9001_broken.sql"
    ) as raised:
        prepare(fresh, folder)
    assert "\n" not in str(raised.value)
    (folder / "9001_broken.sql").write_text("CREATE TABLE IF NOT EXISTS before_it (a INT);\n")
    assert prepare(fresh, folder).migrations == ("9001_broken", "9002_after")


@pytest.mark.usefixtures("settings")
def test_lock_that_a_killed_start_left_behind_is_no_obstacle(fresh: Settings) -> None:
    prepare(fresh)
    with connected(fresh, "root") as cursor:
        cursor.execute("INSERT INTO yoyo_lock (locked, ctime, pid) VALUES (1, UTC_TIMESTAMP(), 1)")
    assert prepare(fresh).migrations == ()


@pytest.mark.filterwarnings("ignore:unclosed .*socket:ResourceWarning")
def test_first_start_without_mariadb_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "mariadb-root.key").write_text("x\n")
    with pytest.raises(DatabaseLostError, match=r"MariaDB at .*/mariadb.sock could not be prepared: "):
        prepare(Settings.load(tmp_path))
    gc.collect()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM api_key",
        "SELECT label FROM credential",
        "UPDATE credential SET enabled = 1",
        "DELETE FROM credential",
        "INSERT INTO credential (id, username, ha1, label) VALUES ('a', 'b', 'c', 'd')",
        "SELECT * FROM tenant",
        "UPDATE user_agent SET kind = 'phone'",
        "INSERT INTO change_log (n, entity, entity_id) VALUES (99999999, 'credential', 'x')",
        "UPDATE change_counter SET n = n + 1",
        "SELECT realm FROM deployment",
        "UPDATE deployment SET realm = 'x'",
        "UPDATE region SET address = '127.0.11.66'",
        "INSERT INTO region (name, address) VALUES ('x', 'y')",
        "DELETE FROM event",
        "DELETE FROM block",
        "DELETE FROM binding_sync",
        "DROP TABLE event",
        "SELECT * FROM mysql.user",
    ],
)
def test_region_account_is_denied_what_it_does_not_need(settings: Settings, statement: str) -> None:
    with connected(settings, "region-nw1") as cursor, pytest.raises(OperationalError) as refused:
        cursor.execute(statement)
    assert refused.value.args[0] in DENIED


def test_region_account_can_do_its_work(settings: Settings) -> None:
    with connected(settings, "region-nw1") as cursor:
        for statement in (
            "SELECT id, username, ha1, enabled FROM credential WHERE id = 'x'",
            "SELECT id, kind, pattern FROM user_agent",
            "SELECT n, entity, entity_id, data FROM change_log WHERE n > 0 ORDER BY n",
            "SELECT n FROM change_counter WHERE id = 1",
            "SELECT * FROM region",
            "SELECT * FROM binding",
            "SELECT region, n FROM binding_sync FOR UPDATE",
            "UPDATE region SET heartbeat_at = NULL, store_change = NULL WHERE name = 'none'",
            "INSERT INTO event (region, at, rule, cause, sentence) VALUES ('nw1', UTC_TIMESTAMP(3), 'X', 'x', 'x')",
            "UPDATE block SET lifted_at = UTC_TIMESTAMP(3) WHERE uid = 'none'",
            "DELETE FROM binding WHERE region = 'none'",
            "DELETE FROM journal_position WHERE region = 'none'",
            "UPDATE binding_sync SET n = LAST_INSERT_ID(n + 1) WHERE region = 'nw1'",
        ):
            cursor.execute(statement)
        cursor.execute("SELECT region FROM binding_sync ORDER BY region")
        assert {row["region"] for row in cursor.fetchall()} >= {"nw1", "se1"}


def test_api_account_cannot_change_the_schema_or_what_regions_report(settings: Settings, root: DictCursor) -> None:
    root.execute("SELECT 1")
    with connected(settings, "api") as cursor:
        for statement in ("DROP TABLE tenant", "UPDATE region SET applied_change = 9", "DELETE FROM change_log"):
            with pytest.raises(OperationalError) as refused:
                cursor.execute(statement)
            assert refused.value.args[0] in DENIED


def test_secrets_are_files_of_mode_600(settings: Settings) -> None:
    files = list((settings.home / "secrets").iterdir())
    assert {file.name for file in files} >= {"admin.key", "mariadb-api.key", "mariadb-region-nw1.key"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


FOREIGN = (
    "INSERT INTO configuration (region, version, digest, files, actor_kind) VALUES (%s, 901, 'd', '{}', 'service')",
    "INSERT INTO application (region, version, action, actor_kind) VALUES (%s, 901, 'apply', 'service')",
    "UPDATE application SET state = 'waiting' WHERE region = %s",
)


@pytest.mark.usefixtures("settings")
def test_a_region_s_account_tells_no_other_region_what_to_run(fresh: Settings) -> None:
    """What a region is asked to run is code: whoever takes one host must not have the others too."""
    prepare(fresh)
    with connected(fresh, "root") as root:
        root.execute(FOREIGN[1], ("se1",))
        with connected(fresh, "region-nw1") as cursor:
            for statement in FOREIGN:
                with pytest.raises((OperationalError, IntegrityError), match="'region' cannot be null"):
                    cursor.execute(statement, ("se1",))
            for statement in FOREIGN:
                cursor.execute(statement, ("nw1",))
        root.execute("SELECT region FROM configuration UNION ALL SELECT region FROM application WHERE region = 'nw1'")
        assert [row["region"] for row in root.fetchall()] == ["nw1", "nw1"]
