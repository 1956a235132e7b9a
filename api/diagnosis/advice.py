"""What to change, in the words of the PBX at hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from api.diagnosis.facts import Facts
from api.diagnosis.faults import Fault
from api.diagnosis.phrases import moment
from api.pbxs.kinds import PLAIN, Kind

Advice = Callable[[Facts, Fault, "Setting"], str]


class Setting:
    """How settings are called in the PBX at hand."""

    def __init__(self, kind: Kind | None) -> None:
        self._kind = kind

    def __call__(self, topic: str) -> str:
        """Such as `"Secret" (pjsip Settings, General)`; in plain words for a PBX that is not known, or has no such."""
        named = self._kind.named(topic) if self._kind is not None and self._kind is not PLAIN else None
        return named or PLAIN.fields[topic]

    @property
    def is_hasty(self) -> bool:
        """Whether it refreshes sooner than R4 lets it, by its nature."""
        return self._kind is not None and self._kind.hasty

    @property
    def pbx(self) -> str:
        """What the PBX is called."""
        return self._kind.name if self._kind is not None and self._kind is not PLAIN else "the PBX"


def advice(facts: Facts, fault: Fault, kind: Kind | None) -> str:
    """What to do about a fault. A command stands in brackets: the sentence can do without it."""
    known = ADVICE[fault.code]
    return known if isinstance(known, str) else known(facts, fault, Setting(kind))


def _password(_facts: Facts, _fault: Fault, setting: Setting) -> str:
    return (
        f"Enter username and password again in {setting.pbx}: {setting('username')}; {setting('password')}."
        " If the password is lost, rotate the credential."
    )


def _rotated(facts: Facts, _fault: Fault, setting: Setting) -> str:
    lost = f"./turnpike credential rotate {facts.credential.username}"
    return f"Enter the new password in {setting.pbx}: {setting('password')}. If it is lost, make another one ({lost})."


def _old_password(facts: Facts, fault: Fault, setting: Setting) -> str:
    until = moment(facts, fault.details["until"])
    return f"Enter the new password in {setting.pbx} before {until}: {setting('password')}."


def _blocked_password(facts: Facts, fault: Fault, setting: Setting) -> str:
    return f"{_password(facts, fault, setting)} Then lift the block (./turnpike block list), or wait for its end."


def _from(_facts: Facts, _fault: Fault, setting: Setting) -> str:
    return f"Set From, To and authentication user to the username in {setting.pbx}: {setting('from_user')}."


def _early(facts: Facts, fault: Fault, setting: Setting) -> str:
    region = next((each for each in facts.regions if each.name == fault.region), None)
    known = region.registration if region else None
    allowed = known.accepted_at + facts.interval if known and known.accepted_at else None
    if setting.is_hasty and known and known.is_live:
        return (
            f"Nothing: {setting.pbx} refreshes at random moments from 76 to 149 s whatever it is told, comes again"
            " after a refusal, and stays registered. Only calls are to be looked at, if they fail."
        )
    when = f" It may register again at {moment(facts, allowed)}." if allowed and allowed > facts.now else ""
    return (
        f"Let {setting.pbx} register every {facts.limits.granted} s: {setting('expiry')}. When refused, it must wait"
        f" for what Retry-After says, 30 s at least: {setting('retry')}.{when}"
    )


def _blocked_early(facts: Facts, fault: Fault, setting: Setting) -> str:
    return f"{_early(facts, fault, setting)} Then lift the block (./turnpike block list), or wait for its end."


def _second(_facts: Facts, _fault: Fault, setting: Setting) -> str:
    return (
        f"Stop one of the two, or give each a credential of its own. If the address of {setting.pbx} has changed, it"
        " gets in when the old registration ends, five minutes at most, or is removed (./turnpike binding list)."
    )


def _expired(_facts: Facts, _fault: Fault, setting: Setting) -> str:
    return (
        f"Look whether {setting.pbx} runs, reaches the region at UDP port 5060, and still tries:"
        f" 30 s after a failure, for ever: {setting('retry')}. Some give up after one refusal and need a restart."
    )


def _never(_facts: Facts, _fault: Fault, setting: Setting) -> str:
    return (
        f"Set up the trunk: {setting('server')}; {setting('username')}; {setting('password')}. If it is set up: look at"
        " the server's name, and whether a firewall lets UDP port 5060 out and the answers back in."
    )


def _one_region(_facts: Facts, fault: Fault, setting: Setting) -> str:
    return f"Let {setting.pbx} register with region {fault.region} too: {setting('server')}."


def _silent(_facts: Facts, _fault: Fault, setting: Setting) -> str:
    return (
        f"Look whether {setting.pbx} and its line are up, and whether a firewall or NAT forgot the way back: it must"
        f" answer OPTIONS, and may send its own: {setting('qualify')}."
    )


def _rate(_facts: Facts, _fault: Fault, setting: Setting) -> str:
    return f"Make one call a second in each region at most, or use both regions: {setting('calls_per_second')}."


def _channels(facts: Facts, _fault: Fault, setting: Setting) -> str:
    most = (
        f"Make at most {facts.limits.channels} calls at once in each region, or use both: {setting('concurrent_calls')}"
    )
    return f"{most}. Look whether calls hang (./turnpike call list)."


def _elsewhere(_facts: Facts, _fault: Fault, setting: Setting) -> str:
    where = f"Let {setting.pbx} call from the address that it registers from."
    return f"{where} If the caller is none of yours, rotate the password."


def _no_route(facts: Facts, fault: Fault, _setting: Setting) -> str:
    number = fault.details["numbers"][0].number
    return f"Route it to a PBX (./turnpike number change {number} --credential {facts.credential.username})."


def _register_again(_facts: Facts, _fault: Fault, setting: Setting) -> str:
    return f"Let {setting.pbx} register again: restart its trunk if it does not by itself."


ADVICE: Final[Mapping[str, Advice | str]] = {
    "disabled": "Enable it (./turnpike credential enable); the PBX comes back within five minutes.",
    "no_region": "The carrier takes a region into service.",
    "gateway_down": "The carrier has to look at the region's host (./turnpike status, ./turnpike logs).",
    "stale": "The carrier has to look: the region's agent, its host, and its way to MariaDB (./turnpike status).",
    "wrong_passwords": _blocked_password,
    "guessing": _blocked_password,
    "blocked_early": _blocked_early,
    "blocked_streak": _blocked_early,
    "flood": "Find what sends so much behind that address and stop it; then lift the block (./turnpike block list).",
    "rotated": _rotated,
    "password": _password,
    "mismatch": _from,
    "phone": "Register the phone with your PBX, and let a PBX register here.",
    "scanner": "Give the PBX another User-Agent, or take the pattern off the list (./turnpike user-agent list).",
    "malformed": "One Contact and valid SIP are needed: update the PBX, or switch off what rewrites SIP (ALG).",
    "second_pbx": _second,
    "race_lost": _second,
    "removed": _register_again,
    "was_disabled": _register_again,
    "early": _early,
    "no_snapshot": "Wait: the region has just started, and the PBX comes again by itself.",
    "behind": "The carrier has to look how far each region is (./turnpike region list).",
    "cores_missing": "The carrier adds its core gateways (./turnpike core add).",
    "cores_disabled": "The carrier enables its core gateways (./turnpike core enable).",
    "cores_dead": "The carrier has to look: core gateways must answer OPTIONS from the region's gateway.",
    "core_dead": "The carrier has to look; the trunk goes on.",
    "elsewhere": _elsewhere,
    "call_password": _password,
    "call_phone": "Let the phone call through your PBX.",
    "channels": _channels,
    "rate": _rate,
    "emergency": "Ten emergency calls at once are let through: see who makes them (./turnpike call list).",
    "no_core": "The carrier has to look: its core gateways answer OPTIONS, but take no calls.",
    "core_challenges": "The carrier has to look: core gateways must take calls from the regions without a password.",
    "no_route": _no_route,
    "silent": _silent,
    "no_answer": _silent,
    "dns": "The carrier publishes the zone anew (./turnpike dns doctor).",
    "never": _never,
    "expired": _expired,
    "left": _register_again,
    "one_region": _one_region,
    "two_addresses": _second,
    "old_password": _old_password,
    "out": _register_again,
    "draining": "Nothing now: the PBX finds the other regions when it looks the name up again.",
    "mute": _silent,
    "nat": "Nothing, as long as calls come in: the core must do symmetric RTP, and the PBX answer OPTIONS.",
    "nobody_dialled": "Let the PBX put the number that it calls into the Request-URI.",
    "strangers": "Nothing: without the password they get nowhere. Rotate it if you fear that they have it.",
    "dns_unanswered": "See whether the resolver runs, or name another one in the setting resolvers.",
    "dns_other": "The carrier publishes the zone anew (./turnpike dns doctor).",
    "unrouted": "Route numbers to this credential, if it shall be called (./turnpike number change).",
}
