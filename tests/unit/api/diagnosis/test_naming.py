"""How many look-ups wait at the same time."""

from collections.abc import Mapping
from typing import Any

import pytest

from api.diagnosis import naming
from api.dns.checking import Difference

DOMAIN = {"name": "example.net", "ttl": 60, "name_servers": []}


def test_who_comes_while_many_wait_for_dns_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a look-up that never ends would see it: each one within it asks once more."""
    said: list[Difference] = []

    def examine(domain: Mapping[str, Any], **_: Any) -> list[Difference]:
        said.extend(naming.look([domain], [], []))
        return []

    monkeypatch.setattr(naming, "examine", examine)
    for _ in range(2):
        said.clear()
        assert naming.look([DOMAIN], [], []) == []
        assert [(each.kind, each.sentence) for each in said] == [("unanswered", naming.BUSY)]
