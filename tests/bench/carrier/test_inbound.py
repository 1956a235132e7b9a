"""The rival under the tests of tests/calls/test_inbound.py."""

from tests.calls.test_inbound import *  # noqa: F403
