"""Forms: what a person typed, as the API wants it. What is wrong with it is the API's to say."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any, Final

from flask import request
from werkzeug.datastructures import MultiDict

from api.idempotency import PATTERN
from api.portal.asking import RefusedError

KEY: Final = "key"
"""A hidden field: the Idempotency-Key, so that a form that is sent twice is carried out once."""
TAG: Final = "tag"
"""Another one: what is changed, as it was when the form was opened, so that nobody undoes what others did meanwhile."""
CHANGED_MEANWHILE: Final = "changed-meanwhile"
TAGS: Final = re.compile(r'"[0-9a-f-]{1,64}"')


class Form:
    """A form's values, and what the API said was wrong with them."""

    def __init__(self, as_read: str = "", /, **values: Any) -> None:
        self.values = {name: "" if value is None else value for name, value in values.items()}
        self.key = str(uuid.uuid4())
        self.tag = as_read
        self.problem: RefusedError | None = None

    @classmethod
    def sent(cls, *names: str) -> Form:
        """That of the request at hand: the empty text for what was left out, and a new key for what can be none."""
        tag = request.form.get(TAG, "")
        values = {name: request.form.get(name, "").strip() for name in names}
        form = cls(tag if TAGS.fullmatch(tag) else "", **values)
        key = request.form.get(KEY, "")
        form.key = key if re.fullmatch(PATTERN, key) else form.key
        return form

    def __getitem__(self, name: str) -> Any:
        return self.values.get(name, "")

    def checked(self, name: str) -> bool:
        """Whether a box is ticked."""
        return self.values.get(name) not in ("", None, False)

    def whole(self, name: str) -> int | str:
        """The number in a field; what is none, as it was typed: the API says what is wrong with it."""
        text = str(self.values.get(name, ""))
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else text

    def typed_anew(self, now: Mapping[str, Any]) -> dict[str, str]:
        """The fields of `now` that were changed in this form, which keeps what was there before as was_label, for one.

        Errors: RefusedError (412) when somebody else made something else of one of them meanwhile.
        """
        typed = {name: self[name] for name in now if self[name] != self[f"was_{name}"]}
        if any((now[name] or "").strip() not in (self[f"was_{name}"], value) for name, value in typed.items()):
            raise RefusedError(412, {"type": CHANGED_MEANWHILE})
        return typed

    def filled(self, *names: str) -> dict[str, str]:
        """The fields that are not empty."""
        return {name: self.values[name] for name in names if self.values.get(name)}

    def or_none(self, *names: str) -> dict[str, str | None]:
        """The fields, None for what is empty."""
        return {name: self.values.get(name) or None for name in names}

    def refused(self, problem: RefusedError) -> Form:
        """The same form with what is wrong; a form that is sent anew is a new request."""
        self.problem = problem
        self.key = str(uuid.uuid4())
        return self

    def wrong(self, name: str) -> str | None:
        """What is wrong with a field, if anything."""
        return self.problem.fields.get(name) if self.problem else None

    def wrong_besides(self, *names: str) -> str | None:
        """What is wrong and stands beside none of these fields."""
        if self.problem is None or (self.problem.fields and self.problem.fields.keys() <= set(names)):
            return None
        return self.problem.detail


def before(shown: Mapping[str, Any]) -> dict[str, Any]:
    """What `Form.typed_anew` compares with, for the form that shows these fields."""
    return {f"was_{name}": value for name, value in shown.items()}


def query(*names: str) -> dict[str, str]:
    """What is asked for in the page's address, without empty fields."""
    return {name: value.strip() for name in names if (value := _arguments().get(name, "")).strip()}


def _arguments() -> MultiDict[str, str]:
    return request.args
