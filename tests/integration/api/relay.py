"""Stands between the command line and the API, and loses answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx


class Forgetful(ThreadingHTTPServer):
    """Hands requests on to the API, and loses the first answer."""

    def __init__(self, port: int, lose: int) -> None:
        super().__init__(("127.0.11.1", 0), Relay)
        self.target, self.lose = f"http://127.0.11.1:{port}", lose
        self.passed: list[tuple[str, str | None, str | None]] = []


class Relay(BaseHTTPRequestHandler):
    server: Forgetful

    def log_message(self, *_: object) -> None:
        """Says nothing."""

    def _relay(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer = httpx.request(
            self.command, self.server.target + self.path, headers=dict(self.headers), content=body, trust_env=False
        )
        self.server.passed.append((self.command, self.headers["Idempotency-Key"], self.headers["If-Match"]))
        if len(self.server.passed) <= self.server.lose:
            self.close_connection = True
            return
        self.send_response(answer.status_code)
        for name in ("Content-Type", "ETag", "Content-Length"):
            if name in answer.headers:
                self.send_header(name, answer.headers[name])
        self.end_headers()
        self.wfile.write(answer.content)

    do_GET = do_POST = do_PATCH = do_DELETE = _relay  # noqa: N815


@contextmanager
def forgetful(port: int, lose: int = 1) -> Iterator[Forgetful]:
    with Forgetful(port, lose) as relay:
        thread = threading.Thread(target=relay.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield relay
        finally:
            relay.shutdown()
            thread.join(10)


def url(relay: Forgetful) -> str:
    return f"http://127.0.11.1:{relay.server_address[1]}"
