"""The rival under the tests of tests/calls/test_outbound.py."""

from tests.calls.test_outbound import *  # noqa: F403
