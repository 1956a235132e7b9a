"""The rival under the tests of tests/wire/test_r4_interval.py."""

from tests.wire.test_r4_interval import *  # noqa: F403
