"""Many phones that talk at the same moment."""

import selectors
import time
from collections.abc import Sequence

from tests.sip.message import Message
from tests.sip.phone import FIRST_WAIT, NoAnswerError, Phone, same_transaction

Open = dict[int, Message]


def together(phones: Sequence[Phone], messages: Sequence[Message], seconds: float = 60.0) -> list[Message]:
    """Each phone's final response to its message, all sent at once and retransmitted like a PBX would.

    NoAnswerError when any of them is unanswered after `seconds`.
    """
    answers: Open = {}
    deadline = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        for index, phone in enumerate(phones):
            selector.register(phone.socket, selectors.EVENT_READ, index)
        while len(answers) < len(phones) and time.monotonic() < deadline:
            for index in set(range(len(phones))) - set(answers):
                phones[index].send(messages[index])
            _collect(selector, phones, messages, answers)
    if len(answers) < len(phones):
        raise NoAnswerError(f"{len(phones) - len(answers)} of {len(phones)} got no answer within {seconds} s")
    return [answers[index] for index in range(len(phones))]


def _collect(
    selector: selectors.BaseSelector, phones: Sequence[Phone], messages: Sequence[Message], answers: Open
) -> None:
    """Take what arrives until all have answered, or it is time to retransmit."""
    end = time.monotonic() + FIRST_WAIT
    while len(answers) < len(phones) and (left := end - time.monotonic()) > 0:
        for key, _ in selector.select(left):
            index: int = key.data
            for response in phones[index].arrivals(0.001):
                if response.status >= 200 and same_transaction(messages[index], response):
                    answers[index] = response
                    break


def register_all(phones: Sequence[Phone], seconds: float = 60.0) -> list[Message]:
    """All register at once, challenge round and answer; the final responses in the phones' order."""
    firsts = [phone.registration() for phone in phones]
    challenges = together(phones, firsts, seconds)
    assert {response.status for response in challenges} == {401}, shares(challenges)
    proofs = [
        phone.authorized(first, challenge) for phone, first, challenge in zip(phones, firsts, challenges, strict=True)
    ]
    return together(phones, proofs, seconds)


def shares(responses: Sequence[Message]) -> dict[int, int]:
    """How often each status came."""
    statuses = [response.status for response in responses]
    return {status: statuses.count(status) for status in sorted(set(statuses))}
