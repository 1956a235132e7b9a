"""People as the tests need them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from pymysql.cursors import DictCursor
from werkzeug.test import TestResponse

Row = dict[str, Any]
_numbers = itertools.count(1)


def new_name() -> str:
    return f"person-{next(_numbers)}@carrier.example"


def new_address() -> str:
    """One that nobody has tried from."""
    number = next(_numbers)
    return f"198.51.{number // 250}.{number % 250 + 1}"


def create(client: FlaskClient, role: str = "read", **more: Any) -> Row:
    answer = client.post("/v1/users", json={"name": new_name(), "role": role} | more)
    assert answer.status_code == 201, answer.text
    made: Row = answer.get_json()
    return made


def try_to_sign_in(app: Flask, name: str, password: str, address: str | None = None) -> TestResponse:
    environ = {"REMOTE_ADDR": address or new_address()}
    return app.test_client().post("/v1/sessions", auth=(name, password), environ_base=environ)


def signed_in(app: Flask, user: Row) -> FlaskClient:
    """A client with a session of `user`."""
    answer = try_to_sign_in(app, user["name"], user["password"])
    assert answer.status_code == 201, answer.text
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {answer.get_json()['token']}"
    return client


def all_tables(root: DictCursor) -> str:
    root.execute("SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()")
    texts = []
    for row in root.fetchall():
        root.execute(f"SELECT * FROM `{row['name']}`")  # noqa: S608
        texts.append(str(root.fetchall()))
    return "".join(texts)


@contextmanager
def counted_checks() -> Iterator[list[str]]:
    """The hashes that passwords are compared with, one by one."""
    checked: list[str] = []
    verify = PasswordHasher.verify

    def counting(self: PasswordHasher, kept: str, password: str) -> Any:
        checked.append(kept)
        return verify(self, kept, password)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PasswordHasher, "verify", counting)
        yield checked
