"""A fault as the sentence that a PBX's owner reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from api.diagnosis.facts import Facts, Registration
from api.diagnosis.faults import Fault
from api.diagnosis.phrases import calls, listed, moment, place_of, who

Sentence = Callable[[Facts, Fault], str]
BECAME: Final = {"removed": "Removed", "race_lost": "Removed", "scanner": "Ignored"}


def sentence(facts: Facts, fault: Fault) -> str:
    """What is wrong, where, and since when."""
    return SENTENCES[fault.code](facts, fault)


def _refused(facts: Facts, fault: Fault) -> str:
    """The event's own sentence, and when that was."""
    refusal = fault.details["refusal"]
    became = BECAME.get(refusal.cause, "Refused")
    return f"{became}{place_of(fault)} at {moment(facts, refusal.last_at)}: {refusal.sentence}{_moved(facts, fault)}"


def _moved(facts: Facts, fault: Fault) -> str:
    """Who was refused need not be the PBX when it came from elsewhere."""
    refusal = fault.details["refusal"]
    known = sorted(facts.addresses() - {refusal.address})
    return f" The PBX last registered from {listed(known)}." if known and not refusal.proven else ""


def _blocked(why: str) -> Sentence:
    def told(facts: Facts, fault: Fault) -> str:
        if "block" not in fault.details:
            return _refused(facts, fault)
        block = fault.details["block"]
        scope = block.address if block.username is None else f"This credential at {block.address}"
        passes = " The PBX is registered there, so it passes, slowly." if fault.severity == "notice" else ""
        return f"{scope} is blocked{place_of(fault)} until {moment(facts, block.until)}: {why}.{passes}"

    return told


def _rotated(facts: Facts, fault: Fault) -> str:
    changed = f"The password was changed at {moment(facts, facts.credential.rotated_at)}"
    refusal = fault.details["refusal"]
    if refusal.cause == "withdrawn":
        return f"{changed}, and the PBX has not registered{place_of(fault)} with the new one since."
    return f"{changed}, and the PBX still uses an old one{place_of(fault)}: {refusal.sentence}{_moved(facts, fault)}"


def _was_disabled(facts: Facts, fault: Fault) -> str:
    at = moment(facts, fault.details["refusal"].last_at)
    told = "The credential was disabled until lately; it is enabled now, and the PBX has not come back"
    return f"{told}{place_of(fault)} since {at}."


def _stale(facts: Facts, fault: Fault) -> str:
    heard = fault.details["heard_at"]
    since = "has never reported" if heard is None else f"has said nothing since {moment(facts, heard)}"
    return f"Region {fault.region} {since}: what is known of it is as of then, and its gateway may go on serving."


def _gateway_down(facts: Facts, fault: Fault) -> str:
    at = fault.details["gateway_at"]
    since = "has not started" if at is None else f"has been down since {moment(facts, at)}"
    return f"The gateway of region {fault.region} {since}: nobody can register or call there."


def _cores_dead(_facts: Facts, fault: Fault) -> str:
    return f"None of the carrier's core gateways{place_of(fault)} answers{_places(fault)}: calls out get 503."


def _core_dead(_facts: Facts, fault: Fault) -> str:
    return f"A core gateway of the carrier{place_of(fault)} does not answer{_places(fault)}; others take the calls."


def _places(fault: Fault) -> str:
    places = fault.details.get("places")
    return f" ({', '.join(places)})" if places else ""


def _cores_missing(_facts: Facts, fault: Fault) -> str:
    return f"Region {fault.region} has no core gateway of the carrier: calls out get 503."


def _cores_disabled(_facts: Facts, fault: Fault) -> str:
    return f"All core gateways of the carrier{place_of(fault)} are disabled: calls out get 503."


def _channels(_facts: Facts, fault: Fault) -> str:
    details = fault.details
    used = f"All {details['most']} channels are in use" if details["full"] else "All channels were in use"
    return f"{used}{place_of(fault)}; {calls(details['in_hour'])} refused for that in the last hour."


def _rate(_facts: Facts, fault: Fault) -> str:
    count, hour = fault.details["count"], fault.details["in_hour"]
    told = f"Calls are made faster than one a second{place_of(fault)}"
    return f"{told}: {calls(count)} refused in the last five minutes, {hour} in an hour."


def _counted(text: str) -> Sentence:
    def told(_facts: Facts, fault: Fault) -> str:
        return text.format(calls=calls(fault.details["count"]), where=place_of(fault))

    return told


def _no_answer(_facts: Facts, fault: Fault) -> str:
    known = fault.details["registration"]
    told = f"The PBX is registered{place_of(fault)} and gave no answer to the last"
    return f"{told} {calls(fault.details['count'])}, sent to {who(known)}."


def _no_route(facts: Facts, fault: Fault) -> str:
    first = fault.details["numbers"][0]
    others = len(fault.details["numbers"]) - 1
    more = f", and calls to {others} more numbers likewise" if others else ""
    told = f"{calls(first.refused)} to {first.number} got 480, last at {moment(facts, first.last_at)}"
    return f"{told}: the number rings no PBX{more}."


def _unrouted(_facts: Facts, fault: Fault) -> str:
    return f"No number rings this PBX, and its tenant has {fault.details['count']} that ring nobody."


