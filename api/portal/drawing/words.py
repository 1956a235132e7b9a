"""What became of a call, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from api.portal.showing import duration, read_moment

REASONS: Final = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    407: "Auth Required",
    408: "Request Timeout",
    480: "Unavailable",
    482: "Loop Detected",
    484: "Address Incomplete",
    486: "Busy Here",
    487: "Terminated",
    488: "Not Acceptable",
    500: "Server Error",
    503: "Unavailable",
    600: "Busy Everywhere",
    603: "Decline",
    604: "Does Not Exist",
}
"""RFC 3261 section 21, shortened; what was really sent beside the number is not recorded."""
CAUSES: Final = {
    "rate": "calls came faster than one a second",
    "channels": "all 100 channels were in use",
    "emergency": "ten emergency calls were in progress",
    "repeated": "the same Call-ID was under way already",
    "no_core": "no core gateway could take it",
    "nobody_dialled": "it named no number",
    "not_sent": "it could not be sent",
    "core_challenges": "the core asked for a password",
    "longest_ringing": "it rang for the longest time that is allowed",
    "longest_call": "it lasted for the longest time that is allowed",
    "caller_silent": "the caller's side no longer answered",
    "callee_silent": "the called side no longer answered",
    "caller_lost_call": "the caller's side no longer knew the call",
    "callee_lost_call": "the called side no longer knew the call",
    "no_answer": "the PBX did not answer",
    "unknown_number": "the number is not known here",
    "no_route": "the number is routed to no credential",
    "not_registered": "the PBX was registered nowhere",
    "elsewhere": "it did not come from the registered address",
    "phone": "it came from a desk phone or softphone",
    "disabled": "the credential was disabled",
    "malformed": "the message could not be used",
    "no_snapshot": "the gateway had just started",
    "ended": "an administrator ended it",
}
REFUSALS: Final = {
    404: "does not exist",
    408: "did not answer",
    480: "could not be reached",
    486: "was busy",
    487: "was given up",
    600: "was busy",
    603: "declined",
    604: "does not exist",
}
HANGING_UP: Final = {
    "caller": "The caller hung up",
    "callee": "The called side hung up",
    "administrator": "An administrator ended it",
    "gateway": "The gateway ended it",
}


def reason(code: int | None) -> str:
    """The first line of a response, as far as it is known."""
    if code is None:
        return "No final answer"
    return f"{code} {REASONS[code]}" if code in REASONS else str(code)


def spoken(seconds: int) -> str:
    """How long a call lasted: less than a second is none in its record."""
    return duration(seconds) if seconds else "less than 1 s"


def what_happened(call: Mapping[str, Any]) -> str:
    """A call, live or ended, in plain sentences: was it answered, who ended it, and why."""
    if call.get("ended_at") is None:
        return _live(call)
    if call["answered_at"]:
        return f"Answered after {_ring(call)}. {_hung_up(call)} after {spoken(call['seconds'])}{_because(call)}."
    return _unanswered(call)


def _live(call: Mapping[str, Any]) -> str:
    if call["answered_at"]:
        return f"In progress: it was answered {duration(call['duration'])} ago."
    return f"It has been {'ringing' if call['rang_at'] else 'on its way'} since {duration(call['duration'])}."


def _hung_up(call: Mapping[str, Any]) -> str:
    return HANGING_UP.get(call["ended_by"], "It ended")


def _ring(call: Mapping[str, Any]) -> str:
    waited = read_moment(call["answered_at"]) - read_moment(call["started_at"])
    return f"{waited.total_seconds():.1f} s"


def _unanswered(call: Mapping[str, Any]) -> str:
    code, rang = call["code"], "It rang, but " if call["rang_at"] else ""
    match call["ended_by"]:
        case "caller":
            told = f"{rang}the caller gave up after {_waited(call)}, before it was answered"
        case "callee":
            refused = REFUSALS.get(code, "refused the call")
            told = f"{rang}the called side {refused}: final answer {code}"
        case "administrator":
            told = f"{rang}an administrator ended it before it was answered"
        case _:
            told = f"{rang}the gateway refused it with {code}" if not rang else f"{rang}the gateway gave it up ({code})"
    return f"{told[:1].upper()}{told[1:]}{_because(call)}."


def _waited(call: Mapping[str, Any]) -> str:
    return f"{(read_moment(call['ended_at']) - read_moment(call['started_at'])).total_seconds():.1f} s"


def _because(call: Mapping[str, Any]) -> str:
    if call["cause"] in (None, "ended"):
        return ""
    rule = f" (rule {call['rule']})" if call["rule"] else ""
    return f": {CAUSES.get(call['cause'], call['cause'])}{rule}"


def outcome(call: Mapping[str, Any]) -> tuple[str, str]:
    """What became of an ended call, as a kind of state (macros.html) and in a few words."""
    if call["answered_at"]:
        return "ok", f"answered, {spoken(call['seconds'])}"
    if call["ended_by"] == "caller":
        return "off", "given up"
    if call["ended_by"] == "callee":
        return "warn", reason(call["code"])
    rule = f", rule {call['rule']}" if call["rule"] else ""
    return "bad", f"{reason(call['code'])}{rule}"
