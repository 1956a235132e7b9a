"""An event as the sentence that a PBX owner reads: what happened, why, and what to do or when to come again.

Details come from the journal's `with` and from the event itself. All are optional, and any may hold what an attacker
sent: a sentence never fails, and shows such texts shortened and without control characters. Keys that are read:

- of the event: `address`, `port`, `user_agent`, `username`, `method`, `code`, `retry_after` (seconds), `count`
- `early`: `elapsed` and `minimum` (seconds), `next` (epoch ms)
- `second_pbx`, `race_lost`, `elsewhere`: `holder_address`, `holder_user_agent`, `holder_region`, `expires` (epoch ms)
- `blocked`: `cause` (the block's), `until` (epoch ms)
- the blocks themselves: `until`, `requests`, `attempts`, `usernames`, `seconds`
- `malformed`, `dialog`, `withdrawn`: `reason`; `route`: `route`
- `unseen`: `until` (epoch ms)
"""

from collections.abc import Callable

from kemi.wording import (
    Details,
    again,
    block_end,
    clean,
    clock,
    end,
    number,
    over,
    pbx,
    reason,
    repeated,
    sender,
    text,
    whole_moment,
)

LONGEST = 500


def sentence(rule: str, cause: str, details: Details) -> str:
    """The event in plain English, at most 500 characters; never raises, whatever is missing or malformed."""
    explain = _SENTENCES.get(cause)
    told = explain(details) if explain else _PLAIN.get(cause, f"Refused under rule {clean(rule)} ({clean(cause)}).")
    when = again(details) if cause in _COME_AGAIN else ""
    return (told[:1].upper() + told[1:] + when + repeated(details))[:LONGEST]


def _malformed(details: Details) -> str:
    reason = text(details, "reason", "it is not valid SIP or lacks a mandatory header")
    return f"The message from {sender(details)} cannot be used: {reason}."


def _method(details: Details) -> str:
    served = "REGISTER, INVITE, CANCEL, ACK and OPTIONS"
    return f"{text(details, 'method', 'This method')} is not served outside a call; {served} are."


def _route(details: Details) -> str:
    return f"The message asked for a route to {text(details, 'route', 'elsewhere')}; no third-party traffic is relayed."


def _dialog(details: Details) -> str:
    return f"The request claims to belong to a call that is not known here{reason(details)}."


_BLOCK_CAUSES = {
    "flood": "too many requests that ended in no success",
    "wrong_passwords": "too many wrong passwords",
    "guessing": "too many different usernames with wrong passwords",
    "blocked_early": "registering again too early, ten times",
    "blocked_streak": "registering too early before each of twenty registrations",
}


def _blocked(details: Details) -> str:
    cause = text(details, "cause")
    because = f" because of {_BLOCK_CAUSES.get(cause, cause)}" if cause else ""
    return f"{sender(details)} is blocked{block_end(details)}{because}. An administrator can lift the block."


def _flood(details: Details) -> str:
    return f"{sender(details)} sent too many requests that ended in no success{over(details, 'requests')}" + end(
        details
    )


def _wrong_passwords(details: Details) -> str:
    sent = f"{sender(details)} sent the wrong password for {text(details, 'username', 'a username')} too often"
    return f"{sent}{over(details, 'attempts')}{end(details)} Correct the password in the PBX."


def _guessing(details: Details) -> str:
    return f"{sender(details)} tried too many different usernames{over(details, 'usernames')}" + end(details)


def _scanner(details: Details) -> str:
    return f"{sender(details)} presents itself as a known scanner and gets no answer."


def _password(details: Details) -> str:
    who = text(details, "username")
    return (
        f"The username{f' {who}' if who else ''} or its password is wrong, from {sender(details)}. "
        "Enter both again in the PBX exactly as they were shown."
    )


def _mismatch(details: Details) -> str:
    return (
        "The authentication username, To and From do not name the same user; "
        f"set all of them to {text(details, 'username', 'the username of the credential')}."
    )


def _phone(details: Details) -> str:
    return f"{sender(details)} is a desk phone or softphone; this service is for PBXs only: register it at your PBX."


def _early(details: Details) -> str:
    elapsed, minimum, following = number(details, "elapsed"), number(details, "minimum"), clock(details, "next")
    told = f"Registered {'too early' if elapsed is None else f'{int(elapsed)} s'} after the last registration"
    told += "" if minimum is None else f"; the minimum is {round(minimum)} s"
    return told + (f"; next allowed at {following}." if following else ".")


def _blocked_early(details: Details) -> str:
    return (
        "Registered ten times within ten minutes before the moment that Retry-After named"
        f"{end(details)} Set the PBX to register every 300 s and to honour Retry-After."
    )


def _blocked_streak(details: Details) -> str:
    return (
        "Twenty registrations in a row were each tried too early first"
        f"{end(details)} Set the PBX to register every 300 s, never sooner than 100 s."
    )


def _holder(details: Details) -> str:
    holder = pbx(text(details, "holder_address"), text(details, "holder_user_agent"))
    region = text(details, "holder_region")
    return f"{holder} in region {region}" if region else holder


def _second_pbx(details: Details) -> str:
    end = clock(details, "expires")
    held = f" until {end}" if end else ""
    return (
        f"A second PBX, {sender(details)}, tried to register; {_holder(details)} holds the registration{held}. "
        f"One PBX per credential is allowed: stop one of them."
    )


def _race_lost(details: Details) -> str:
    return (
        f"Two PBXs registered at nearly the same moment: the registration of {sender(details)} was removed "
        f"because {_holder(details)} came first. One PBX per credential is allowed: stop one of them."
    )


def _removed(details: Details) -> str:
    return f"An administrator removed the registration of {sender(details)}. The PBX may register again."


def _withdrawn(details: Details) -> str:
    reason = text(details, "reason", "disabled, deleted or given a new password")
    return f"The registration of {sender(details)} was removed because the credential was {reason}."


def _unseen(details: Details) -> str:
    end = whole_moment(details, "until")
    ends = f"works until {end}" if end else "ends soon"
    return (
        f"The new password of {text(details, 'username', 'the credential')} has not been used yet, and the old one "
        f"{ends}. Enter the new password in the PBX before that, or rotate again with a longer grace period."
    )


def _elsewhere(details: Details) -> str:
    return (
        f"A call came from {sender(details)}, but {_holder(details)} holds the registration. Calls must come from the "
        "registered address: if this is not your PBX, rotate the password."
    )


_PLAIN = {
    "rate": "Calls are made faster than one a second.",
    "channels": "All 100 channels of this credential are in use in this region.",
    "emergency": "Ten emergency calls of this credential are in progress already.",
    "repeated": "A call with the same Call-ID was under way when the gateway started anew; it has been cancelled.",
    "nobody_dialled": "The call names no number to be called.",
    "hops": "Max-Forwards reached 0: the message has passed too many hops, probably in a loop.",
    "disabled": "The credential is disabled. Its password was right; it works again once it is enabled.",
    "no_snapshot": "The gateway has just started and does not know its credentials yet.",
    "no_core": "No core gateway could take the call.",
}
_COME_AGAIN = {"channels", "disabled", "emergency", "no_core", "no_snapshot", "rate", "repeated", "second_pbx"}

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
    "elsewhere": _elsewhere,
    "race_lost": _race_lost,
    "removed": _removed,
    "withdrawn": _withdrawn,
    "unseen": _unseen,
}
