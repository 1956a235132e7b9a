"""MariaDB accounts: one for the API, one for each region, each with no more than it needs."""

from __future__ import annotations

from typing import Final

from pymysql.cursors import Cursor

from api.passwords import new_password
from api.secret_files import write_secret
from api.settings import DatabaseSettings

Grants = tuple[tuple[str, str], ...]

API_GRANTS: Final[Grants] = (
    ("SELECT, INSERT, UPDATE, DELETE", "tenant"),
    ("SELECT, INSERT, UPDATE, DELETE", "credential"),
    ("SELECT, INSERT, UPDATE, DELETE", "number"),
    ("SELECT, INSERT, UPDATE, DELETE", "core"),
    ("SELECT, INSERT, UPDATE, DELETE", "emergency_number"),
    ("SELECT, INSERT, UPDATE, DELETE", "user_agent"),
    ("SELECT, INSERT, UPDATE", "api_key"),
    ("SELECT, INSERT, UPDATE, DELETE", "user"),
    ("SELECT, INSERT, UPDATE, DELETE", "session"),
    ("SELECT, INSERT, DELETE", "sign_in_attempt"),
    ("SELECT, INSERT", "audit"),
    ("SELECT, INSERT, UPDATE, DELETE", "idempotent_request"),
    ("SELECT, INSERT, UPDATE, DELETE", "import_progress"),
    ("SELECT, UPDATE", "change_counter"),
    ("SELECT, INSERT", "change_log"),
    ("SELECT", "deployment"),
    ("SELECT, DELETE", "region"),
    ("INSERT (name, address, state, label), UPDATE (address, state, label, updated_at, revision)", "region"),
    ("SELECT, INSERT", "binding_sync"),
    ("SELECT, INSERT, UPDATE, DELETE", "domain"),
    ("SELECT, INSERT", "zone"),
    ("SELECT, INSERT", "configuration"),
    ("SELECT, INSERT, UPDATE", "application"),
    ("SELECT", "binding"),
    ("SELECT", "binding_past"),
    ("SELECT", "registration"),
    ("SELECT", "block"),
    ("SELECT, INSERT", "event"),
    ("SELECT, DELETE", "password_use"),
    ("SELECT", "cdr"),
    ("SELECT", "usage_day"),
    ("SELECT, DELETE", "traffic_level"),
    ("SELECT, DELETE", "traffic_start"),
    ("SELECT, DELETE", "traffic_refusal"),
    ("SELECT, DELETE", "traffic_refusal_quarter"),
)
REGION_REPORTS: Final = (
    "heartbeat_at, store_change, applied_change, gateway_at, gateway_started_at, agent_started_at, "
    "credentials, bindings, calls, channels, test_limits, configuration, configuration_digest, dead_cores"
)
REGION_GRANTS: Final[Grants] = (
    ("SELECT (id, username, ha1, enabled, password_version, tenant, old_ha1, old_until)", "credential"),
    ("SELECT", "user_agent"),
    ("SELECT (number, tenant, credential)", "number"),
    ("SELECT", "core"),
    ("SELECT", "emergency_number"),
    ("SELECT", "change_log"),
    ("SELECT", "change_counter"),
    (f"SELECT, UPDATE ({REGION_REPORTS})", "region"),
    ("SELECT, INSERT", "configuration"),
    ("SELECT, INSERT, UPDATE (state, previous, reason, began_at, ended_at, restarted)", "application"),
    ("INSERT", "event"),
    ("SELECT, INSERT, UPDATE", "password_use"),
    ("SELECT, INSERT, UPDATE, DELETE", "binding"),
    ("SELECT, INSERT, UPDATE, DELETE", "binding_past"),
    ("SELECT, INSERT, UPDATE, DELETE", "registration"),
    ("SELECT, INSERT, UPDATE", "binding_sync"),
    ("SELECT, INSERT, UPDATE", "block"),
    ("SELECT, INSERT, UPDATE", "cdr"),
    ("SELECT, INSERT, UPDATE, DELETE", "journal_position"),
)


LOCAL: Final = "localhost"
ANYWHERE: Final = "%"


def drop_account(cursor: Cursor, user: str) -> None:
    """No host logs in as `user` any more."""
    for place in (LOCAL, ANYWHERE):
        cursor.execute("DROP USER IF EXISTS %s@%s", (user, place))


def ensure_account(cursor: Cursor, account: DatabaseSettings, grants: Grants) -> None:
    """Create or mend one account: its password is what its password file says, made when there is no such file.

    An account of a private MariaDB is usable through the socket only.
    """
    if not account.password_file.exists():
        write_secret(account.password_file, new_password())
    who = (account.user, LOCAL if account.unix_socket else ANYWHERE)
    cursor.execute("CREATE USER IF NOT EXISTS %s@%s", who)
    cursor.execute("ALTER USER %s@%s IDENTIFIED BY %s", (*who, account.password()))
    for privileges, table in grants:
        cursor.execute(f"GRANT {privileges} ON `{account.name}`.`{table}` TO %s@%s", who)
