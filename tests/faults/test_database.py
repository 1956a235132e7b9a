"""F1, F2: MariaDB goes away, registrations go on, and nothing is lost or written twice."""

from time import monotonic

import pytest

from tests.faults.outages import Outages, back, kill_after
from tests.sip.digest import Login
from tests.sip.figures import Figures, percentile
from tests.sip.network import Network
from tests.sip.phone import Address, Phone
from tests.sip.turnpike import Turnpike
from tests.sip.waiting import at, until

Found = list[tuple[int, float]]
KEPT = 100


def load(logins: list[Login], gateway: Address, network: Network, rate: float) -> tuple[Found, list[Phone]]:
    """Each registers once, so many a second: statuses and seconds from the first packet to the final answer. The first
    hundred phones stay; a machine has not enough sockets for all.
    """
    start, found, kept = monotonic(), [], []
    for index, login in enumerate(logins):
        at(start + index / rate)
        phone = network.phone(gateway, login)
        begun = monotonic()
        status = phone.register().status
        found.append((status, monotonic() - begun))
        if len(kept) < KEPT:
            kept.append(phone)
        else:
            phone.close()
    return found, kept


def report(figures: Figures, when: str, found: Found) -> None:
    seconds = [took for _, took in found]
    text = f"p50 {percentile(seconds, 0.5) * 1000:.2f} ms, p99 {percentile(seconds, 0.99) * 1000:.2f} ms"
    figures.measured(f"F1 {len(found)} registrations {when} MariaDB's outage", text)
    assert {status for status, _ in found} == {200}, f"refused {when}"


def outlast(rate: int, seconds: int, service: Turnpike, network: Network, outages: Outages, figures: Figures) -> None:
    count = rate * seconds
    credentials = service.new_credentials(count * 2)
    logins, gateway = [credential.login for credential in credentials], service.regions[0]
    found, before = load(logins[:count], gateway, network, rate)
    report(figures, "before", found)
    with outages.without("mariadb"):
        found, during = load(logins[count:], gateway, network, rate)
        report(figures, "during", found)
        assert {phone.register().status for phone in during} == {429}
    users = credentials[count:][:KEPT]
    until(lambda: all(service.bindings(user) for user in credentials[-10:]), 60, "bindings are shown", pause=0.5)
    until(lambda: all(service.events(user) for user in users), 60, "events are in MariaDB", pause=0.5)
    counted = [[event.rule for event in service.events(user)] for user in users]
    assert counted == [["R4"]] * len(users), "each event once"
    for phone in before + during:
        phone.close()


def test_F1_registrations_go_on_without_mariadb(
    service: Turnpike, network: Network, outages: Outages, figures: Figures
) -> None:
    outlast(50, 5, service, network, outages, figures)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_F1_sixty_seconds_without_mariadb_at_200_a_second(
    service: Turnpike, network: Network, outages: Outages, figures: Figures
) -> None:
    outlast(200, 60, service, network, outages, figures)


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
    at(monotonic() + 2)
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
