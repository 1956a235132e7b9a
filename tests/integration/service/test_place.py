"""One instance has one name, however its state folder is written."""

from pathlib import Path

from tests.sip.instance import Instance


def test_an_instance_is_found_through_a_link_to_its_state_folder(running: Instance, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(running.home)
    other = Instance.__new__(Instance)
    other._environment = {**running._environment, "TURNPIKE_VAR": str(tmp_path / "link")}
    assert other.run("status").returncode == 0
    second = other.run("up", "--detach", check=False)
    assert "already running" in second.stderr
