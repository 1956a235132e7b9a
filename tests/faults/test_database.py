"""F1, F2: MariaDB goes away, registrations go on, and nothing is lost or written twice."""

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from time import monotonic

import pymysql
import pytest

from api.settings import Settings
from tests.faults.outages import Outages, back, kill_after
from tests.sip.digest import Login
from tests.sip.figures import Figures, percentile
from tests.sip.network import Network
from tests.sip.phone import Address
from tests.sip.target import Credential
from tests.sip.turnpike import Turnpike
from tests.sip.waiting import at, until

Found = list[tuple[int, float]]
Outage = Callable[[str], AbstractContextManager[None]]


def load(logins: list[Login], gateway: Address, network: Network, rate: float, *, again: bool) -> Found:
    """Each registers once, so many a second: statuses and seconds from the first packet to the final answer. `again`:
    and comes too early right behind it, which makes an event each.
    """
    start, found = monotonic(), []
    for index, login in enumerate(logins):
        at(start + index / rate)
        phone = network.phone(gateway, login)
        begun = monotonic()
        found.append((phone.register().status, monotonic() - begun))
        if again:
            assert phone.register().status == 429
        phone.close()
    return found


def report(figures: Figures, when: str, found: Found) -> None:
    seconds = [took for _, took in found]
    text = f"p50 {percentile(seconds, 0.5) * 1000:.2f} ms, p99 {percentile(seconds, 0.99) * 1000:.2f} ms"
    figures.measured(f"F1 {len(found)} registrations {when} MariaDB's outage", text)
    assert {status for status, _ in found} == {200}, f"refused {when}"


def events_of(service: Turnpike, users: list[Credential]) -> Counter[tuple[str, int, int]]:
    """How many of these credentials have so many rows of events that stand for so many refusals, by rule."""
    place = Settings.load(service.instance.home).database("root")
    names = {user.username for user in users}
    with (
        pymysql.connect(
            unix_socket=str(place.unix_socket), user=place.user, password=place.password(), database=place.name
        ) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT username, rule, COUNT(*), SUM(count) FROM event GROUP BY username, rule")
        return Counter((rule, rows, int(told)) for name, rule, rows, told in cursor.fetchall() if name in names)


def outlast(rate: int, seconds: int, service: Turnpike, network: Network, outage: Outage, figures: Figures) -> None:
    """The same load before and during an outage; then every event that the outage saw is in MariaDB, once."""
    count = rate * seconds
    users = service.new_credentials(count * 2)
    logins, gateway = [user.login for user in users], service.regions[0]
    report(figures, "before", load(logins[:count], gateway, network, rate, again=True))
    with outage("mariadb"):
        report(figures, "during", load(logins[count:], gateway, network, rate, again=True))
    until(lambda: all(service.bindings(user) for user in users[-10:]), 60, "bindings are shown", pause=0.5)
    each_once = {("R4", 1, 1): len(users)}
    until(lambda: events_of(service, users) == each_once, 60, "each event is in MariaDB once", pause=0.5)
    figures.measured("F2 events of the outage in MariaDB, each once", f"{len(users) - count}")


@pytest.mark.parametrize("way", ["without", "stopped"])
def test_F1_registrations_go_on_without_mariadb(
    service: Turnpike, network: Network, outages: Outages, figures: Figures, way: str
) -> None:
    outlast(50, 5, service, network, getattr(outages, way), figures)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("way", ["without", "stopped"])
def test_F1_sixty_seconds_without_mariadb_at_200_a_second(
    service: Turnpike, network: Network, outages: Outages, figures: Figures, way: str
) -> None:
    outlast(200, 60, service, network, getattr(outages, way), figures)


def test_F1_a_region_that_restarts_without_mariadb_comes_up_from_its_store(
    service: Turnpike, network: Network, outages: Outages
) -> None:
    known, bound = service.new_credentials(2)
    holder = network.phone(service.regions[1], bound.login)
    assert holder.register().status == 200
    victims = outages.of_region("se1")
    with outages.without("mariadb"):
        kill_after(victims, monotonic())
        back(network, service.regions[1])
        assert network.phone(service.regions[1], known.login).register().status == 200
        assert network.phone(service.regions[1], bound.login).register().status == 503
        assert holder.register().status == 429
    until(lambda: service.bindings(known), 30, "the binding reaches MariaDB afterwards", pause=0.2)


def test_R6_without_mariadb_a_region_uses_what_it_knew_of_the_other(
    service: Turnpike, network: Network, outages: Outages
) -> None:
    credential = service.new_credential()
    assert network.phone(service.regions[0], credential.login).register().status == 200
    second = network.phone(service.regions[1], credential.login)
    until(lambda: second.leave().status == 503, 8, "the other region knows")
    with outages.without("mariadb"):
        assert second.register().status == 503


def test_F2_events_of_a_killed_region_reach_mariadb_once(service: Turnpike, network: Network, outages: Outages) -> None:
    credentials = service.new_credentials(20)
    phones = [network.phone(service.regions[0], credential.login) for credential in credentials]
    victims = outages.of_region("nw1")
    for phone in phones:
        phone.register()
        assert phone.register().status == 429
    kill_after(victims, monotonic())
    back(network, service.regions[0])
    until(lambda: all(service.events(user) for user in credentials), 30, "the events arrive", pause=0.5)
    assert [len(service.events(user)) for user in credentials] == [1] * len(credentials)
