"""A name for each request, in its answer and in the log, so that the two can be brought together."""

from __future__ import annotations

import logging
import re
import secrets
from typing import Final

from flask import Flask, Response, g, has_request_context, request

HEADER: Final = "X-Request-ID"
SENDERS_OWN: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


def install(app: Flask) -> None:
    """Name every answer of `app`, and every line that it logs."""
    app.after_request(_name_answer)
    app.logger.addFilter(_name_line)


def request_id() -> str:
    """The sender's own X-Request-ID if it can be used, else one that is made up."""
    if "request_id" not in g:
        own = request.headers.get(HEADER, "")
        g.request_id = own if SENDERS_OWN.fullmatch(own) else secrets.token_hex(8)
    return str(g.request_id)


def _name_answer(response: Response) -> Response:
    response.headers[HEADER] = request_id()
    return response


def _name_line(record: logging.LogRecord) -> bool:
    if has_request_context():
        record.msg = f"{request_id()} {record.msg}"
    return True
