"""The rival under the tests of tests/calls/test_o2_rate.py."""

from tests.calls.test_o2_rate import *  # noqa: F403
