"""Whether it works, in a sentence or two: of the whole trunk, and of a region."""

from __future__ import annotations

from api.diagnosis.facts import Facts
from api.diagnosis.faults import Fault
from api.diagnosis.judging import Judgement
from api.diagnosis.phrases import listed, moment, who
from api.diagnosis.wording import sentence


def verdict(facts: Facts, judgement: Judgement) -> str:
    """Of the whole trunk, in one sentence or two."""
    first = judgement.faults[0] if judgement.faults else None
    told = sentence(facts, first) if first else ""
    if judgement.works is None:
        return f"It is not known whether the trunk works. {told}"
    if not judgement.works:
        return told
    where = listed(sorted(name for name, works in judgement.regions.items() if works))
    working = f"The trunk works in {where}"
    return f"{working}, but not everything is right. {told}" if first and first.severity != "notice" else f"{working}."


def region_verdict(facts: Facts, judgement: Judgement, name: str) -> str:
    """Of one region."""
    region = next(each for each in facts.regions if each.name == name)
    fault = next((each for each in judgement.faults if each.region in (name, None) and _speaks(each, name)), None)
    if fault is not None:
        return sentence(facts, fault)
    known = region.registration
    if known is not None and known.is_live:
        return f"Registered from {who(known)}, last at {moment(facts, known.accepted_at)}."
    return "Out of service." if region.state == "out" else "Not registered here."


def _speaks(fault: Fault, name: str) -> bool:
    """Whether it says what is the matter in the region, and not only of the trunk as a whole."""
    return fault.severity != "notice" and (fault.region == name or fault.code in ("disabled", "never"))
