"""The sender of a file: it may be killed before all of the file has come, and before the answer goes."""

from __future__ import annotations

import select
from typing import Final

from flask import request
from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]

from api.problems import Refusal

SOCKET: Final = "gunicorn.socket"


def received() -> bytes:
    """The whole file. Errors: Refusal (400) when its sender broke off: what came may look like a smaller file.

    Neither gunicorn nor Werkzeug compares it with its Content-Length; in chunks, gunicorn misses the end.
    """
    try:
        data = request.get_data()
    except ParseException as error:
        raise _cut_off() from error
    if request.content_length not in (None, len(data)):
        raise _cut_off()
    return data


def refuse_if_gone() -> None:
    """Errors: Refusal (499, as nginx has it) when the sender has closed its connection: nobody would get the answer.

    Only gunicorn says which connection it is; behind another server this sees nothing.
    """
    connection = request.environ.get(SOCKET)
    if connection is None:
        return
    poll = select.poll()
    poll.register(connection, select.POLLRDHUP)
    if poll.poll(0):
        raise Refusal(499, "sender-gone", "The sender broke off before the answer, so nothing was changed.")


def _cut_off() -> Refusal:
    return Refusal(400, "cut-off", "The file broke off before its end, so nothing was changed: send it again.")
