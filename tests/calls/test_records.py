"""F2: one CDR for each call that the core counted, through an outage of MariaDB and the death of a region."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.calls.carrier import Carrier
from tests.faults.outages import Outages
from tests.sip.caller import Pbx, until_decided
from tests.sip.figures import Figures
from tests.sip.incoming import IncomingCall
from tests.sip.scripts import answers, refuses
from tests.sip.waiting import until

Row = dict[str, Any]
TRUNKS = 6


def _epoch(text: str | None) -> float | None:
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def _trunks(carrier: Carrier) -> dict[str, Pbx]:
    """PBXs by the tenant whose calls they make."""
    found = {}
    for number in range(TRUNKS):
        credential = carrier.service.new_credential()
        tenant = f"{credential.username}-{number}"
        carrier.service.api.send("POST", "/v1/tenants", {"account_id": tenant, "name": "A tenant"})
        carrier.service.api.send("PATCH", f"/v1/credentials/{credential.id}", {"tenant": tenant})
        found[tenant] = carrier.pbx(credential=credential)
    carrier.service.settled()
    return found


def _cdrs(carrier: Carrier, tenant: str) -> list[Row]:
    """All of a tenant's records, page by page."""
    rows: list[Row] = []
    after: dict[str, str] = {}
    while True:
        page = carrier.service.api.one("GET", f"/v1/cdrs?tenant={tenant}&limit=500{after.get('q', '')}")
        rows += page["items"]
        if page["next"] is None:
            return rows
        after["q"] = f"&after={page['next']}"


def _near(told: str | None, known: float | None, apart: float, late: float = 0.0) -> bool:
    moment = _epoch(told)
    return moment is None if known is None else moment is not None and known - apart <= moment <= known + apart + late


def _agree(row: Row, call: IncomingCall, outage: tuple[float, float], apart: float) -> bool:
    """The record says what the core saw, `apart` seconds sooner or later. A BYE or a refusal that the dead gateway
    missed is known by its next copy (RFC 3261 section 17.1.2.1: one and a half seconds later, then three and a half).
    """
    killed, back = outage
    missed = call.ended is not None and killed - 0.5 <= call.ended <= back
    times = _near(row["started_at"], call.started, apart) and _near(row["answered_at"], call.answered, apart)
    return (
        times
        and _near(row["ended_at"], call.ended, apart, back - killed + 3.5 if missed else 0.0)
        and row["code"] == (call.code or 200)
    )


def _outlive(carrier: Carrier, figures: Figures, count: int, seconds: float) -> None:
    """So many calls within so many seconds; MariaDB is away all the time, and the region dies in the middle."""
    trunks, core = _trunks(carrier), carrier.cores["nw1"]
    dialled = [carrier.subscriber(answers(0.1, ring=0.05, hold=0.5)), carrier.subscriber(refuses(486, 0.1, ring=0.02))]
    share = count // TRUNKS
    before = len(core.calls)
    with Outages(carrier.service).stopped("mariadb"):
        calls = [
            pbx.call_many(
                [dialled[k % 4 == 3] for k in range(share)],
                at=[seconds * k / share for k in range(share)],
                patience=30,  # one that has heard 100 from a gateway that died waits for ever
            )
            for pbx in trunks.values()
        ]
        until(lambda: sum(map(len, calls)) >= count // 2, seconds + 30, "half of the calls have begun")
        outage = carrier.kill_region("nw1")
        for each in calls:
            until_decided(each, share, seconds + 90)
        seen = core.calls[before:]
        until(lambda: all(call.ended for call in seen), 60, "the core's calls are over")
    by_call_id = {call.invite.one("Call-ID"): call for call in seen}
    until(lambda: _complete(carrier, trunks, by_call_id), 60, "every call has its record", 1.0)
    rows = {tenant: _cdrs(carrier, tenant) for tenant in trunks}
    everything = [row for each in rows.values() for row in each]
    assert len({row["call_id"] for row in everything}) == len(everything)
    assert _disagreements(rows, by_call_id, trunks, outage, 5.0)[:3] == []
    late = _disagreements(rows, by_call_id, trunks, outage, 1.0)
    assert len(late) < len(by_call_id) // 2, f"more than one stall of the machine explains: {late[:3]}"
    figures.measured("F2 calls that the core counted, each with one CDR that agrees", len(by_call_id))


def _complete(carrier: Carrier, trunks: dict[str, Pbx], calls: dict[str, IncomingCall]) -> bool:
    known = {row["call_id"] for tenant in trunks for row in _cdrs(carrier, tenant)}
    return calls.keys() <= known


def _disagreements(
    rows: dict[str, list[Row]],
    calls: dict[str, IncomingCall],
    trunks: dict[str, Pbx],
    outage: tuple[float, float],
    apart: float,
) -> Sequence[tuple[Row, str]]:
    found = []
    for tenant, each in rows.items():
        for row in each:
            call = calls.get(row["call_id"])
            if call is not None and not (
                _agree(row, call, outage, apart) and row["username"] == trunks[tenant].login.username
            ):
                found.append((row, f"{call.started} {call.answered} {call.ended} {call.code}"))
    return found


def test_F2_no_record_is_lost_or_doubled(crowd: Carrier, figures: Figures) -> None:
    _outlive(crowd, figures, 300, 6)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_F2_5000_calls_in_a_minute_without_MariaDB(crowd: Carrier, figures: Figures) -> None:
    _outlive(crowd, figures, 5000, 60)
