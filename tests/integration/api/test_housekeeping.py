"""The housekeeper with MariaDB, as the API's account: what it clears away, what it warns of, and when it keeps off."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from pymysql.cursors import DictCursor

from api.credentials.grace import AT_ONCE, warning
from api.database import Database
from api.housekeeping.chores import CHORES
from api.housekeeping.housekeeper import TAKE_LOCK, Housekeeper
from api.settings import Settings
from tests.integration.api.server import MariaDB, connected, wait_until
from tests.integration.api.test_rotation import DAY, USE, kept, rotate

Row = dict[str, Any]
EVENTS = "SELECT region, rule, cause, code, username, sentence, data FROM event WHERE credential = %s AND rule = 'C4'"


class Keeper:
    """Each turn finds everything due."""

    def __init__(self, settings: Settings) -> None:
        self.database = Database(settings.database("api"))

    def turn(self) -> None:
        Housekeeper(self.database, CHORES).turn()


@pytest.fixture
def keeper(settings: Settings) -> Iterator[Keeper]:
    keeper = Keeper(settings)
    yield keeper
    keeper.database.close()


def end(root: DictCursor, credential: Row, seconds: int) -> None:
    """Its grace period ended so many seconds ago."""
    ended = "UPDATE credential SET old_until = UTC_TIMESTAMP(3) - INTERVAL %s SECOND WHERE id = %s"
    root.execute(ended, (seconds, credential["id"]))


def changes(root: DictCursor, credential: Row) -> list[Any]:
    root.execute("SELECT data FROM change_log WHERE entity_id = %s ORDER BY n", (credential["id"],))
    return [json.loads(row["data"]) for row in root.fetchall()]


def warnings(root: DictCursor, credential: Row) -> list[Row]:
    root.execute(EVENTS, (credential["id"],))
    return list(root.fetchall())


def test_C4_an_old_password_is_cleared_away_when_every_regions_clock_is_beyond_its_end(
    client: FlaskClient, credential: Row, root: DictCursor, keeper: Keeper
) -> None:
    rotate(client, credential, DAY)
    end(root, credential, 50)
    keeper.turn()
    assert kept(root, credential)["old_ha1"] is not None
    tag = client.get(f"/v1/credentials/{credential['id']}").headers["ETag"]
    end(root, credential, 61)
    keeper.turn()
    row = kept(root, credential)
    assert (row["old_ha1"], row["old_until"]) == (None, None)
    assert changes(root, credential) == [{"username": credential["username"]}] * 3
    assert client.get(f"/v1/credentials/{credential['id']}").headers["ETag"] == tag
    keeper.turn()
    assert len(changes(root, credential)) == 3
    done = client.get("/v1/audit", query_string={"entity_id": credential["id"], "action": "end-grace"})
    assert [entry["actor_kind"] for entry in done.get_json()["items"]] == ["service"]


def test_C4_many_are_cleared_in_one_turn(root: DictCursor, keeper: Keeper) -> None:
    root.execute(
        "INSERT INTO credential (id, username, ha1, label, old_ha1, old_until) SELECT CONCAT('cr-many-', seq),"
        " CONCAT('many', seq), MD5(seq), 'many', MD5(seq), UTC_TIMESTAMP(3) - INTERVAL 1 HOUR FROM seq_1_to_%s",
        (2 * AT_ONCE + 1,),
    )
    keeper.turn()
    root.execute("SELECT count(*) AS n FROM credential WHERE label = 'many' AND old_ha1 IS NOT NULL")
    assert (root.fetchone() or {})["n"] == 0
    root.execute("DELETE FROM credential WHERE label = 'many'")


def test_C4_a_day_before_the_end_there_is_one_warning_a_rotation(
    client: FlaskClient, credential: Row, root: DictCursor, keeper: Keeper
) -> None:
    rotate(client, credential, DAY + 3600)
    keeper.turn()
    assert warnings(root, credential) == []
    rotate(client, credential, DAY)
    for _ in range(3):
        keeper.turn()
    (event,) = warnings(root, credential)
    assert (event["region"], event["cause"], event["code"]) == (None, "unseen", None)
    assert event["username"] == credential["username"]
    until = kept(root, credential)["old_until"]
    assert event["sentence"] == warning(credential["username"], until)
    assert list(json.loads(event["data"])) == ["until"]
    (listed,) = client.get("/v1/events", query_string={"credential": credential["id"]}).get_json()["items"]
    assert (listed["region"], listed["sentence"]) == (None, event["sentence"])
    rotate(client, credential, 3600)
    keeper.turn()
    assert len(warnings(root, credential)) == 2


def test_C4_there_is_no_warning_when_any_region_has_seen_the_new_password(
    client: FlaskClient, credential: Row, root: DictCursor, keeper: Keeper
) -> None:
    rotate(client, credential, 3600)
    root.execute(USE, (credential["username"], 1, "nw1", "2026-01-30 12:00:00.000"))
    root.execute(USE, (credential["username"], 2, "se1", "2026-01-31 12:00:00.000"))
    keeper.turn()
    assert warnings(root, credential) == []


def test_C4_there_is_no_warning_of_what_is_over(
    client: FlaskClient, credential: Row, root: DictCursor, keeper: Keeper
) -> None:
    rotate(client, credential, 3600)
    end(root, credential, 1)
    keeper.turn()
    assert warnings(root, credential) == []


def test_uses_of_passwords_that_nobody_has_are_forgotten(
    client: FlaskClient, credential: Row, root: DictCursor, keeper: Keeper
) -> None:
    for _ in range(2):
        rotate(client, credential)
    for username, version in ((credential["username"], 1), (credential["username"], 2), (credential["username"], 3)):
        root.execute(USE, (username, version, "nw1", "2026-01-30 12:00:00.000"))
    root.execute(USE, ("long-gone", 1, "nw1", "2026-01-30 12:00:00.000"))
    keeper.turn()
    select = "SELECT username, version FROM password_use WHERE username IN (%s, 'long-gone') ORDER BY version"
    root.execute(select, (credential["username"],))
    assert [(row["username"], row["version"]) for row in root.fetchall()] == [
        (credential["username"], 2),
        (credential["username"], 3),
    ]


def test_idempotency_keys_of_yesterday_are_forgotten(client: FlaskClient, root: DictCursor, keeper: Keeper) -> None:
    for key in ("old", "new"):
        client.post("/v1/credentials", json={"label": "x"}, headers={"Idempotency-Key": f"kept-{key}"})
    root.execute("UPDATE idempotent_request SET created_at = created_at - INTERVAL 25 HOUR WHERE `key` = 'kept-old'")
    keeper.turn()
    root.execute("SELECT `key` FROM idempotent_request WHERE `key` LIKE 'kept-%%'")
    assert [row["key"] for row in root.fetchall()] == ["kept-new"]


def test_sessions_and_attempts_whose_time_is_over_are_forgotten(root: DictCursor, keeper: Keeper) -> None:
    root.execute("INSERT INTO user (id, name, password, role) VALUES ('us-kept', 'kept', '', 'read')")
    insert = "INSERT INTO session (id, hash, user, address, expires_at) VALUES (%s, %s, 'us-kept', '', {end})"
    root.execute(insert.format(end="UTC_TIMESTAMP(3)"), ("se-over", "a" * 64))
    root.execute(insert.format(end="UTC_TIMESTAMP(3) + INTERVAL 1 HOUR"), ("se-kept", "b" * 64))
    tried = "INSERT INTO sign_in_attempt (name, address, at) VALUES ('kept', '', UTC_TIMESTAMP(3) - INTERVAL %s DAY)"
    root.executemany(tried, [(0,), (365,)])
    keeper.turn()
    root.execute("SELECT id FROM session WHERE user = 'us-kept'")
    assert [row["id"] for row in root.fetchall()] == ["se-kept"]
    root.execute("SELECT count(*) AS n FROM sign_in_attempt WHERE name = 'kept'")
    assert (root.fetchone() or {})["n"] == 1
    root.execute("DELETE FROM sign_in_attempt WHERE name = 'kept'")
    root.execute("DELETE FROM user WHERE id = 'us-kept'")


def test_only_one_of_several_hosts_does_the_chores(
    client: FlaskClient, credential: Row, root: DictCursor, keeper: Keeper, settings: Settings
) -> None:
    rotate(client, credential, 3600)
    end(root, credential, 3600)
    with connected(settings, "api") as other:
        other.execute(TAKE_LOCK)
        keeper.turn()
        assert kept(root, credential)["old_ha1"] is not None
    keeper.turn()
    assert kept(root, credential)["old_ha1"] is None


@pytest.mark.filterwarnings("ignore:unclosed .*socket:ResourceWarning")
def test_F2_it_goes_on_when_MariaDB_is_back(
    client: FlaskClient, credential: Row, settings: Settings, mariadb: MariaDB
) -> None:
    rotate(client, credential, 3600)
    with connected(settings, "root") as before:
        end(before, credential, 3600)
    database = Database(settings.database("api"))
    housekeeper = Housekeeper(database, CHORES)
    mariadb.stop()
    try:
        housekeeper.turn()
    finally:
        mariadb.start()
        gc.collect()

    def cleared() -> bool:
        housekeeper.turn()
        with connected(settings, "root") as root:
            return kept(root, credential)["old_ha1"] is None

    wait_until(cleared, what="the old password is cleared away")
    assert client.get("/v1/health").status_code == 200
    database.close()
    gc.collect()
