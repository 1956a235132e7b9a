"""The rival under the tests of tests/wire/test_r2_refusals.py."""

from tests.wire.test_r2_refusals import *  # noqa: F403
