"""The rival under the tests of tests/calls/test_o3_channels.py."""

from tests.calls.test_o3_channels import *  # noqa: F403
