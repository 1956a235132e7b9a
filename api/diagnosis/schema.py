"""Diagnoses in answers."""

from __future__ import annotations

from typing import Any, Final

import marshmallow as ma

from api.diagnosis.examples import EXAMPLE
from api.diagnosis.faults import RANKS, SEVERITIES
from api.fields import CREDENTIAL_EXAMPLE, Answer, Flag, Instant

__all__ = ["EXAMPLE", "DiagnosisSchema"]
WORKS: Final = "Whether PBX and carrier reach each other; null: that is not known"
STATES: Final = ("live", "silent", "expired", "ended")


def _text(description: str, example: str | None, **options: Any) -> ma.fields.String:
    return ma.fields.String(metadata={"description": description, "example": example}, **options)


def _count(description: str, example: int | None, **options: Any) -> ma.fields.Integer:
    return ma.fields.Integer(metadata={"description": description, "example": example}, **options)


def _nested(schema: type[ma.Schema], description: str, **options: Any) -> ma.fields.Nested:
    return ma.fields.Nested(schema, metadata={"description": description}, **options)


def _list(schema: type[ma.Schema], description: str) -> Any:
    return ma.fields.List(ma.fields.Nested(schema), metadata={"description": description})


def _instant(description: str, *, always: bool = False) -> Instant:
    return Instant(allow_none=not always, metadata={"description": description})


class FindingSchema(Answer):
    """One thing that is wrong."""

    code = _text("What it is, for programs", "password", validate=ma.validate.OneOf(RANKS))
    severity = _text(
        "`down`: nothing works for that reason; `degraded`: something does not; `notice`: worth knowing",
        "down",
        validate=ma.validate.OneOf(SEVERITIES),
    )
    region = _text("Where; null: everywhere", "nw1", allow_none=True)
    rule = _text("Rule that it comes from", "R2", allow_none=True)
    sentence = _text("What is wrong", EXAMPLE["verdict"])
    advice = _text("What to change, in the words of the PBX at hand", EXAMPLE["findings"][0]["advice"])


class RecognisedPbxSchema(Answer):
    """The PBX at hand, as it calls itself."""

    kind = _text("As in the settings that are made for PBXs; null when it is not known", "freepbx", allow_none=True)
    name = _text("What people call that kind", "FreePBX", allow_none=True)
    user_agent = _text("Shortened", "FPBX-16.0.40(18.9)")


class RegistrationSchema(Answer):
    """The last registration that a region accepted, live or not; known for 30 days."""

    state = _text(
        "`silent`: the PBX has stopped answering keep-alives; `ended`: it left, or was removed",
        "live",
        validate=ma.validate.OneOf(STATES),
    )
    accepted_at = _instant("Latest registration that was accepted: the clock of rule R4")
    address = _text("Where the REGISTER came from", "192.0.2.7", allow_none=True)
    port = _count("UDP", 5062, allow_none=True)
    contact = _text("What the PBX calls itself", "sip:k3v8n2mq7x4t@10.0.0.9:5062", allow_none=True)
    user_agent = _text("Shortened", "FPBX-16.0.40(18.9)", allow_none=True)
    since = _instant("First of an unbroken row of registrations from this address")
    expires_at = _instant("When it ends, or ended, if it is not refreshed")
    expires_in = _count("Seconds, of a live one", 287, allow_none=True)
    ended_at = _instant("When the PBX left, or was removed")
    password_version = _count("Of the password that was used", 1, allow_none=True)
    keepalive = _count("0: OPTIONS were never answered, 1: they are, 2: they used to be", 1, allow_none=True)
    strikes = _count("How often the PBX came before the moment that was named (rule R4: ten lead to a block)", 0)
    streak = _count("Registrations in a row that were each too early first (rule R4: twenty lead to a block)", 0)
    next_allowed_at = _instant("When the next registration may be accepted (rule R4)")
    may_register = Flag(metadata={"description": "Whether that moment is past", "example": True})


class RefusedSchema(Answer):
    """The last registration that a region refused."""

    at = _instant("When", always=True)
    rule = _text("Why", "R2")
    cause = _text("In the words of events", "password")
    code = _count("SIP status", 401, allow_none=True)
    retry_after = _count("Seconds", None, allow_none=True)
    address = _text("Source", "192.0.2.7", allow_none=True)
    user_agent = _text("Shortened", "FPBX-16.0.40(18.9)", allow_none=True)
    proven = Flag(metadata={"description": "Whether the sender knew the password", "example": False})
    count = _count("How many are counted together", 1)
    sentence = _text("The event's", EXAMPLE["regions"][0]["refused"]["sentence"])


