"""What an agent says of configurations when hosts and people have done other things meanwhile (F3)."""

import json
import os
from pathlib import Path

from kemi import application
from kemi.application import Application, Outcome
from kemi.configuration import digest
from tests.integration.agent.place import Deployment, Place, until

STORE = "INSERT INTO configuration (region, version, digest, files, actor_kind) VALUES ('nw1', %s, %s, %s, 'key')"
ASK = (
    "INSERT INTO application (id, region, version, action, state, actor_kind)"
    " VALUES (7, 'nw1', 4, 'apply', 'trying', 'key')"
)
REPORTED = "SELECT configuration, configuration_digest FROM region WHERE name = 'nw1'"


def files(place: Place) -> dict[str, str]:
    return {file.name: file.read_text() for file in (place.home / "current").iterdir()}


def test_F3_a_start_after_an_application_that_was_not_told_yet_is_told_too(deployment: Deployment, nw1: Place) -> None:
    """MariaDB was away when version 4 came into force, and until new software had come into force after it."""
    until(lambda: deployment.query(REPORTED)[0][0] == 1)
    nw1.kill()
    deployment.query(STORE, 4, "d" * 64, json.dumps({"of": "before"}))
    deployment.query(ASK)
    application.write(nw1.home, Application(7, 4, 1, "x", "y").ended(Outcome("in-force", None, True, 1764000000123)))
    (Path(os.readlink(nw1.home / "current")) / "more.cfg").write_text("# new software\n")
    nw1.start()
    until(lambda: deployment.query(REPORTED)[0] == (5, digest(files(nw1))))
    assert deployment.query("SELECT version, action, state FROM application ORDER BY id DESC LIMIT 2") == [
        (5, "start", "in-force"),
        (4, "apply", "in-force"),
    ]


def test_F3_an_agent_lives_with_files_that_are_no_text(deployment: Deployment, nw1: Place) -> None:
    until(lambda: deployment.query(REPORTED)[0][0] == 1)
    nw1.kill()
    (Path(os.readlink(nw1.home / "current")) / "more.cfg").write_bytes(b"\xff")
    nw1.start()
    until(lambda: "cannot be read" in nw1.log())
    number = deployment.add_credential("x7k2")
    until(lambda: nw1.store().change == number)
