"""C4: an old password ends at its moment whatever is away: MariaDB and the API, or the gateway itself."""

from time import monotonic, time

from tests.faults.outages import Outages, back, kill_after
from tests.sip.network import Network
from tests.sip.passwords import asks, last_accepted
from tests.sip.phone import Phone
from tests.sip.target import Credential
from tests.sip.turnpike import Turnpike
from tests.sip.waiting import until


def is_bound(phone: Phone) -> bool:
    """Asked with a password that works."""
    answer = phone.register(expires=None, contact=None)
    assert answer.status == 200
    return answer.get("Contact") is not None


def rotating(service: Turnpike, network: Network, grace: int) -> tuple[Credential, Phone, Phone]:
    """A PBX that is registered with its old password, and one at the same address that knows the new one."""
    old = service.new_credential()
    new = service.rotate(old, grace)
    with_old = network.phone(service.regions[0], old.login)
    with_new = network.phone(service.regions[0], new.login, with_old.address)
    assert with_old.register().status == 200
    return old, with_old, with_new


def test_C4_the_end_comes_without_MariaDB_and_the_API(service: Turnpike, network: Network, outages: Outages) -> None:
    mariadb, api = outages.of_part("mariadb"), outages.of_part("api")
    credential, with_old, with_new = rotating(service, network, 15)
    end = service.old_password_ends(credential)
    with outages.halted(mariadb), outages.halted(api):
        assert (asks(with_old), is_bound(with_new)) == (200, True)
        assert last_accepted(with_old, 40) - end < 0.5
        assert time() >= end
        until(lambda: not is_bound(with_new), 1, "what the old password registered is gone")
    until(lambda: [each for each in service.events(credential) if each.rule == "C5"], 20, "the event is recorded")


def test_C4_a_restart_in_the_middle_changes_nothing(service: Turnpike, network: Network, outages: Outages) -> None:
    for grace in (12, 60):
        victims = outages.of_region("nw1")
        credential, with_old, with_new = rotating(service, network, grace)
        end = service.old_password_ends(credential)
        kill_after(victims, monotonic())
        back(network, service.regions[0])
        if time() < end - 1:
            break
    assert time() < end - 1, "the restart took too long for this test"
    assert (asks(with_old), is_bound(with_new)) == (200, True)
    until(lambda: asks(with_old) == 401, 60, "the old password has ended")
    until(lambda: not is_bound(with_new), 1, "what the old password registered is gone")


def test_C4_the_end_came_while_the_gateway_was_down(service: Turnpike, network: Network, outages: Outages) -> None:
    credential, with_old, with_new = rotating(service, network, 10)
    end = service.old_password_ends(credential)
    with outages.stopped("nw1-gateway"):
        until(lambda: time() > end, 30, "its time is over")
    assert asks(with_old) == 401
    until(lambda: not is_bound(with_new), 1, "what the old password registered is gone")
    until(lambda: [each for each in service.events(credential) if each.rule == "C5"], 20, "the event is recorded")
