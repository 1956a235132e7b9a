"""The fixtures of tests/wire, with the native rival in the product's place."""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kemi.region import Limits, Thresholds
from tests.bench.native import Native
from tests.bench.target import NativeTarget
from tests.conftest import TEST_LIMITS
from tests.sip.target import Target
from tests.wire.conftest import (  # noqa: F401 - fixtures
    credential,
    early_scenarios,
    limits_credential,
    limits_pbx,
    outcome,
    pbx,
    stranger,
)

SHORT = {"flood_block": 8, "wrong_block": 8, "guess_block": 8, "nonce_lifetime": 6}


def _running(address: str, limits: Limits, thresholds: Thresholds) -> Iterator[NativeTarget]:
    home = Path(tempfile.mkdtemp(prefix="rival-", dir="/tmp"))
    native = Native(home, address, limits=limits, thresholds=thresholds)
    native.start()
    yield NativeTarget(native)
    native.stop()
    shutil.rmtree(home)


@pytest.fixture(scope="session")
def target() -> Iterator[Target]:
    yield from _running("127.0.15.101", Limits(), Thresholds())


@pytest.fixture(scope="session")
def limits_target() -> Iterator[Target]:
    yield from _running("127.0.15.102", replace(Limits(), **TEST_LIMITS), replace(Thresholds(), **SHORT))
