"""What the supervisor is told, and what it passes on."""

import configparser
from pathlib import Path

import pytest

from api.service.parts import Part
from api.service.supervisor import State, configuration, environment

PART = Part("nw1-gateway", ["/usr/sbin/kamailio", "-f", "a file"], rank=30, grace=0)


def program(part: Part, home: Path = Path("/state")) -> configparser.SectionProxy:
    file = configparser.RawConfigParser()
    file.read_string(configuration(home / "run", home / "log", [part]))
    return file[f"program:{part.name}"]


def test_a_part_that_dies_is_always_started_again() -> None:
    told = program(PART)
    assert (told["autorestart"], told["startsecs"]) == ("true", "0")


def test_a_part_that_may_end_is_started_again_only_after_an_accident() -> None:
    told = program(Part("setup", ["x"], rank=1, grace=1, forever=False))
    assert (told["autorestart"], told["exitcodes"]) == ("unexpected", "0,3")


def test_a_percent_sign_or_a_space_in_the_state_folder_is_taken_literally() -> None:
    told = program(PART, Path("/state 100%"))
    assert "'/state 100%%/run'" in told["command"]
    assert told["stdout_logfile"] == "/state 100%%/log/nw1-gateway.log"


def test_no_secret_of_the_caller_s_environment_reaches_the_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TURNPIKE_API_KEY", "tp_secret")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("TURNPIKE_API_PORT", "8081")
    told = environment(Path("/state"))
    assert "secret" not in " ".join(told.values())
    assert (told["TURNPIKE_API_PORT"], told["TURNPIKE_VAR"]) == ("8081", "/state")


def test_only_setup_may_be_done() -> None:
    assert State("setup", "EXITED", None, None, 0).done
    assert not State("setup", "EXITED", None, None, 3).done
    assert not State("api", "EXITED", None, None, 0).done
