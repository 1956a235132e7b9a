"""What an operator types: command, API and agent together, while calls are in progress."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.applying.host import Host
from tests.sip.instance import ROOT

Edit = Callable[[str], str]
TEMPLATE = Path("templates/kamailio/region.cfg.j2")


@pytest.fixture
def template(host: Host) -> Iterator[Callable[[Edit], None]]:
    """Puts the shipped template with an edit in its place."""
    own = host.service.instance.home / TEMPLATE

    def put(edit: Edit) -> None:
        own.parent.mkdir(parents=True, exist_ok=True)
        own.write_text(edit((ROOT / TEMPLATE).read_text()))

    yield put
    own.unlink(missing_ok=True)


@pytest.fixture
def settings(host: Host) -> Iterator[Callable[[str], None]]:
    """Adds to settings.toml."""
    file = host.service.instance.home / "settings.toml"
    before = file.read_text()

    def add(text: str) -> None:
        file.write_text(f"{before}\n{text}\n")

    yield add
    file.write_text(before)


@pytest.mark.usefixtures("talk")
def test_F3_what_was_applied_is_taken_back_byte_for_byte(host: Host, settings: Callable[[str], None]) -> None:
    command, before = host.service.instance.run, host.folder()
    settings("[thresholds]\nflood_requests = 4321")
    assert command("diff", "nw1", check=False).returncode == 1
    done = command("apply", "nw1", "--yes")
    assert "in force, the gateway was restarted" in done.stdout
    host.is_tidy()
    assert '"flood_requests": 4321' in host.files()["region.json"]
    assert command("diff", "nw1").stdout == "nw1: no difference\n"
    assert "+" in command("diff", "se1", check=False).stdout, "nobody asked se1"
    command("rollback", "nw1", "--yes")
    host.is_tidy()
    assert host.folder() == before
    said = [line.split() for line in command("history", "nw1", "--limit", "2").stdout.splitlines()[1:]]
    assert [("rollback" in words, "first" in words) for words in said] == [(True, True), (False, True)]


@pytest.mark.usefixtures("talk")
@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (lambda text: text + "{{ nowhere }}\n", "'nowhere' is undefined"),
        (lambda text: text + "nonsense 1\n", "was refused: Kamailio refuses it"),
        (lambda text: text.replace("{{ port }}", "5070"), "was rolled back: the canary failed while registering"),
    ],
    ids=["cannot be rendered", "Kamailio refuses", "the canary fails"],
)
def test_F3_what_fails_leaves_the_old_one_in_force(
    host: Host, template: Callable[[Edit], None], edit: Edit, reason: str
) -> None:
    before, reported = host.folder(), host.reported()
    template(edit)
    done = host.service.instance.run("apply", "nw1", "--yes", check=False)
    assert done.returncode == 1
    assert reason in done.stderr
    host.is_tidy()
    assert (host.folder(), host.reported()) == (before, reported)
