"""What the pages of credentials make of the API's answers, and of what people type."""

import pytest

from api.passwords import new_identifier, new_username
from api.portal.pages.credential_changes import told
from api.portal.pages.credentials import ID, USERNAME, by_region


def test_every_region_is_shown_with_its_binding_or_none() -> None:
    use = [{"region": name, "channels": 0, "calls_per_second": 0.0} for name in ("nw1", "se1")]
    binding = {"region": "se1", "address": "192.0.2.7"}
    assert by_region({"use": use, "bindings": [binding]}) == [use[0] | {"binding": None}, use[1] | {"binding": binding}]


def test_ids_and_usernames_of_the_service_are_recognised() -> None:
    for _ in range(100):
        assert ID.fullmatch(new_identifier("cr"))
        assert USERNAME.fullmatch(new_username())


@pytest.mark.parametrize("text", ["Acme head office", "k3v8n2mq7x4", "K3V8N2MQ7X4T", "3v8n2mq7x4tk", "k3v8n2mq7x4t "])
def test_nothing_else_is_taken_for_one(text: str) -> None:
    assert not ID.fullmatch(text)
    assert not USERNAME.fullmatch(text)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({}, "Done."),
        ({"ending_calls": 0, "pending_regions": []}, "Done."),
        ({"ending_calls": 1}, "Done. 1 call is being ended."),
        ({"ending_calls": 2}, "Done. 2 calls are being ended."),
        (
            {"pending_regions": ["nw1", "se1"]},
            "Done. Not applied yet by nw1 and se1: it will be, as soon as the region is reached again.",
        ),
    ],
)
def test_C5_how_far_a_change_has_come_is_told(answer: dict[str, object], said: str) -> None:
    assert told("Done.", answer) == said