class OwnBlockSchema(Answer):
    """A block in force that names the username, or covers an address that the PBX was at."""

    address = _text("Source", "192.0.2.7")
    username = _text("null: it covers the whole address", "k3v8n2mq7x4t", allow_none=True)
    rule = _text("Why", "B2")
    cause = _text("In the words of events", "wrong_passwords")
    at = _instant("Since when", always=True)
    until = _instant("Its end", always=True)
    own = Flag(metadata={"description": "Whether it keeps the PBX out, and not a stranger", "example": True})


class HeadroomSchema(Answer):
    """Outbound calls in a region against what is allowed."""

    channels = _count("In use", 12)
    channels_most = _count("Allowed (rule O3)", 100)
    last_minute = _count("Calls that went out, of 60 (rule O2)", 7)
    refused_rate = _count("Refused in the last hour for coming too fast (rule O2)", 0)
    refused_channels = _count("Refused in the last hour because no channel was free (rule O3)", 0)


class CoresSchema(Answer):
    """The carrier's core gateways of a region."""

    listed = _count("All", 2)
    enabled = _count("That get calls", 2)
    dead = _count("Of these, that do not answer their probes", 0)
    dead_places = ma.fields.List(
        ma.fields.String(),
        metadata={"description": "Where those are; empty for who is bound to a tenant", "example": []},
    )


class RegionDiagnosisSchema(Answer):
    """One region."""

    region = _text("Its name", "nw1")
    verdict = _text("In a sentence", EXAMPLE["verdict"])
    works = Flag(allow_none=True, metadata={"description": WORKS, "example": False})
    state = _text("`in-service`, `draining` or `out`", "in-service")
    address = _text("Of its gateway", "192.0.2.1")
    heartbeat_at = _instant("The agent's last word: what is known is as of then")
    gateway_at = _instant("The gateway's last pulse")
    behind_since = _instant("When the oldest change was made that is not in force there; null: all are")
    registration = _nested(RegistrationSchema, "null: none is known", allow_none=True)
    refused = _nested(RefusedSchema, "null: none is known", allow_none=True)
    blocks = _list(OwnBlockSchema, "In force")
    calls = _nested(HeadroomSchema, "Calls out")
    cores = _nested(CoresSchema, "Where calls go")


class PasswordStateSchema(Answer):
    """Which password is in use (rule C4)."""

    version = _count("Of the present password", 2)
    in_use = _count("Of the oldest that a live registration was made with", 1, allow_none=True)
    rotated_at = _instant("When the present one was made; null: with the credential")
    old_until = _instant("Until when the one before works")
    seen_at = _instant("When the present one was first used, in any region")


class UnroutedSchema(Answer):
    """A number of the tenant that rings nobody."""

    number = _text("E.164", "+14155550101")
    refused = _count("Calls to it in the last hour, which got 480", 3)
    last_at = _instant("The last of them")


class NumbersSchema(Answer):
    """Numbers, as far as the sender may see them; at most twenty of each."""

    routed = ma.fields.List(
        ma.fields.String(), metadata={"description": "That ring this PBX", "example": ["+14155550100"]}
    )
    routed_count = _count("How many there are", 1)
    unrouted = _list(UnroutedSchema, "Of its tenant, that ring nobody; those first that were called")
    unrouted_count = _count("How many there are", 0)


class NamingSchema(Answer):
    """One thing in DNS that is not as it should be."""

    kind = _text("`missing`, `surplus`, `wrong` or `unanswered`", "missing")
    name = _text("DNS name", "_sip._udp.reg.example.net")
    expected = _text("Records as a zone file writes them", "0 0 5060 nw1.reg.example.net.", allow_none=True)
    answered = _text("The same", None, allow_none=True)
    region = _text("Whom it concerns; null: all", "nw1", allow_none=True)
    sentence = _text("What is wrong, where, and what to do", "At 192.0.2.53: SRV names no nw1; publish the zone.")


class DiagnosisSchema(Answer):
    """Whether a trunk works; if not, why and what to do; and the facts behind that."""

    credential = _text("Its id", CREDENTIAL_EXAMPLE)
    username = _text("What the PBX registers as", "k3v8n2mq7x4t")
    at = _instant("When the facts were read", always=True)
    verdict = _text("In a sentence or two", EXAMPLE["verdict"])
    works = Flag(allow_none=True, metadata={"description": WORKS, "example": False})
    pbx = _nested(RecognisedPbxSchema, "null: no PBX has said what it is", allow_none=True)
    findings = ma.fields.List(
        ma.fields.Nested(FindingSchema), metadata={"description": "The worst first; of these, the cause first"}
    )
    regions = _list(RegionDiagnosisSchema, "By name")
    enabled = Flag(metadata={"description": "Whether the credential may register and call", "example": True})
    password = _nested(PasswordStateSchema, "Rule C4")
    numbers = _nested(NumbersSchema, "Rule I2")
    domains = ma.fields.List(
        ma.fields.String(), metadata={"description": "That resolvers were asked about", "example": ["example.net"]}
    )
    dns = _list(NamingSchema, "What is wrong with the domains")
