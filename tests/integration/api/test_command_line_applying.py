"""`./turnpike apply` and `rollback`: in turn, with what came of it. The agents' part is played."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from api.cli import following
from api.settings import Settings
from tests.integration.api.conftest import Template
from tests.integration.api.played_agent import PlayedAgent, Row, played, working
from tests.integration.api.server import wait_until
from tests.integration.api.shell import CommandLine, cli, free_port, port, server, serving
from tests.integration.api.terminal import terminal
from tests.integration.api.test_command_line_configurations import agents, refuses_se1, takes_all

__all__ = ["agents", "cli", "port", "server"]
pytestmark = pytest.mark.usefixtures("server", "agent", "no_domains")


def rolls_back(_: Row) -> tuple[str, str | None]:
    return "rolled-back", "the canary got no answer"


@pytest.fixture
def se1(settings: Settings) -> Iterator[PlayedAgent]:
    with played(settings, "se1") as agent:
        yield agent


def states(cli: CommandLine, region: str) -> list[tuple[str, int, str]]:
    return [(row["action"], row["version"], row["state"]) for row in cli.json("history", region)]


@pytest.mark.usefixtures("agents")
def test_F3_apply_brings_every_region_what_is_rendered_in_turn(cli: CommandLine) -> None:
    done = cli.run("apply")
    assert done.exit_code == 0, done.output
    assert done.stdout.index("nw1: version 1   0.0 s  waiting") < done.stdout.index(
        "in force, the gateway was restarted"
    )
    first, second = cli.json("history")
    assert (first["region"], second["region"]) == ("se1", "nw1")
    assert second["ended_at"] <= first["asked_at"], "never two at once"
    assert cli.run("diff").exit_code == 0
    assert cli.run("apply").stdout == "nw1: version 1 is in force already\nse1: version 1 is in force already\n"


@pytest.mark.usefixtures("agents")
def test_F3_rollback_brings_back_what_was_before(cli: CommandLine, template: Template) -> None:
    for text in ("# one\n", "# two\n"):
        template(text)
        assert cli.run("apply", "nw1").exit_code == 0
    back = cli.run("rollback", "nw1")
    assert back.exit_code == 0, back.output
    assert "-# two\n+# one\n" in back.stdout
    assert states(cli, "nw1") == [("rollback", 1, "in-force"), ("apply", 2, "in-force"), ("apply", 1, "in-force")]
    assert cli.run("apply", "nw1", "--version", "2").exit_code == 0
    assert cli.run("rollback", "nw1", "--version", "2").stdout == "nw1: version 2 is in force already\n"
    assert cli.run("diff", "nw1").exit_code == 0


def test_rollback_with_nothing_before_is_one_line(cli: CommandLine) -> None:
    assert "Nothing was in force in region nw1 before" in cli.refusal("rollback", "nw1")


def test_F3_apply_stops_at_the_first_region_that_fails(cli: CommandLine, settings: Settings) -> None:
    with working(settings, "nw1", rolls_back), working(settings, "se1", takes_all) as done_by_se1:
        refusal = cli.run("apply")
    assert refusal.exit_code == 1
    assert refusal.stderr.endswith(
        "Error: nw1: version 1 was rolled back: the canary got no answer; left as it is: se1\n"
    )
    assert done_by_se1 == []


def test_F3_a_refusal_is_told_with_its_reason(cli: CommandLine, settings: Settings) -> None:
    with working(settings, "nw1", takes_all), working(settings, "se1", refuses_se1):
        refusal = cli.run("apply")
    assert refusal.exit_code == 1
    assert refusal.stderr.endswith("Error: se1: version 1 was refused: kamailio.cfg, line 7: syntax error\n")
    assert [row["state"] for row in cli.json("history")] == ["refused", "in-force"]


def test_F3_a_broken_template_stops_apply_before_anything(cli: CommandLine, template: Template) -> None:
    template("{{ nothing }}")
    assert "'nothing' is undefined" in cli.refusal("apply")
    assert cli.json("history") == []


def test_a_version_goes_with_a_region_only(cli: CommandLine) -> None:
    for command in ("apply", "rollback"):
        done = cli.run(command, "--version", "1")
        assert (done.exit_code, "--version needs a REGION" in done.stderr) == (2, True)
    assert "no version 7" in cli.refusal("apply", "nw1", "--version", "7")


def test_a_second_one_hears_of_the_first(cli: CommandLine, client: FlaskClient, agent: PlayedAgent) -> None:
    made = client.post("/v1/regions/nw1/applications", json={"action": "apply"}).get_json()
    agent.take(made["id"])
    assert f"Application {made['id']} (apply) of region nw1 is checking" in cli.run("apply", "nw1").stderr


def test_where_nobody_can_answer_a_silent_agent_ends_it(cli: CommandLine, agent: PlayedAgent) -> None:
    agent.is_alive(False)
    done = cli.run("apply", "nw1")
    assert done.exit_code == 1
    assert "nw1: its agent is silent" in done.stderr
    assert done.stderr.endswith("Error: nw1: version 1 was withdrawn\n")
    assert states(cli, "nw1") == [("apply", 1, "withdrawn")]


def test_an_agent_that_does_not_begin_is_told_of_too(
    cli: CommandLine, agent: PlayedAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "OVERDUE", 0.5)
    agent.is_alive()
    assert "nw1: its agent does not begin\nError: nw1: version 1 was withdrawn\n" in cli.run("apply", "nw1").stderr


def test_on_a_terminal_it_asks_first(settings: Settings, port: int, cli: CommandLine) -> None:
    with terminal(settings, port, "apply") as screen:
        assert "\x1b[32m+" in screen.until("Apply version 1 in nw1? [y/N]"), "in colours"
        screen.types("n\n")
        assert screen.ended() == 1, screen.shown
        assert "nw1 was left as it is; left as it is: se1" in screen.shown
    assert cli.json("history") == []
    with working(settings, "nw1", takes_all), terminal(settings, port, "apply", "nw1") as screen:
        screen.until("[y/N]")
        screen.types("y\n")
        assert screen.ended() == 0, screen.shown


def test_ctrl_c_leaves_what_has_begun_going_on(
    settings: Settings, port: int, cli: CommandLine, agent: PlayedAgent
) -> None:
    with terminal(settings, port, "apply", "nw1", "--yes") as screen:
        agent.take(wait_until(agent.waiting, what="the application")["id"])
        screen.until("checking")
        screen.interrupts()
        assert screen.ended() == 1, screen.shown
        assert "goes on without you: ./turnpike history nw1" in screen.shown
    assert states(cli, "nw1") == [("apply", 1, "checking")]


def test_ctrl_c_leaves_what_an_agent_will_take_waiting(settings: Settings, port: int, cli: CommandLine) -> None:
    with working(settings, "se1", takes_all), terminal(settings, port, "apply", "nw1", "--yes") as screen:
        screen.until("waiting")
        screen.interrupts()
        assert screen.ended() == 1, screen.shown
        assert "goes on without you" in screen.shown
    assert states(cli, "nw1") == [("apply", 1, "waiting")]


@pytest.mark.parametrize("answer", ["y\n", "\x03"])
def test_a_silent_agent_is_told_and_it_can_be_withdrawn(
    settings: Settings, port: int, cli: CommandLine, agent: PlayedAgent, answer: str
) -> None:
    agent.is_alive(False)
    with terminal(settings, port, "apply", "nw1", "--yes") as screen:
        screen.until("Withdraw it?")
        screen.interrupts() if answer == "\x03" else screen.types(answer)
        assert screen.ended() == 1, screen.shown
        assert "version 1 was withdrawn" in screen.shown
    assert states(cli, "nw1") == [("apply", 1, "withdrawn")]


def test_a_silent_agent_that_comes_back_takes_it(
    settings: Settings, port: int, cli: CommandLine, agent: PlayedAgent
) -> None:
    agent.is_alive(False)
    with terminal(settings, port, "apply", "nw1", "--yes") as screen:
        screen.until("Withdraw it?")
        screen.types("n\n")
        agent.is_alive()
        agent.carries_out(wait_until(agent.waiting, what="the application")["id"])
        assert screen.ended() == 0, screen.shown
    assert states(cli, "nw1") == [("apply", 1, "in-force")]


def test_a_withdrawal_that_comes_too_late_is_followed_on(
    settings: Settings, port: int, cli: CommandLine, agent: PlayedAgent
) -> None:
    agent.is_alive(False)
    with terminal(settings, port, "apply", "nw1", "--yes") as screen:
        screen.until("Withdraw it?")
        agent.carries_out(wait_until(agent.waiting, what="the application")["id"])
        screen.types("y\n")
        assert screen.ended() == 0, screen.shown
    assert states(cli, "nw1") == [("apply", 1, "in-force")]


def test_the_api_may_be_away_for_a_moment_meanwhile(settings: Settings, cli: CommandLine, agent: PlayedAgent) -> None:
    own = free_port()
    with serving(settings, own) as first, terminal(settings, own, "apply", "nw1", "--yes") as screen:
        made = wait_until(agent.waiting, what="the application")
        agent.take(made["id"])
        screen.until("checking")
        first.terminate()
        first.wait(20)
        agent.ends(made["id"], "in-force", restarted=False)
        with serving(settings, own):
            assert screen.ended() == 0, screen.shown
    assert states(cli, "nw1") == [("apply", 1, "in-force")]
