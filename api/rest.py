"""A typed layer over flask-smorest: one decorator tells a handler's path, body, answer and errors, and so OpenAPI."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, NoReturn, TypeVar

import flask_smorest  # type: ignore[import-untyped]
import marshmallow as ma
from flask import Flask, Request, Response, current_app, request
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from api import problems
from api.fields import Body

Handler = TypeVar("Handler", bound=Callable[..., Any])
Schema = type[ma.Schema]
BODY_PROBLEMS: Final = (400, 413, 415)
EVERY_PROBLEM: Final = (401, 503)
SECURITY: Final = "apiKey"
TEXT: Final = {"type": "string"}
UPLOADS: Final = "turnpike-uploads"


class ProblemSchema(ma.Schema):
    """An error (RFC 9457)."""

    type = ma.fields.String(metadata={"example": "urn:problem-type:turnpike:invalid-fields"})
    title = ma.fields.String(metadata={"example": "Invalid fields"})
    status = ma.fields.Integer(metadata={"example": 422})
    detail = ma.fields.String(
        metadata={"description": "What to do", "example": "label: write something that can be seen"}
    )
    errors = ma.fields.List(
        ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Raw()),
        metadata={
            "description": "Each wrong field; of a file, with its `line`",
            "example": [{"field": "label", "detail": "write something …"}],
        },
    )


@dataclass(frozen=True)
class Upload:
    """A request's body that is a file and not JSON."""

    media_type: str
    largest: int
    """Bytes."""
    example: str

    def described(self) -> dict[str, Any]:
        """OpenAPI's `requestBody`."""
        return {
            "required": True,
            "content": {self.media_type: {"schema": {"type": "string"}, "example": self.example}},
        }


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
    """flask-smorest with errors as problems."""

    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        problems.install(self._app)

    def _register_responses(self) -> None:
        self.DEFAULT_RESPONSE_CONTENT_TYPE = problems.MEDIA_TYPE
        super()._register_responses()
        del self.DEFAULT_RESPONSE_CONTENT_TYPE


class Resource:
    """The handlers under one path."""

    def __init__(self, name: str, path: str, description: str) -> None:
        self.blueprint = flask_smorest.Blueprint(name, name, url_prefix=path, description=description)
        self.blueprint.ARGUMENTS_PARSER = BodyParser()
        self.uploads: dict[str, Upload] = {}

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
        needs_key: bool = True,
    ) -> Callable[[Handler], Handler]:
        """Serve `method path` by the decorated handler.

        The handler gets the validated body or query first, then the path's parts by name, and returns what `answer`
        writes, or a response of the type `file`. `problems` are its own statuses for refusals; `example` is an answer.
        An `upload` is in the request's data.
        """

        def decorate(handler: Handler) -> Handler:
            blueprint = self.blueprint
            view = blueprint.response(status, answer or TEXT, content_type=file, example=example)(handler)
            has_body = body is not None or upload is not None
            own = problems + (BODY_PROBLEMS if has_body else ()) + (EVERY_PROBLEM if needs_key else (503,))
            for code in sorted(set(own)):
                view = blueprint.alt_response(code, HTTPStatus(code).name)(view)
            if body:
                view = blueprint.arguments(body, unknown=None)(view)
            view = blueprint.arguments(query or NoQuery, location="query", unknown=ma.RAISE, as_kwargs=query is None)(
                view
            )
            described: dict[str, Any] = {"operationId": handler.__name__} | ({} if needs_key else {"security": []})
            described |= self._expect(handler.__name__, upload) if upload else {}
            blueprint.route(path, methods=[method])(blueprint.doc(**described)(view))
            return handler

        return decorate

    def _expect(self, handler: str, upload: Upload) -> dict[str, Any]:
        """Lets `upload` pass where a body would have to be JSON; returns what OpenAPI says of it."""
        self.uploads[f"{self.blueprint.name}.{handler}"] = upload
        return {"requestBody": upload.described()}


def add_resources(app: Flask, *resources: Resource) -> None:
    """Serve `resources` and their OpenAPI document at /openapi.json."""
    app.config.update(
        API_TITLE="Turnpike",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/",
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={"security": [{SECURITY: []}]},
    )
    api = Api(app)
    api.spec.components.security_scheme(
        SECURITY, {"type": "http", "scheme": "bearer", "description": "An API key: `Authorization: Bearer tp_…`"}
    )
    for resource in resources:
        api.register_blueprint(resource.blueprint)
        app.extensions.setdefault(UPLOADS, {}).update(resource.uploads)


def refuse_body_of_other_type() -> None:
    """A body that is not JSON is refused (415) even where none is expected; so is JSON where a file is."""
    upload: Upload | None = current_app.extensions[UPLOADS].get(request.endpoint)
    if upload:
        _refuse_other_file(upload)
    elif request.method in ("POST", "PATCH", "PUT") and request.get_data(cache=True) and not request.is_json:
        raise UnsupportedMediaType


def _refuse_other_file(upload: Upload) -> None:
    request.max_content_length = upload.largest
    if request.mimetype != upload.media_type:
        detail = f"Send the file as it is, with the header Content-Type: {upload.media_type}."
        raise problems.Refusal(415, "wrong-media-type", detail)


def forbid_caches(response: Response) -> Response:
    """Rule C2: no copy of a password in a cache on the way."""
    response.headers["Cache-Control"] = "no-store"
    return response
