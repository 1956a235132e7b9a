"""Runs of schemathesis over the whole OpenAPI document, against the application in this process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from unittest import mock

import schemathesis
from flask import Flask
from hypothesis import strategies as st
from schemathesis.config import SchemathesisConfig
from schemathesis.core.media_types import MEDIA_TYPE_STRATEGIES
from schemathesis.engine import events, from_schema
from schemathesis.transport.wsgi import WSGITransport

PHASES: Final = ("examples", "coverage", "fuzzing", "stateful")
SEED: Final = 20260131
MOST_SEEDS: Final = 100
WELL_FORMED: Final = ["2xx", "401", "403", "404", "409", "412"]
"""Answers to what the document allows. 412: an If-Match that is well formed is rarely the row's tag."""
FORBIDDEN: Final = ["400", "401", "403", "404", "405", "409", "412", "413", "415", "422"]
"""Answers to what it forbids: who may not ask, or asks for what there is not, hears of that first."""
CHECKS: Final = {
    "positive_data_acceptance": {"expected-statuses": WELL_FORMED},
    "negative_data_rejection": {"expected-statuses": FORBIDDEN},
}
OFF: Final = {"enabled": False}
EXCEPTIONS: Final = [
    # DELETE asks for an end and not for the row's: a revoked key and a lifted block are shown with the moment when that
    # was; a region, of which there is none here, takes away its binding or call; a list of sessions becomes empty; what
    # was withdrawn stays in the history.
    {
        "include-path": [
            "/v1/keys/{key_id}",
            "/v1/blocks/{block_id}",
            "/v1/bindings/{binding_id}",
            "/v1/calls/{call_id}",
            "/v1/users/{user_id}/sessions",
            "/v1/regions/{name}/applications/{application_id}",
        ],
        "checks": {"use_after_free": OFF},
    },
    # What a file holds is beyond JSON Schema, which says that it is a text. And what POST imports to is for other
    # methods the thing of that name: GET /v1/tenants/import gets the tenant `import`.
    {
        "include-path-regex": "/import(/check)?$",
        "checks": {
            "positive_data_acceptance": {"expected-statuses": [*WELL_FORMED, "422"]},
            "unsupported_method": OFF,
            "allow_header_conformance": OFF,
        },
    },
]
MORE: Final = {"fuzzing": {"extra-data-sources": {"responses": False}}}
"""What is drawn from earlier answers changes meanwhile, and Hypothesis then ends before its time, silently (4.32.5)."""
NETWORK: Final = ("max_redirects", "verify", "cert", "proxies")


NUMBER: Final = st.from_regex(r"\+1555[0-9]{7}", fullmatch=True)
ROWS: Final = {
    "number,label,tenant,credential": st.tuples(NUMBER, st.sampled_from(["", "Reception"]), st.just(""), st.just("")),
    "account_id,name,contact": st.tuples(st.from_regex("csv-[0-9]{6}", fullmatch=True), st.just("Acme"), st.just("")),
    "label,tenant,enabled": st.tuples(st.just("PBX"), st.sampled_from(["", "acme-42"]), st.just("true")),
}


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """Files of which a third can be imported; and a few that are none."""
    header = draw(st.sampled_from(sorted(ROWS)))
    rows = draw(st.lists(ROWS[header].map(",".join), min_size=1, max_size=4, unique=True))
    return draw(st.just("\r\n".join([header, *rows, ""]).encode()) | st.binary(max_size=50))


schemathesis.openapi.media_type("text/csv", files())


@dataclass
class Outcome:
    """What a run found."""

    asked: Counter[str] = field(default_factory=Counter)
    """Requests by operation."""
    succeeded: set[str] = field(default_factory=set)
    """Operations that answered 2xx."""
    failures: list[str] = field(default_factory=list)
    scenarios: int = 0
    """Rows of requests that build on each other."""

    def add(self, event: events.EngineEvent) -> None:
        """Take down what has happened."""
        if isinstance(event, events.FatalError):
            raise event.exception
        if isinstance(event, events.NonFatalError):
            self.failures.append(f"{event.label}: {event.info.title}: {event.info.message}")
        if isinstance(event, events.ScenarioFinished):
            self._add_scenario(event.recorder)

    def _add_scenario(self, recorder: Any) -> None:
        self.scenarios += bool(recorder.interactions)
        for name, interaction in recorder.interactions.items():
            label = recorder.cases[name].value.operation.label
            self.asked[label] += 1
            if interaction.response is not None and interaction.response.status_code < 300:
                self.succeeded.add(label)
        for checks in recorder.checks.values():
            self.failures += [_failure(check) for check in checks if check.failure_info]


def _failure(check: Any) -> str:
    found = check.failure_info
    return f"{check.name}: {found.failure.operation}: {found.failure.message}\n{found.code_sample}"


def run(app: Flask, key: str | None, phase: str, examples: int, known: Mapping[str, list[str]]) -> Outcome:
    """Ask `app` with `key` (None: without one): all checks, so many examples an operation, or scenarios.

    `known` are names of what there is, by the part of a path that they stand for: half of the examples have one.
    Scenarios depend on what there is, which changes: where Hypothesis ends for that, it goes on with the next seed.
    """
    outcome = Outcome()
    wanted = _wanted(key, phase, known)
    with _without_network(), _files_of_our_own(phase):
        for seed in range(SEED, SEED + MOST_SEEDS):
            generation = {"max-examples": examples - outcome.scenarios, "database": "none"}
            _run(app, wanted | {"seed": seed, "generation": generation}, outcome)
            if phase != "stateful" or outcome.failures or outcome.scenarios >= examples:
                break
    return outcome


def _wanted(key: str | None, phase: str, known: Mapping[str, list[str]]) -> dict[str, Any]:
    """schemathesis' configuration."""
    return {
        "continue-on-failure": True,
        "checks": CHECKS,
        "operations": EXCEPTIONS,
        "phases": {name: {"enabled": name == phase} | MORE.get(name, {}) for name in PHASES},
        "dictionaries": {name: {"values": values} for name, values in known.items()},
        "parameters": {f"path.{name}": {"dictionary": name, "probability": 0.5} for name in known},
        "headers": {"Authorization": f"Bearer {key}"} if key else {},
    }


def _run(app: Flask, wanted: dict[str, Any], outcome: Outcome) -> None:
    config = SchemathesisConfig.from_dict(wanted)
    schema = schemathesis.openapi.from_wsgi("/openapi.json", app, config=config)
    for event in from_schema(schema).execute():
        outcome.add(event)


@contextmanager
def _files_of_our_own(phase: str) -> Iterator[None]:
    """Where a media type has files of our own, the document's example is none to schemathesis: so not beside it."""
    with mock.patch.dict(MEDIA_TYPE_STRATEGIES, clear=phase == "examples"):
        yield


@contextmanager
def _without_network() -> Iterator[None]:
    """The probes of `ignored_auth` hand settings of the network to the test client, which knows none (4.32.5)."""
    send = WSGITransport.send

    def sent(transport: Any, case: Any, *, session: Any = None, **more: Any) -> Any:
        return send(transport, case, session=session, **{name: more[name] for name in more if name not in NETWORK})

    with mock.patch.object(WSGITransport, "send", sent):
        yield
