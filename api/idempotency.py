"""Requests that are sent again because their answer was lost: the header Idempotency-Key of a POST.

The key is written in the transaction of the change, so that there is one exactly when there is the other; a copy that
comes meanwhile waits for that transaction's end. Keys are forgotten after a day. What is told once (a password, a key)
is not kept, and cannot be told again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import request
from pymysql.cursors import DictCursor
from pymysql.err import IntegrityError

from api.operations import Once, operation
from api.principal import Principal
from api.problems import Refusal, wrong_field

HEADER: Final = "Idempotency-Key"
PATTERN: Final = r'"?[A-Za-z0-9._~:+=-]{1,64}"?'
KEPT_HOURS: Final = 24


class AskedBeforeError(Exception):
    """The request was carried out before: this is its answer again."""

    def __init__(self, status: int, answer: Mapping[str, Any], change: int | None, region: str | None) -> None:
        super().__init__()
        self.status = status
        self.answer = dict(answer)
        self.change = change
        self.region = region


@dataclass(frozen=True)
class Asked:
    """A request that carries a key, and has not been carried out before."""

    principal: str
    key: str

    def note(self, cursor: DictCursor, answer: Mapping[str, Any], change: int | None, region: str | None) -> None:
        """Keep the answer, except what is told once."""
        known = operation()
        if known is None:
            return
        told_once = known.once.fields if known.once else ()
        kept = {name: value for name, value in known.shown(answer).items() if name not in told_once}
        cursor.execute(
            "UPDATE idempotent_request SET status = %s, answer = %s, told_once = %s, `change` = %s, region = %s"
            " WHERE principal = %s AND `key` = %s",
            (known.status, json.dumps(kept), bool(told_once), change, region, self.principal, self.key),
        )


def begin(cursor: DictCursor, principal: Principal) -> Asked | None:
    """Take the key of the request at hand, if it has one. To be called first in its transaction.

    Errors: AskedBeforeError; Refusal (409: what it told cannot be told again, or another request had this key; 422).
    """
    key = given_key()
    if key is None:
        return None
    fingerprint = _fingerprint(principal.tenant)
    try:
        cursor.execute(
            "INSERT INTO idempotent_request (principal, `key`, fingerprint) VALUES (%s, %s, %s)",
            (principal.id, key, fingerprint),
        )
    except IntegrityError:
        _repeat(cursor, principal, key, fingerprint)
    return Asked(principal.id, key)


def given_key() -> str | None:
    """That of the request at hand, if it has one. Errors: Refusal (422)."""
    if request.method != "POST" or HEADER not in request.headers:
        return None
    key = request.headers[HEADER]
    if not re.fullmatch(PATTERN, key):
        raise wrong_field(HEADER, "send 1 to 64 letters, digits and ._~:+=- such as a UUID")
    return key.strip('"')


def forget(cursor: DictCursor) -> int:
    """Drop keys that are older than a day, at most a thousand at once; returns how many."""
    return cursor.execute(
        "DELETE FROM idempotent_request WHERE created_at < UTC_TIMESTAMP(3) - INTERVAL %s HOUR LIMIT 1000",
        (KEPT_HOURS,),
    )


def _repeat(cursor: DictCursor, principal: Principal, key: str, fingerprint: str) -> None:
    cursor.execute(
        "SELECT fingerprint, status, answer, told_once, `change`, region FROM idempotent_request"
        " WHERE principal = %s AND `key` = %s",
        (principal.id, key),
    )
    row = cursor.fetchone()
    if row is None:  # it was forgotten at this moment
        raise Refusal(409, "key-in-use", f"Another request with this {HEADER} is under way: repeat this one.")
    if row["fingerprint"] != fingerprint:
        detail = f"{HEADER}: another request had this key: take a new key for each request, and keep it for its copies."
        raise Refusal(409, "key-used-before", detail)
    answer = json.loads(row["answer"])
    known = operation()
    if row["told_once"] and known and known.once:
        raise _told(known.once, answer)
    raise AskedBeforeError(row["status"], answer, row["change"], row["region"])


def _told(once: Once, answer: dict[str, Any]) -> Refusal:
    detail = f"This request was carried out before, and what it told cannot be told again: {once.instead}"
    return Refusal(409, "told-once", detail.format(**answer), more={"made": answer})


def _fingerprint(tenant: str | None) -> str:
    """Tells requests apart, and those of a person who is bound to another `tenant` by now.

    SHA-256: what was sent cannot be read from it.
    """
    sent = "\n".join((request.method, request.full_path, request.mimetype, tenant or ""))
    return hashlib.sha256(sent.encode() + b"\n" + request.get_data(cache=True)).hexdigest()
