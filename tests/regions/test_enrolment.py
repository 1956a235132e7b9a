"""What the control host makes for the host of a region, and what becomes of that."""

from pathlib import Path

from tests.calls.carrier import Carrier
from tests.regions.host import RegionHost
from tests.regions.third import Third


def _key(host: RegionHost) -> Path:
    return host.home / "secrets" / "mariadb-region-eu1.key"


def test_C2_what_is_written_is_private_and_said_nowhere(growing: Carrier, host: RegionHost) -> None:
    host.add()
    said = host.enrol()
    secret = _key(host).read_text().strip()
    assert secret not in said.stdout + said.stderr
    assert {file.stat().st_mode & 0o777 for file in host.files()} == {0o600}
    assert host.home.stat().st_mode & 0o077 == 0
    assert "exists already" in host.enrol(check=False).stderr
    assert _key(host).read_text().strip() == secret
    assert [file.name for file in host.home.parent.glob(f".{host.home.name}*")] == []
    growing.service.instance.run("region", "remove", "eu1")


def test_a_region_that_is_unknown_or_of_this_host_is_not_enrolled(growing: Carrier, host: RegionHost) -> None:
    assert "add it first" in host.enrol(check=False).stderr
    own = growing.service.instance.run("region", "enrol", "nw1", str(host.home), check=False)
    assert "this host runs region nw1 itself" in own.stderr
    elsewhere = growing.service.instance.run(
        "region", "enrol", "nw1", str(host.home), "--mariadb", "192.0.2.1", check=False
    )
    assert "listens on no port" in elsewhere.stderr
    assert not host.home.exists()


def test_a_region_that_runs_keeps_its_account_and_one_that_was_removed_loses_it(
    growing: Carrier, host: RegionHost
) -> None:
    third = Third(growing, host)
    third.begin()
    other = host.home.with_name(f"{host.home.name}-other")
    refused = growing.service.instance.run("region", "enrol", "eu1", str(other), check=False)
    assert "eu1 runs: stop it first" in refused.stderr
    assert not other.exists()
    third.end()
    up = host.run("up", "--detach", check=False)
    assert "eu1's agent does not reach MariaDB" in up.stderr, "its gateway serves what it knew, and learns no more"


def test_a_host_whose_account_was_not_copied_says_so(host: RegionHost, growing: Carrier) -> None:
    host.add()
    host.enrol()
    _key(host).unlink()
    refused = host.run("up", "--detach", check=False)
    assert (refused.returncode, "mariadb-region-eu1.key is missing" in refused.stderr) == (1, True)
    growing.service.instance.run("region", "remove", "eu1")
