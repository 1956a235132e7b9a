"""What a start does with the regions of the settings."""

from __future__ import annotations

import pytest

from api.first_start import FirstStartError, prepare
from api.settings import RegionSettings, Settings
from tests.integration.api.server import connected
from tests.integration.api.test_first_start import fresh

__all__ = ["fresh"]


@pytest.mark.usefixtures("settings")
def test_region_address_follows_the_settings(fresh: Settings) -> None:
    prepare(fresh)
    prepare(fresh.model_copy(update={"regions": (RegionSettings(name="nw1", address="127.0.11.9"),)}))
    with connected(fresh, "root") as cursor:
        cursor.execute("SELECT address FROM region WHERE name = 'nw1'")
        assert cursor.fetchone() == {"address": "127.0.11.9"}


def _places(settings: Settings) -> list[tuple[str, str, str]]:
    with connected(settings, "root") as cursor:
        cursor.execute("SELECT name, address, state FROM region ORDER BY name")
        return [(row["name"], row["address"], row["state"]) for row in cursor.fetchall()]


def _newest(settings: Settings) -> list[str]:
    """Regions that changes are about, in their order."""
    with connected(settings, "root") as cursor:
        cursor.execute("SELECT entity_id FROM change_log WHERE entity = 'region' ORDER BY n")
        return [row["entity_id"] for row in cursor.fetchall()]


@pytest.mark.usefixtures("settings")
def test_I3_regions_are_told_of_those_that_come_and_of_new_addresses(fresh: Settings) -> None:
    prepare(fresh)
    assert _newest(fresh) == ["nw1", "se1"]
    prepare(fresh)
    assert _newest(fresh) == ["nw1", "se1"], "nothing is different"
    nw1, se1 = fresh.regions
    swapped = (RegionSettings(name="nw1", address=se1.address), RegionSettings(name="se1", address=nw1.address))
    prepare(fresh.model_copy(update={"regions": swapped}))
    assert _newest(fresh)[2:] == ["nw1", "se1"]
    assert [place[1] for place in _places(fresh)] == [se1.address, nw1.address]


@pytest.mark.usefixtures("settings")
def test_a_region_of_the_settings_comes_back_in_service_and_keeps_its_state_else(fresh: Settings) -> None:
    prepare(fresh)
    with connected(fresh, "root") as cursor:
        cursor.execute("DELETE FROM region WHERE name = 'nw1'")
        cursor.execute("UPDATE region SET state = 'draining' WHERE name = 'se1'")
    prepare(fresh)
    assert [(name, state) for name, _, state in _places(fresh)] == [("nw1", "in-service"), ("se1", "draining")]


@pytest.mark.usefixtures("settings")
def test_an_address_of_another_hosts_region_stops_the_start(fresh: Settings) -> None:
    prepare(fresh)
    with connected(fresh, "root") as cursor:
        cursor.execute("INSERT INTO region (name, address) VALUES ('eu1', '127.0.11.9')")
    moved = fresh.model_copy(update={"regions": (RegionSettings(name="nw1", address="127.0.11.9"),)})
    with pytest.raises(FirstStartError, match=r"nw1: eu1 has the address 127\.0\.11\.9: .*region remove eu1"):
        prepare(moved)


@pytest.mark.usefixtures("settings")
def test_I1_a_cores_address_stops_the_start(fresh: Settings) -> None:
    """What comes from there would be a core's or another region's."""
    prepare(fresh)
    with connected(fresh, "root") as cursor:
        cursor.execute("INSERT INTO core (id, region, address, port) VALUES ('co-1', 'se1', '127.0.11.9', 5060)")
    moved = fresh.model_copy(update={"regions": (RegionSettings(name="nw1", address="127.0.11.9"),)})
    with pytest.raises(FirstStartError, match=r"nw1: a core gateway has the address 127\.0\.11\.9"):
        prepare(moved)


@pytest.mark.usefixtures("settings")
def test_who_ran_a_region_that_was_removed_logs_in_no_more(fresh: Settings) -> None:
    prepare(fresh)
    with connected(fresh, "root") as cursor:
        cursor.execute("CREATE USER region_old1@'%' IDENTIFIED BY 'x'")
        cursor.execute("INSERT INTO binding_sync (region, n) VALUES ('old1', 1)")
        prepare(fresh)
        cursor.execute("SELECT User FROM mysql.user WHERE User = 'region_old1'")
        assert not cursor.fetchall()
