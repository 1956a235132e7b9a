"""The documentation page comes from this service alone, and a browser shows it."""

from __future__ import annotations

import re
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from tests.integration.api.test_bad_input import problem

ASSETS = {
    "docs/swagger-ui.css": "text/css",
    "docs/swagger-ui-bundle.js": "text/javascript",
    "docs/start.js": "text/javascript",
}


def policy(answer: object) -> dict[str, str]:
    text = answer.headers["Content-Security-Policy"]  # type: ignore[attr-defined]
    return dict(each.split(" ", 1) for each in text.split("; "))


def test_page_and_what_it_consists_of_need_no_key(anonymous: FlaskClient) -> None:
    page = anonymous.get("/docs", buffered=True)
    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert {each for each in re.findall(r'(?:src|href)="([^"]+)"', page.text) if each != "data:,"} == {
        *ASSETS,
        "openapi.json",
    }
    for path, kind in ASSETS.items():
        answer = anonymous.get(f"/{path}", buffered=True)
        assert (answer.status_code, answer.mimetype) == (200, kind)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert anonymous.get("/docs/start.js", buffered=True).text.count("openapi.json") == 1


def test_nothing_inline_and_no_other_host(anonymous: FlaskClient) -> None:
    page = anonymous.get("/docs", buffered=True)
    assert not re.search(r"<script(?![^>]*src)|<style|\son\w+=|style=|//", page.text.partition("<html")[2])
    found = policy(page)
    assert found["default-src"] == "'none'"
    assert {found[name] for name in ("script-src", "style-src", "connect-src")} == {"'self'"}
    assert found["frame-ancestors"] == "'none'"


@pytest.mark.parametrize("path", ["docs/none", "docs/index.html", "docs/../api.md", "docs/%2e%2e/docs/start.js"])
def test_nothing_else_is_served_there(anonymous: FlaskClient, path: str) -> None:
    problem(anonymous.get(f"/{path}"), 404)


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


def test_a_browser_shows_an_operation(address: str, tmp_path: Path) -> None:
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--enable-logging=stderr")
    alone = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    place = (f"--user-data-dir={tmp_path}", "--virtual-time-budget=20000", "--dump-dom")
    shown = subprocess.run(
        ["chromium", *options, alone, *place, f"{address}/docs#/tenants/create_tenant"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    for text in ("OAS 3.1", "Who PBXs and numbers belong to", "Create a tenant", "it exists already", "Try it out"):
        assert text in shown.stdout
    assert "Refused to" not in shown.stderr, "the page does what its Content-Security-Policy forbids"
