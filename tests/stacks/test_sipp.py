"""sipp as many PBXs at a rate."""

import subprocess
from pathlib import Path

import pytest

from tests.sip.network import Network
from tests.sip.target import Credential, Target
from tests.sip.waiting import until

SCENARIO = Path(__file__).parents[1] / "sip" / "scenarios" / "register.xml"


def written(folder: Path, credentials: list[Credential]) -> Path:
    """The CSV file that the scenario reads; nobody else may."""
    path = folder / "users.csv"
    path.touch(mode=0o600)
    lines = [f"{one.username};[authentication username={one.username} password={one.password}]" for one in credentials]
    path.write_text("\n".join(["SEQUENTIAL", *lines]) + "\n", encoding="utf-8")
    return path


def sipp(folder: Path, target: Target, source: str, credentials: list[Credential], rate: int) -> str:
    """Each registers once at `rate` a second. AssertionError unless all succeed."""
    host, port = target.regions[0]
    count = len(credentials)
    command = ["sipp", f"{host}:{port}", "-sf", SCENARIO, "-inf", written(folder, credentials), "-i", source]
    options = ["-m", count, "-r", rate, "-nostdin", "-timeout", 60, "-max_retrans", 5, "-p", 6060]
    arguments = [str(part) for part in [*command, *options]]
    done = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


@pytest.mark.parametrize(("count", "rate"), [(300, 100)])
def test_R5_sipp_registers_at_a_rate_and_none_fails(
    target: Target, network: Network, tmp_path: Path, count: int, rate: int
) -> None:
    credentials = target.new_credentials(count)
    sipp(tmp_path, target, network.address(), credentials, rate)
    until(lambda: target.bindings(credentials[-1]), 5, "the last binding is shown")
