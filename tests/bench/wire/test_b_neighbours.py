"""The rival under the tests of tests/wire/test_b_neighbours.py."""

from tests.wire.test_b_neighbours import *  # noqa: F403
