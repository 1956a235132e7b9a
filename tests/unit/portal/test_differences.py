"""What the audit log shows of a change."""

from api.portal.differences import Difference, differences


def test_only_what_changed_is_shown() -> None:
    before = {"label": "Acme", "enabled": True, "tenant": None, "updated_at": "1"}
    after = {"label": "Acme", "enabled": False, "tenant": "acme-42", "updated_at": "2"}
    assert differences(before, after) == [
        Difference("enabled", "true", "false"),
        Difference("tenant", None, "acme-42"),
    ]


def test_what_is_made_shows_what_it_has() -> None:
    assert differences(None, {"id": "cr-1", "label": "Acme", "tenant": None, "warnings": []}) == [
        Difference("label", None, "Acme")
    ]


def test_what_is_gone_shows_what_it_had() -> None:
    assert differences({"names": ["a", "b"]}, None) == [Difference("names", '["a", "b"]', None)]


def test_nothing_has_no_differences() -> None:
    assert differences(None, None) == []
