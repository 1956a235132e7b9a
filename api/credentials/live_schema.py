"""Credentials in answers, with what is live about them."""

from __future__ import annotations

import marshmallow as ma

from api.bindings.schema import BindingSchema
from api.credentials.schema import CredentialSchema
from api.fields import Answer
from api.paging import PageSchema


class UseSchema(Answer):
    """How much of a credential's limits is in use in one region."""

    region = ma.fields.String(metadata={"description": "Name of the region", "example": "nw1"})
    channels = ma.fields.Integer(
        metadata={"description": "Outbound calls in progress, of the 100 of rule O3", "example": 12}
    )
    calls_per_second = ma.fields.Float(
        metadata={"description": "Outbound calls that started in the last 10 s, divided by 10", "example": 0.4}
    )


class CredentialWithBindings(CredentialSchema):
    """A credential, its live bindings, at most one a region, and what it uses of its limits in every region."""

    bindings = ma.fields.List(ma.fields.Nested(BindingSchema))
    use = ma.fields.List(ma.fields.Nested(UseSchema))


class ListedCredential(CredentialSchema):
    """A credential; with `live` true also its live bindings and what it uses of its limits in every region."""

    bindings = ma.fields.List(
        ma.fields.Nested(BindingSchema),
        allow_none=True,
        metadata={"description": "At most one a region; null unless `live` is true"},
    )
    use = ma.fields.List(
        ma.fields.Nested(UseSchema),
        allow_none=True,
        metadata={"description": "By region; null unless `live` is true"},
    )


class CredentialPage(PageSchema):
    """Credentials, newest first."""

    items = ma.fields.List(ma.fields.Nested(ListedCredential))
