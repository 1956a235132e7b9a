"""The rival under the tests of tests/calls/test_dialogs.py."""

import pytest

from tests.calls.test_dialogs import *  # noqa: F403


@pytest.mark.skip("the rival knows no addresses of bindings")
def test_W4_between_a_core_and_a_bound_PBX_a_request_of_a_lost_call_passes() -> None: ...


@pytest.mark.skip("the rival has no administrator")
def test_an_administrator_ends_a_call_with_a_BYE_to_both_sides() -> None: ...
