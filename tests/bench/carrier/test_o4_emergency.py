"""tests/calls/test_o4_emergency.py."""

from tests.calls.test_o4_emergency import *  # noqa: F403