def _silent(facts: Facts, fault: Fault) -> str:
    known = fault.details["registration"]
    last = moment(facts, known.accepted_at)
    return f"The PBX at {who(known)} has stopped answering keep-alives{place_of(fault)}; it registered last at {last}."


def _never(facts: Facts, fault: Fault) -> str:
    seen = fault.details["seen"]
    if seen is None:
        return "No PBX is known to have registered with this credential."
    return f"No PBX has registered for 30 days; its password was first used at {moment(facts, seen)}."


def _expired(facts: Facts, fault: Fault) -> str:
    known = fault.details["registration"]
    ended = f"expired at {moment(facts, known.expires_at)}" if known.expires_at else "has expired"
    return f"The registration{place_of(fault)} {ended}; {_last(facts, known)}, and has completed nothing since."


def _left(facts: Facts, fault: Fault) -> str:
    known = fault.details["registration"]
    return f"The PBX left{place_of(fault)} of its own accord at {moment(facts, known.ended_at)}; {_last(facts, known)}."


def _last(facts: Facts, known: Registration) -> str:
    return f"it registered last at {moment(facts, known.accepted_at)}" + (
        f" from {who(known)}" if known.address else ""
    )


def _one_region(_facts: Facts, fault: Fault) -> str:
    elsewhere = listed(fault.details["elsewhere"])
    told = f"The PBX is registered in {elsewhere} only, and was not in {fault.region} in the last 30 days"
    return f"{told}: when {elsewhere} fails, so does the trunk."


def _two_addresses(_facts: Facts, fault: Fault) -> str:
    places = ", ".join(f"{address} in {region}" for address, region in sorted(fault.details["places"].items()))
    return f"Two PBXs are registered at the same time: {places}."


def _old_password(facts: Facts, fault: Fault) -> str:
    until = moment(facts, fault.details["until"])
    if not fault.details["regions"]:
        return f"Nobody has used the new password yet; the old one works until {until}."
    return f"The PBX still uses the old password in {listed(fault.details['regions'])}, which works until {until}."


def _nat(_facts: Facts, fault: Fault) -> str:
    known, host = fault.details["registration"], fault.details["host"]
    source = f"{known.address}:{known.port}"
    return f"The PBX is behind NAT{place_of(fault)}: it calls itself {host} and comes from {source}."


def _mute(facts: Facts, fault: Fault) -> str:
    since = moment(facts, fault.details["registration"].since)
    told = f"The PBX, registered since {since}, has never answered OPTIONS{place_of(fault)}"
    return f"{told}: calls may not reach it either."


def _strangers(_facts: Facts, fault: Fault) -> str:
    addresses = fault.details["addresses"]
    whence = f" from {', '.join(addresses[:3])}" if addresses else ""
    told = f"Somebody else uses this username without its password{whence}"
    return f"{told}: {fault.details['count']} times in the last hour."


def _dns(_facts: Facts, fault: Fault) -> str:
    return str(fault.details["difference"].sentence)


SENTENCES: Final[Mapping[str, Sentence]] = {
    **dict.fromkeys(
        ("password", "mismatch", "phone", "scanner", "malformed", "second_pbx", "race_lost", "removed", "early",
         "no_snapshot", "elsewhere", "call_password", "call_phone"),
        _refused,
    ),
    "disabled": lambda _facts, _fault: "The credential is disabled.",
    "wrong_passwords": _blocked("too many wrong passwords"),
    "guessing": _blocked("too many different usernames with wrong passwords"),
    "blocked_early": _blocked("it came again too early, ten times"),
    "blocked_streak": _blocked("it came too early before each of twenty registrations"),
    "flood": _blocked("too many requests that ended in no success"),
    "rotated": _rotated,
    "was_disabled": _was_disabled,
    "no_region": lambda _facts, _fault: "No region is in service.",
    "stale": _stale,
    "gateway_down": _gateway_down,
    "behind": lambda facts, fault: (
        f"Region {fault.region} has not applied changes since {moment(facts, fault.details['since'])}."
    ),
    "cores_missing": _cores_missing,
    "cores_disabled": _cores_disabled,
    "cores_dead": _cores_dead,
    "core_dead": _core_dead,
    "channels": _channels,
    "rate": _rate,
    "emergency": _counted("{calls} to emergency numbers refused{where}: ten are in progress at most."),
    "no_core": _counted("{calls} out refused{where} in the last five minutes: no core gateway took them."),
    "core_challenges": _counted("{calls} out failed{where}: the carrier's core gateway asked for a password."),
    "nobody_dialled": _counted("{calls} out refused{where}: they name no number."),
    "no_route": _no_route,
    "unrouted": _unrouted,
    "silent": _silent,
    "no_answer": _no_answer,
    "never": _never,
    "expired": _expired,
    "left": _left,
    "one_region": _one_region,
    "two_addresses": _two_addresses,
    "old_password": _old_password,
    "out": lambda _facts, fault: f"Region {fault.region} is out of service, and the PBX is registered there.",
    "draining": lambda _facts, fault: f"Region {fault.region} is being drained: the PBX should move to another one.",
    "nat": _nat,
    "mute": _mute,
    "strangers": _strangers,
    **dict.fromkeys(("dns", "dns_unanswered", "dns_other"), _dns),
}  # fmt: skip
