"""Rows for the lists of `listings.py`."""

from __future__ import annotations

from pymysql.cursors import DictCursor

FILLED = (
    "INSERT INTO configuration (region, version, digest, files, actor_kind)"
    " SELECT IF(seq % 2, 'nw1', 'se1'), seq, CONCAT('d', seq), '{}', 'key' FROM seq_1_to_20000",
    "INSERT INTO application (region, version, action, state, actor_kind)"
    " SELECT IF(seq % 2, 'nw1', 'se1'), seq, 'apply', 'in-force', 'key' FROM seq_1_to_20000",
    "INSERT IGNORE INTO tenant (account_id, name) SELECT CONCAT('t', seq), 'x' FROM seq_0_to_19",
    "INSERT INTO credential (id, username, ha1, label, tenant, created_at)"
    " SELECT CONCAT('cr-', seq), CONCAT('u', seq), '', CONCAT('office ', seq), CONCAT('t', seq % 20),"
    " '2026-01-01' + INTERVAL seq SECOND FROM seq_0_to_19999",
    "INSERT INTO user (id, name, password, role, tenant, created_at) SELECT CONCAT('u-', seq), CONCAT('p', seq), '',"
    " ELT(1 + seq % 3, 'read', 'operate', 'administer'), IF(seq % 3 = 2, NULL, CONCAT('t', seq % 20)),"
    " '2026-01-01' + INTERVAL seq SECOND FROM seq_0_to_19999",
    "INSERT INTO number (number, tenant, credential)"
    " SELECT CONCAT('+1', 4155550000 + seq), CONCAT('t', seq % 20), IF(seq % 10, CONCAT('cr-', seq), NULL)"
    " FROM seq_0_to_19999",
    "INSERT INTO binding (region, username, version, state, uid, expires_at, changed_at)"
    " SELECT IF(seq % 2, 'nw1', 'se1'), CONCAT('u', seq), 1, 'live', CONCAT('b-', seq), '2199-01-01', '2026-01-01'"
    " FROM seq_0_to_19999",
    "INSERT INTO block (uid, region, address, username, cause, rule, at, until)"
    " SELECT CONCAT('k-', seq), IF(seq % 2, 'nw1', 'se1'), CONCAT('192.0.2.', seq % 250), CONCAT('u', seq), 'x', 'R4',"
    " '2026-01-01' + INTERVAL seq SECOND, '2199-01-01' FROM seq_0_to_19999",
    "INSERT INTO event (region, at, rule, cause, username, credential, address, sentence)"
    " SELECT IF(seq % 2, 'nw1', 'se1'), '2026-01-01', CONCAT('R', seq % 7), 'x', CONCAT('u', seq % 100),"
    " CONCAT('cr-', seq % 100), CONCAT('192.0.2.', seq % 250), 'x' FROM seq_0_to_19999",
    "INSERT INTO audit (actor_kind, actor, action, entity, entity_id, tenant, request_id)"
    " SELECT 'key', CONCAT('key-', seq % 9), ELT(1 + seq % 3, 'make', 'change', 'rotate'),"
    " ELT(1 + seq % 2, 'credential', 'number'), CONCAT('cr-', seq), CONCAT('t', seq % 20), CONCAT('r', seq)"
    " FROM seq_0_to_19999",
    "INSERT INTO zone (domain, version, serial, digest, text, actor_kind)"
    " SELECT CONCAT('d', seq % 20, '.example'), 1 + seq DIV 20, seq, '', '', 'key' FROM seq_0_to_19999",
    "INSERT INTO cdr (id, region, started_at) VALUES ('c-live', 'nw1', '2026-01-31')",
    "INSERT INTO cdr (id, region, started_at, direction, credential, username, number, tenant, caller, callee,"
    " answered_at, ended_at, code, rule) SELECT CONCAT('m-', seq), IF(seq % 2, 'nw1', 'se1'),"
    " '2026-01-01' + INTERVAL seq SECOND, IF(seq % 3, 'outbound', 'inbound'), CONCAT('cr-', seq % 40),"
    " CONCAT('u', seq % 40), CONCAT('+1415555', seq % 100), CONCAT('t', seq % 20), CONCAT('+1415555', seq % 100),"
    " CONCAT('+1212555', seq % 1000), IF(seq % 4, '2026-01-01' + INTERVAL seq SECOND, NULL),"
    " '2026-01-01' + INTERVAL seq + 9 SECOND, IF(seq % 4, 200, 503), IF(seq % 4, NULL, 'O3') FROM seq_1_to_20000",
)
TABLES = (
    "application",
    "configuration",
    "zone",
    "cdr",
    "audit",
    "event",
    "block",
    "binding",
    "user",
    "number",
    "credential",
    "tenant",
)


def fill(root: DictCursor) -> None:
    """Enough rows for MariaDB to think about its way, of few values each, as filters find them."""
    empty(root)
    for statement in FILLED:
        root.execute(statement)
    root.execute(f"ANALYZE TABLE {', '.join(TABLES)}, usage_day, api_key")


def empty(root: DictCursor) -> None:
    """Nothing is left."""
    for table in TABLES:
        root.execute(f"DELETE FROM {table}")  # noqa: S608
