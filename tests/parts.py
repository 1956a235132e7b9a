"""Parts of the tests that processes of pytest-xdist run at the same time, each in one process."""

from xdist.scheduler import LoadScopeScheduling

PARTS = (
    "tests/calls/test_pace.py",
    "tests/wire/",
    "tests/portal/",
    "tests/integration/api/",
    "tests/integration/service/",
    "tests/calls/",
    "tests/applying/",
    "tests/namespaces/",
    "tests/integration/",
    "tests/faults/",
    "tests/regions/",
    "tests/diagnosis/",
    "tests/dns/",
    "tests/stacks/",
    "",
    "tests/sip/",
)
"""A test belongs to the longest that its path begins with. In this order they begin: what takes long before what is
quick. So the pace, mostly waiting, is beside the wire tests, which count tenths of seconds.
"""


def part(nodeid: str) -> int:
    return PARTS.index(max((path for path in PARTS if nodeid.startswith(path)), key=len))


class PartScheduling(LoadScopeScheduling):
    """Tests of a part share their instances and keep their order."""

    def _split_scope(self, nodeid: str) -> str:
        return PARTS[part(nodeid)]
