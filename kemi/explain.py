"""An event as the sentence that a PBX owner reads: what happened, why, and what to do or when to come again.

Details come from the journal's `with` and from the event itself. All are optional, and any may hold what an attacker
sent: a sentence never fails, and shows such texts shortened and without control characters. Keys that are read:

- of the event: `address`, `port`, `user_agent`, `username`, `method`, `code`, `retry_after` (seconds), `count`
- `early`: `elapsed` and `minimum` (seconds), `next` (epoch ms)
- `second_pbx`, `race_lost`: `holder_address`, `holder_user_agent`, `holder_region`, `expires` (epoch ms)
- `blocked`: `cause` (the block's), `until` (epoch ms)
- the blocks themselves: `until`, `requests`, `attempts`, `usernames`, `seconds`
- `malformed`, `dialog`, `withdrawn`: `reason`; `route`: `route`
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

LONGEST = 500
_LONGEST_TEXT = 80
_LARGEST = 2.5e14  # milliseconds: before the year 9999

Details = Mapping[str, object]


def sentence(rule: str, cause: str, details: Details) -> str:
    """The event in plain English, at most 500 characters; never raises, whatever is missing or malformed."""
    explain = _SENTENCES.get(cause)
    text = explain(details) if explain else _PLAIN.get(cause, f"Refused under rule {_clean(rule)} ({_clean(cause)}).")
    again = _again(details) if cause in _COME_AGAIN else ""
    return (text[:1].upper() + text[1:] + again + _repeated(details))[:LONGEST]


def _clean(value: object) -> str:
    text = "".join(char if char.isprintable() else " " for char in str(value))
    text = " ".join(text.encode("utf-8", "replace").decode().split())
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"


def _text(details: Details, key: str, otherwise: str = "") -> str:
    value = details.get(key)
    return otherwise if value is None or value == "" else _clean(value)


def _number(details: Details, key: str) -> float | None:
    value = details.get(key)
    return value if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST else None


def _clock(details: Details, key: str) -> str:
    """A moment within a day as its time, so `until` reads naturally: 14:03:20 UTC; empty when there is none."""
    value = _number(details, key)
    if value is None or value <= 0:
        return ""
    return f"{datetime.fromtimestamp(value / 1000, UTC):%H:%M:%S} UTC"


def _sender(details: Details) -> str:
    return _pbx(_text(details, "address"), _text(details, "user_agent"))


def _pbx(address: str, user_agent: str) -> str:
    return (address or "an unknown address") + (f' ("{user_agent}")' if user_agent else "")


def _repeated(details: Details) -> str:
    count = _number(details, "count")
    return f" Counted together: {round(count)} times." if count is not None and count > 1 else ""


def _again(details: Details) -> str:
    return "" if (wait := _number(details, "retry_after")) is None else f" Try again in {round(wait)} s."


def _reason(details: Details) -> str:
    reason = _text(details, "reason")
    return f": {reason}" if reason else ""


def _block_end(details: Details) -> str:
    end = _clock(details, "until")
    return f" until {end}" if end else ""


def _end(details: Details) -> str:
    return f"; blocked{_block_end(details)}."


def _over(details: Details, key: str) -> str:
    """(57 requests in 10 s), or as much of it as is known."""
    count, window = _number(details, key), _number(details, "seconds")
    if count is None:
        return ""
    return f" ({round(count)} {key}{f' in {round(window)} s' if window is not None else ''})"


def _malformed(details: Details) -> str:
    reason = _text(details, "reason", "it is not valid SIP or lacks a mandatory header")
    return f"The message from {_sender(details)} cannot be used: {reason}."


def _method(details: Details) -> str:
    served = "REGISTER, INVITE, CANCEL, ACK and OPTIONS"
    return f"{_text(details, 'method', 'This method')} is not served outside a call; {served} are."


def _route(details: Details) -> str:
    return (
        f"The message asked for a route to {_text(details, 'route', 'elsewhere')}; no third-party traffic is relayed."
    )


def _dialog(details: Details) -> str:
    return f"The request claims to belong to a call that is not known here{_reason(details)}."


_BLOCK_CAUSES = {
    "flood": "too many requests that ended in no success",
    "wrong_passwords": "too many wrong passwords",
    "guessing": "too many different usernames with wrong passwords",
    "blocked_early": "registering again too early, ten times",
    "blocked_streak": "registering too early before each of twenty registrations",
}


def _blocked(details: Details) -> str:
    cause = _text(details, "cause")
    because = f" because of {_BLOCK_CAUSES.get(cause, cause)}" if cause else ""
    return f"{_sender(details)} is blocked{_block_end(details)}{because}. An administrator can lift the block."


def _flood(details: Details) -> str:
    return f"{_sender(details)} sent too many requests that ended in no success{_over(details, 'requests')}" + _end(
        details
    )


def _wrong_passwords(details: Details) -> str:
    sent = f"{_sender(details)} sent the wrong password for {_text(details, 'username', 'a username')} too often"
    return f"{sent}{_over(details, 'attempts')}{_end(details)} Correct the password in the PBX."


def _guessing(details: Details) -> str:
    return f"{_sender(details)} tried too many different usernames{_over(details, 'usernames')}" + _end(details)


def _scanner(details: Details) -> str:
    return f"{_sender(details)} presents itself as a known scanner and gets no answer."


def _password(details: Details) -> str:
    who = _text(details, "username")
    return (
        f"The username{f' {who}' if who else ''} or its password is wrong, from {_sender(details)}. "
        "Enter both again in the PBX exactly as they were shown."
    )


def _mismatch(details: Details) -> str:
    return (
        "The authentication username, To and From do not name the same user; "
        f"set all of them to {_text(details, 'username', 'the username of the credential')}."
    )


def _phone(details: Details) -> str:
    return f"{_sender(details)} is a desk phone or softphone; this service is for PBXs only: register it at your PBX."


def _early(details: Details) -> str:
    elapsed, minimum, following = _number(details, "elapsed"), _number(details, "minimum"), _clock(details, "next")
    told = f"Registered {'too early' if elapsed is None else f'{int(elapsed)} s'} after the last registration"
    told += "" if minimum is None else f"; the minimum is {round(minimum)} s"
    return told + (f"; next allowed at {following}." if following else ".")


def _blocked_early(details: Details) -> str:
    return (
        "Registered ten times within ten minutes before the moment that Retry-After named"
        f"{_end(details)} Set the PBX to register every 300 s and to honour Retry-After."
    )


def _blocked_streak(details: Details) -> str:
    return (
        "Twenty registrations in a row were each tried too early first"
        f"{_end(details)} Set the PBX to register every 300 s, never sooner than 100 s."
    )


def _holder(details: Details) -> str:
    holder = _pbx(_text(details, "holder_address"), _text(details, "holder_user_agent"))
    region = _text(details, "holder_region")
    return f"{holder} in region {region}" if region else holder


def _second_pbx(details: Details) -> str:
    end = _clock(details, "expires")
    held = f" until {end}" if end else ""
    return (
        f"A second PBX, {_sender(details)}, tried to register; {_holder(details)} holds the registration{held}. "
        f"One PBX per credential is allowed: stop one of them."
    )


def _race_lost(details: Details) -> str:
    return (
        f"Two PBXs registered at nearly the same moment: the registration of {_sender(details)} was removed "
        f"because {_holder(details)} came first. One PBX per credential is allowed: stop one of them."
    )


def _removed(details: Details) -> str:
    return f"An administrator removed the registration of {_sender(details)}. The PBX may register again."


def _withdrawn(details: Details) -> str:
    reason = _text(details, "reason", "disabled, deleted or given a new password")
    return f"The registration of {_sender(details)} was removed because the credential was {reason}."


_PLAIN = {
    "hops": "Max-Forwards reached 0: the message has passed too many hops, probably in a loop.",
    "disabled": "The credential is disabled. Its password was right; it works again once it is enabled.",
    "no_snapshot": "The gateway has just started and does not know its credentials yet.",
    "no_core": "No core gateway could take the call.",
}
_COME_AGAIN = {"disabled", "no_snapshot", "no_core", "second_pbx"}

_SENTENCES: dict[str, Callable[[Details], str]] = {
    "malformed": _malformed,
    "method": _method,
    "route": _route,
    "dialog": _dialog,
    "blocked": _blocked,
    "flood": _flood,
    "wrong_passwords": _wrong_passwords,
    "guessing": _guessing,
    "scanner": _scanner,
    "password": _password,
    "mismatch": _mismatch,
    "phone": _phone,
    "early": _early,
    "blocked_early": _blocked_early,
    "blocked_streak": _blocked_streak,
    "second_pbx": _second_pbx,
    "race_lost": _race_lost,
    "removed": _removed,
    "withdrawn": _withdrawn,
}
