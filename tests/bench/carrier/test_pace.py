"""tests/calls/test_pace.py, as far as one region will do."""

from tests.calls.test_pace import test_O2_of_ten_calls_at_once_one_is_accepted  # noqa: F401
