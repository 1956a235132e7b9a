"""F2: what agents ship and report is added up by the minute in which it happened, exactly once."""

import json
from typing import Any

from tests.integration.agent.place import Deployment, Place, event, now, until, write
from tests.integration.agent.test_agent_calls import lines

MINUTE = 60_000
AT = "TIMESTAMPDIFF(SECOND, '1970-01-01', at) * 1000"
REFUSALS = f"SELECT {AT}, rule, cause, code, count FROM traffic_refusal ORDER BY at, rule"  # noqa: S608
STARTS = f"SELECT {AT}, calls FROM traffic_start ORDER BY at"  # noqa: S608
LEVELS = f"SELECT {AT}, bindings, calls, channels FROM traffic_level"  # noqa: S608
TOLD = "SELECT 1 FROM region WHERE name = 'nw1' AND bindings = %s"


def rows(deployment: Deployment, statement: str) -> list[tuple[Any, ...]]:
    return [
        tuple(int(value) if not isinstance(value, str) else value for value in row)
        for row in deployment.query(statement)
    ]


def minute_of(moment: int) -> int:
    return moment - moment % MINUTE


def refused(at: int, call_id: str, **more: Any) -> dict[str, Any]:
    return event(call_id, code=429, **more) | {"t": at}


def test_F2_what_came_late_counts_when_it_happened_and_once(deployment: Deployment, nw1: Place) -> None:
    early, late = now() - 30 * MINUTE, now()
    write(nw1.pen(process=1), [refused(late, "c-1"), refused(late, "c-2", n=7)])
    until(lambda: rows(deployment, REFUSALS))
    nw1.kill()
    deployment.server.kill()
    write(nw1.pen(process=2), [refused(early, f"c-early-{n}") for n in range(5)] + lines("c-call", early))
    nw1.start()
    deployment.server.start()
    expected = [(minute_of(early), "R4", "early", 429, 5), (minute_of(late), "R4", "early", 429, 8)]
    until(lambda: rows(deployment, REFUSALS) == expected, 20)
    until(lambda: rows(deployment, STARTS) == [(minute_of(early), 1)])
    nw1.kill()
    nw1.start()
    write(nw1.pen(process=3), [refused(late, "behind", rule="R6", cause="second_pbx")])
    behind = (minute_of(late), "R6", "second_pbx", 429, 1)
    until(lambda: rows(deployment, REFUSALS) == [*expected, behind])


def test_the_lines_of_a_call_are_one_call_that_started_in_whatever_order(deployment: Deployment, nw1: Place) -> None:
    start = now() - 10 * MINUTE
    for number, line in enumerate(reversed(lines("c-1", start)), start=1):
        write(nw1.pen(process=number), [line])
        behind = f"behind-{number}"
        write(nw1.pen(process=number + 10), [event(behind)])
        until(lambda behind=behind: deployment.query("SELECT 1 FROM event WHERE call_id = %s", behind))  # type: ignore[misc]
    until(lambda: [row for row in rows(deployment, STARTS) if row[1]] == [(minute_of(start), 1)])


def test_a_refused_attempt_is_a_refusal_and_no_call_that_started(deployment: Deployment, nw1: Place) -> None:
    start = now()
    (begin, *_) = lines("c-1", start)
    begin["c"] |= {"e": start, "by": "gateway", "code": 503, "rule": "O3", "cause": "channels"}
    write(nw1.pen(), [begin, refused(start, "c-1", rule="O3", cause="channels"), *lines("h-2", start)])
    until(lambda: rows(deployment, REFUSALS) == [(minute_of(start), "O3", "channels", 429, 1)])
    assert deployment.query("SELECT id FROM cdr") == [("c-1",)]
    assert rows(deployment, STARTS) == []


def test_a_record_that_mariadb_refuses_counts_nothing(deployment: Deployment, nw1: Place) -> None:
    nested: Any = "deep"
    for _ in range(60):
        nested = [nested]
    at = now()
    write(nw1.pen(), [refused(at, "c-1"), refused(at, "refused", **{"with": {"x": nested}}), refused(at, "c-2")])
    until(lambda: rows(deployment, REFUSALS) == [(minute_of(at), "R4", "early", 429, 2)])
    assert (nw1.journals / "refused.jsonl").exists()


def test_the_most_that_a_gateway_pulses_is_the_level_of_its_minute(deployment: Deployment, nw1: Place) -> None:
    at = minute_of(now())
    for bindings, calls in ((3, 0), (12, 1), (5, 2)):
        pulse = {"at": at, "boot": at, "applied": bindings, "bindings": bindings, "calls": calls, "channels": None}
        fresh = nw1.home / "pulse.new"
        fresh.write_text(json.dumps(pulse))
        fresh.rename(nw1.home / "pulse.json")
        until(lambda bindings=bindings: deployment.query(TOLD, bindings))  # type: ignore[misc]
    assert deployment.query(LEVELS) == [(at, 12, 2, None)]
