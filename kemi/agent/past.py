"""Bindings that are over leave their table after an hour; the last of each credential is known for 30 days more.

Accepted registrations are overwritten by later ones; those of deleted credentials are looked for, piece by piece.
"""

from itertools import groupby

from kemi.agent import statements
from kemi.agent.database import Database

Place = tuple[int, str]
"""In the ring of accepted registrations: slot and username."""
START: Place = (0, "")


def purge_bindings(database: Database, region: str) -> None:
    """A piece of what there is to do. Errors: pymysql.MySQLError; nothing is lost then, and the next turn goes on."""
    with database.cursor() as cursor:
        cursor.execute(statements.OVER_AN_HOUR, (region,))
        over = {str(username): bool(known) for username, known in cursor.fetchall()}
        known = [username for username, exists in over.items() if exists]
        database.begin()
        if known:
            cursor.execute(statements.KEEP_PAST, (region, known))
        if over:
            cursor.execute(statements.DELETE_BINDINGS, (region, list(over)))
        database.commit()
        for statement in (statements.FORGOTTEN, statements.DELETED):
            cursor.execute(statement, (region,))
            forgotten = [str(username) for (username,) in cursor.fetchall()]
            if forgotten:
                cursor.execute(statements.DELETE_PAST, (region, forgotten))


def forget_registrations(database: Database, region: str, place: Place) -> Place:
    """Look at a piece behind `place`; where to go on. Errors: pymysql.MySQLError; looking again does no harm."""
    with database.cursor() as cursor:
        cursor.execute(statements.KEPT_REGISTRATIONS, (region, place[0], *place))
        found = [(int(slot), str(username), bool(gone)) for slot, username, gone in cursor.fetchall()]
        for slot, each in groupby((row for row in found if row[2]), key=lambda row: row[0]):
            usernames = [username for _, username, _ in each]
            cursor.execute(statements.DELETE_REGISTRATIONS, (region, slot, usernames))
    return found[-1][:2] if found else START
