"""Connections to MariaDB, and what happens when it is away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, cast

import pymysql
from dbutils.pooled_db import PooledDB  # type: ignore[import-untyped]
from pymysql.constants import CR, ER
from pymysql.cursors import DictCursor
from pymysql.err import InterfaceError, MySQLError, OperationalError

from api.settings import DatabaseSettings

CONNECT_TIMEOUT: Final = 3
ANSWER_TIMEOUT: Final = 10
POOL_SIZE: Final = 16
SESSION: Final = (
    "SET time_zone = '+00:00'",
    "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
    "SET SESSION optimizer_switch = 'index_merge=off,rowid_filter=off', in_predicate_conversion_threshold = 0",
)
"""The last keeps lists on one index each, whose order is the list's: to merge two means to sort all that they find.
So does a join with what stands in brackets behind IN, which MariaDB makes of a thousand values."""
LOST: Final = frozenset(
    {
        ER.SERVER_SHUTDOWN,
        1927,  # connection was killed
        CR.CR_CONNECTION_ERROR,
        CR.CR_CONN_HOST_ERROR,
        CR.CR_SERVER_GONE_ERROR,
        CR.CR_SERVER_LOST,
    }
)
"""MariaDB's error numbers that say that it is away."""
LATER: Final = LOST | frozenset(
    {
        ER.CON_COUNT_ERROR,
        ER.LOCK_WAIT_TIMEOUT,
        ER.QUERY_INTERRUPTED,
        ER.OPTION_PREVENTS_STATEMENT,
    }
)
"""MariaDB's error numbers that say "not now"; every other one is a fault of the program."""


class DatabaseUnavailableError(Exception):
    """MariaDB cannot be asked now; the same request may succeed later."""


class DatabaseBusyError(DatabaseUnavailableError):
    """Two transactions waited for each other, and this one had to give way: it may succeed at once."""


class ForeignCharactersError(Exception):
    """An identifier holds characters that no identifier can hold: MariaDB refuses to compare it with ASCII columns."""


def connection_arguments(settings: DatabaseSettings) -> dict[str, Any]:
    """Arguments of `pymysql.connect` for one account. Errors: OSError when its password file cannot be read."""
    place: dict[str, Any] = {"unix_socket": str(settings.unix_socket)}
    if settings.unix_socket is None:
        place = {"host": settings.host, "port": settings.port}
    return place | {
        "user": settings.user,
        "password": settings.password(),
        "charset": "utf8mb4",
        "cursorclass": DictCursor,
        "connect_timeout": CONNECT_TIMEOUT,
        "read_timeout": ANSWER_TIMEOUT,
        "write_timeout": ANSWER_TIMEOUT,
    }


class Database:
    """A pool of connections of one account. Times are UTC; a transaction sees what others commit meanwhile."""

    def __init__(self, settings: DatabaseSettings) -> None:
        """Connects to nothing yet. Errors: OSError when the account's password cannot be read."""
        self._pool = PooledDB(
            pymysql,
            maxcached=POOL_SIZE,
            maxconnections=POOL_SIZE,
            blocking=True,
            setsession=list(SESSION),
            database=settings.name,
            **connection_arguments(settings),
        )

    @contextmanager
    def transaction(self) -> Iterator[DictCursor]:
        """A cursor within one transaction: committed at the end, rolled back by any exception.

        Errors: DatabaseUnavailableError (DatabaseBusyError when it lost a deadlock), ForeignCharactersError.
        """
        connection = self._connection()
        try:
            with _unavailability():
                connection.begin()
                with connection.cursor() as cursor:
                    yield cast("DictCursor", cursor)
                connection.commit()
        finally:
            connection.close()

    def close(self) -> None:
        """Close the connections that are not in use."""
        self._pool.close()

    def _connection(self) -> Any:
        try:
            return self._pool.connection()
        except MySQLError as error:
            raise DatabaseUnavailableError(_reason(error)) from error


@contextmanager
def _unavailability() -> Iterator[None]:
    try:
        yield
    except InterfaceError as error:
        raise DatabaseUnavailableError(_reason(error)) from error
    except OperationalError as error:
        if error.args[0] == ER.CANT_AGGREGATE_2COLLATIONS:
            raise ForeignCharactersError from error
        if error.args[0] == ER.LOCK_DEADLOCK:
            raise DatabaseBusyError(_reason(error)) from error
        if error.args[0] not in LATER:
            raise
        raise DatabaseUnavailableError(_reason(error)) from error


def _reason(error: MySQLError) -> str:
    return f"MariaDB error {error.args[0] if error.args else 'unknown'}"
