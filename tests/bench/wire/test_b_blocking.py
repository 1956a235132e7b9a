"""The rival under the tests of tests/wire/test_b_blocking.py."""

from tests.wire.test_b_blocking import *  # noqa: F403
