"""`ready` means that all works, and what is missing is named."""

import json
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from api.service.status import Heard, Region, Status, hear
from api.service.supervisor import State
from api.settings import Settings

REGION = Region("nw1", "127.0.1.1", 200, {"snapshot": True}, snapshot=True, agent=True)
RUNNING = State("api", "RUNNING", 1, 2.0, 0)
DONE = State("setup", "EXITED", None, None, 0)
WELL = Status("/state", True, False, "http://127.0.0.1:8080", True, [RUNNING, DONE], [REGION])


def test_ready_when_everything_answers() -> None:
    assert (WELL.ready, WELL.problems) == (True, [])


@pytest.mark.parametrize(
    ("ill", "said"),
    [
        (replace(WELL, running=False), "./turnpike up"),
        (replace(WELL, api_answers=False), "the API does not answer"),
        (replace(WELL, parts=[replace(RUNNING, state="STOPPED")]), "api is stopped"),
        (replace(WELL, parts=[replace(DONE, exit_status=3)]), "setup is exited"),
        (replace(WELL, regions=[replace(REGION, options=None)]), "nw1's gateway does not answer"),
        (replace(WELL, regions=[replace(REGION, options=500)]), "nw1's gateway does not answer"),
        (replace(WELL, regions=[replace(REGION, snapshot=False)]), "nw1 knows no credentials"),
        (replace(WELL, regions=[replace(REGION, agent=False)]), "nw1's agent"),
    ],
)
def test_not_ready_and_why(ill: Status, said: str) -> None:
    assert not ill.ready
    assert said in ill.problems[0]
    assert ill.as_json()["ready"] is False


def test_a_revoked_key_says_nothing_of_agents_and_is_no_problem() -> None:
    blind = replace(WELL, regions=[replace(REGION, agent=None)], notes=["put a usable key there"])
    assert (blind.ready, blind.problems) == (True, [])
    assert blind.as_json()["notes"] == ["put a usable key there"]


class Api(BaseHTTPRequestHandler):
    """Answers as the API does when MariaDB is there and knows the key `good`."""

    def do_GET(self) -> None:
        good = self.path == "/v1/health" or self.headers["Authorization"] == "Bearer good"
        states = {"nw1": "in-service", "se1": "in-service", "eu1": "draining", "eu2": "out"}
        rows = [{"name": name, "ready": name == "nw1", "state": state} for name, state in states.items()]
        body = json.dumps({"items": rows}).encode()
        self.send_response(200 if good else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    """Of an instance whose API answers."""
    with HTTPServer(("127.0.0.1", 0), Api) as server:
        (tmp_path / "settings.toml").write_text(f"api_port = {server.server_port}\n")
        (tmp_path / "secrets").mkdir()
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield Settings.load(tmp_path)
        server.shutdown()
        thread.join()


def put_key(settings: Settings, key: str) -> None:
    (settings.home / "secrets" / "admin.key").write_text(key + "\n")


def test_the_api_tells_which_agents_it_hears(settings: Settings) -> None:
    put_key(settings, "good")
    heard = hear(settings)
    assert heard.agents == {"nw1": True, "se1": False, "eu1": False, "eu2": False}
    assert heard.notes == ["region eu1, which another host runs, is not ready: see ./turnpike status there"]


def test_a_key_that_was_revoked_is_named(settings: Settings) -> None:
    put_key(settings, "revoked")
    note = "the key in secrets/admin.key is revoked: put a usable one there"
    assert hear(settings) == Heard(True, None, [note])


def test_a_key_that_is_missing_is_named(settings: Settings) -> None:
    (note,) = hear(settings).notes
    assert "admin.key cannot be read" in note


def test_an_api_that_is_away_does_not_answer(settings: Settings) -> None:
    put_key(settings, "good")
    away = settings.model_copy(update={"api_address": "127.0.15.99"})
    assert hear(away) == Heard(False, {})


def test_F1_a_region_serves_without_its_agent() -> None:
    assert replace(REGION, agent=False).serves
