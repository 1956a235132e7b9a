"""The rival under the tests of tests/wire/test_r6_one_pbx.py."""

from tests.wire.test_r6_one_pbx import *  # noqa: F403
