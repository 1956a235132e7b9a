"""A typed layer over flask-smorest: one decorator tells a handler's path, body, answer and errors, and so OpenAPI."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cached_property, wraps
from http import HTTPStatus
from typing import Any, Final, NoReturn, TypeVar

import flask_smorest  # type: ignore[import-untyped]
import marshmallow as ma
from flask import Flask, Request, Response, after_this_request, jsonify, request
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from api import operations, problems
from api.database import DatabaseBusyError
from api.etags import is_tagged, quoted, tag_of
from api.fields import Body
from api.openapi import describing, document, refusals
from api.openapi.document import finished
from api.openapi.schemas import Plugin
from api.operations import Once, Operation, Upload
from api.paging import PageQuery
from api.principal import Access, Scope

Handler = TypeVar("Handler", bound=Callable[..., Any])
Schema = type[ma.Schema]
TEXT: Final = {"type": "string"}
TRIES: Final = 4


class NoQuery(Body):
    """Of a request that knows no filter."""


class BodyParser(FlaskParser):
    """Turns away what is not JSON, nested too deep or full of endless numbers before anything looks at it."""

    def _raw_load_json(self, req: Request) -> Any:
        if req.get_data(cache=True) and not req.is_json:
            raise UnsupportedMediaType
        try:
            return super()._raw_load_json(req)
        except (RecursionError, ValueError):
            self._not_json()

    def _not_json(self) -> NoReturn:
        raise BadRequest


class Api(flask_smorest.Api):  # type: ignore[misc]
    """flask-smorest with errors as problems, and our own document."""

    DEFAULT_ERROR_RESPONSE_NAME = None  # it would excuse every status that nobody documented

    def _register_error_handlers(self) -> None:
        problems.install(self._app)

    def _register_responses(self) -> None:
        for name, response in refusals.responses().items():
            self.spec.components.response(name, response, lazy=name != HTTPStatus.METHOD_NOT_ALLOWED.name)

    def _openapi_json(self) -> Response:
        return jsonify(self.document)

    @cached_property
    def document(self) -> dict[str, Any]:
        """The whole of it; all resources are known by now."""
        return finished(self.spec.to_dict())


class Resource:
    """The handlers under one path."""

    def __init__(self, name: str, path: str, description: str) -> None:
        self.blueprint = flask_smorest.Blueprint(name, name, url_prefix=path, description=description)
        self.blueprint.ARGUMENTS_PARSER = BodyParser()
        self.operations: dict[str, Operation] = {}

    def operation(
        self,
        method: str,
        path: str = "",
        *,
        answer: Schema | None = None,
        file: str | None = None,
        status: int = 200,
        body: Schema | None = None,
        upload: Upload | None = None,
        query: Schema | None = None,
        problems: tuple[int, ...] = (),
        example: Mapping[str, Any] | str | None = None,
        needs: Scope | None = None,
        tenants: bool = False,
        once: Once | None = None,
        open_to_all: bool = False,
        basic: bool = False,
    ) -> Callable[[Handler], Handler]:
        """Serve `method path` by the decorated handler.

        It gets the validated body or query, then the path's parts; it returns what `answer` writes, or a `file`.
        `problems` are its own refusals, `example` is an answer. `needs`: to read for GET, to operate for others, unless
        told; `tenants` lets in who is bound; `once` are told once; `basic` checks name and password itself.
        """
        access = None if open_to_all or basic else _access(method, needs, tenants=tenants)
        known = Operation(access, status, answer, once, upload, basic)
        own = (*problems, 404) if query and issubclass(query, PageQuery) else problems

        def decorate(handler: Handler) -> Handler:
            blueprint = self.blueprint
            self.operations[f"{blueprint.name}.{handler.__name__}"] = known
            view = blueprint.response(status, answer or TEXT, content_type=file, example=example)(_serving(handler))
            for code in describing.problems(known, method, own, has_body=bool(body or upload)):
                view = blueprint.alt_response(code, HTTPStatus(code).name)(view)
            view = blueprint.doc(operationId=handler.__name__, **describing.operation(known, method, own))(view)
            blueprint.route(path, methods=[method])(self._taking(view, body, query))
            return handler

        return decorate

    def _taking(self, view: Any, body: Schema | None, query: Schema | None) -> Any:
        """`view` with what a request's body and query are made of."""
        if body:
            view = self.blueprint.arguments(body, unknown=None)(view)
        alone = query is None
        return self.blueprint.arguments(query or NoQuery, location="query", unknown=ma.RAISE, as_kwargs=alone)(view)


def _access(method: str, needs: Scope | None, *, tenants: bool) -> Access:
    return Access(needs or (Scope.READ if method == "GET" else Scope.OPERATE), tenants)


def _serving(handler: Handler) -> Handler:
    """Tries again what lost a deadlock (nothing is left of it then), and sends the ETag of what is answered."""

    @wraps(handler)
    def serve(*arguments: Any, **parts: Any) -> Any:
        for _ in range(TRIES - 1):
            with suppress(DatabaseBusyError):
                return _tagged(handler(*arguments, **parts))
        return _tagged(handler(*arguments, **parts))

    return serve  # type: ignore[return-value]


def _tagged(answer: Any) -> Any:
    if request.method != "DELETE" and isinstance(answer, dict) and is_tagged(answer):
        tag = quoted(tag_of(answer))

        @after_this_request
        def tell(response: Response) -> Response:
            response.headers["ETag"] = tag
            return response

    return answer


def add_resources(app: Flask, *resources: Resource) -> None:
    """Serve `resources` and their OpenAPI document at /openapi.json."""
    app.config.update(
        API_TITLE=document.TITLE,
        API_VERSION=document.VERSION,
        API_SPEC_OPTIONS=document.OPTIONS,
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/",
        OPENAPI_JSON_PATH="openapi.json",
    )
    app.url_map.merge_slashes = False  # a redirect to another path would be an answer that nobody documented
    api = Api(app, spec_kwargs={"marshmallow_plugin": Plugin()})
    describing.describe(api.spec)
    for resource in resources:
        api.register_blueprint(resource.blueprint)
        operations.register(app, resource.operations)


def refuse_body_of_other_type() -> None:
    """A body that is not JSON is refused (415) even where none is expected; so is JSON where a file is."""
    known = operations.operation()
    if request.routing_exception or not request.path.startswith(operations.PROTECTED):
        return
    if known and known.upload:
        _refuse_other_file(known.upload)
    elif request.method in ("POST", "PATCH", "PUT") and request.get_data(cache=True) and not request.is_json:
        raise UnsupportedMediaType


def _refuse_other_file(upload: Upload) -> None:
    request.max_content_length = upload.largest
    if request.mimetype != upload.media_type:
        detail = f"Send the file as it is, with the header Content-Type: {upload.media_type}."
        raise problems.Refusal(415, "wrong-media-type", detail)


def forbid_caches(response: Response) -> Response:
    """Rule C2: no copy of a password in a cache on the way. Files of the documentation page say their own."""
    response.headers.setdefault("Cache-Control", "no-store")
    return response
