"""A third region, by data and a started region alone: nothing that runs is restarted for it. In this order."""

from collections import Counter

from tests.faults.outages import Outages
from tests.regions.third import Third
from tests.sip.network import Network
from tests.sip.processes import kill, tree
from tests.sip.scripts import answers
from tests.sip.waiting import until


def test_a_host_of_a_region_runs_gateway_and_agent_only(third: Third) -> None:
    status = until(lambda: told if (told := third.host.status())["ready"] else None, 10, "it is ready")
    assert (status["api"], status["test_limits"]) == (None, True)
    assert {part["name"] for part in status["parts"]} == {"eu1-gateway", "eu1-agent"}
    assert third.gateway_pids() == third.running
    assert "eu1" in third.carrier.service.instance.run("region", "list").stdout
    refused = third.host.run("region", "list", check=False)
    assert "this host runs regions only" in refused.stderr


def test_R6_one_PBX_for_a_credential_in_all_three_regions(third: Third, network: Network) -> None:
    credential = third.carrier.service.new_credential()
    assert network.pbx([third.host.gateway], credential.login).register().status == 200
    rivals = [network.phone(gateway, credential.login) for gateway in third.gateways.values()]
    until(lambda: all(phone.leave().status == 503 for phone in rivals), 8, "the others know")
    assert [phone.register().status for phone in rivals] == [503] * 3


def test_R6_one_that_is_registered_here_is_known_there(third: Third, network: Network) -> None:
    credential = third.carrier.service.new_credential()
    assert network.pbx([third.gateways["nw1"]], credential.login).register().status == 200
    rival = network.phone(third.host.gateway, credential.login)
    until(lambda: rival.leave().status == 503, 8, "it is known there")
    assert rival.register().status == 503


def test_I3_a_call_in_at_another_region_reaches_the_PBX_through_the_third(third: Third) -> None:
    pbx, _, number = third.pbx("eu1")
    until(lambda: third.way(pbx, number) == "eu1", 5, "nw1 knows of the binding")
    assert third.way(pbx, number) == "eu1"


def test_I3_calls_take_turns_among_three_regions(third: Third) -> None:
    pbx, _, number = third.pbx("nw1", "se1", "eu1")
    until(lambda: third.ways(pbx, number, 3) == {"nw1", "se1", "eu1"}, 10, "nw1 knows of all bindings")
    assert Counter(third.way(pbx, number) for _ in range(9)) == {"nw1": 3, "se1": 3, "eu1": 3}


def test_C5_a_change_waits_for_the_third_region_and_is_in_force_there(third: Third, network: Network) -> None:
    credential = third.carrier.service.new_credential()
    changed = third.until_in_force(credential.id, enabled=False)
    assert third.api.one("GET", "/v1/regions/eu1")["applied_change"] >= changed["change"]
    refused = network.phone(third.host.gateway, credential.login).register()
    assert (refused.status, refused.get("Retry-After")) == (503, "300")


def test_F1_nw1_knows_the_third_region_from_its_store_when_it_starts_without_mariadb(
    third: Third, outages: Outages
) -> None:
    pbx, _, number = third.pbx("eu1")
    until(lambda: third.way(pbx, number) == "eu1", 5, "nw1 knows of the binding")
    carrier = third.carrier
    with outages.without("mariadb"):
        boot = carrier.pulse("nw1")["boot"]
        kill(tree(third.carrier.service.instance.pids("nw1-gateway")))
        until(lambda: carrier.pulse("nw1")["boot"] != boot, 20, "nw1's gateway is there again")
        carrier.until_probed("nw1")
        assert third.way(pbx, number) == "eu1"
    carrier.service.settled(30)
    third.running = third.gateway_pids()


def test_D2_a_region_that_drains_is_used_as_before(third: Third) -> None:
    third.api.send("PATCH", "/v1/regions/eu1", {"state": "draining"})
    pbx, credential, number = third.pbx("eu1")
    until(lambda: third.way(pbx, number) == "eu1", 5, "nw1 knows of the binding")
    third.until_in_force(credential.id)
    third.api.send("PATCH", "/v1/regions/eu1", {"state": "in-service"})


def test_a_region_that_is_removed_leaves_the_others_as_they_were(third: Third, network: Network) -> None:
    pbx, _, number = third.pbx("nw1", "eu1")
    third.end()
    made = third.api.one("POST", "/v1/credentials", {"label": "afterwards"})
    third.until_in_force(made["id"], enabled=False)  # nobody waits for what is gone
    assert [row["name"] for row in third.api.rows("/v1/regions")] == ["nw1", "se1"]
    assert third.gateway_pids() == third.running
    third.carrier.service.settled()
    until(lambda: pbx.register().status == 200, 10, "the PBX registers at nw1 again", pause=1)
    assert third.ways(pbx, number, 4) == {"nw1"}
    rival = network.pbx([third.gateways["se1"]], third.carrier.service.new_credential().login, script=answers())
    assert rival.register().status == 200
