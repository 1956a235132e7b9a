"""R2, R3: who is refused, and what the refusal tells."""

import re
from time import perf_counter

import pytest

from tests.sip.figures import Figures, rank_auc
from tests.sip.message import Message, token
from tests.sip.network import Network
from tests.sip.phone import Phone
from tests.sip.target import Credential, Target
from tests.sip.waiting import until
from tests.wire.conftest import Pbx

VARIES = [
    (rb'nonce="[^"]*"', b"nonce"),
    (rb"tag=[^;\r\s]*", b"tag"),
    (rb"branch=[^;\r]*", b"branch"),
    (rb"127\.\d+\.\d+\.\d+(:\d+)?", b"address"),
    (rb"rport=\d+", b"rport"),
    (rb"Call-ID: [^\r]*", b"call"),
    (rb"CSeq: \d+", b"cseq"),
    (rb"Date: [^\r]*", b"date"),
]
PHONES = [
    "Linphone/3.12.0 (belle-sip/1.6.3)",
    "LinphoneAndroid/5.1.0",
    "Zoiper rv2.10.20.4_1",
    "Z 5.6.4 v2.10.20.4_1",
    "Yealink SIP-T46S 66.85.0.5",
    "Yealink SIP-T54W 96.86.0.70",
    "PolycomVVX-VVX_410-UA/5.9.0.9373",
    "Grandstream GXP2170 1.0.11.6",
    "Cisco-CP8841-3PCC/11.3.1",
    "snomD785/10.1.54.13",
]
PBXS = [
    "Grandstream UCM6202V1.4A 1.0.20.31",
    "Asterisk PBX 22.0.0",
    "FPBX-16.0.40(18.9.0)",
    "FreeSWITCH-mod_sofia/1.10.12-release",
    "3CXPhoneSystem 18.0.9.20",
    "PJSUA v2.15.1 Linux-6.1",
    "baresip v1.0.0 (x86_64/linux)",
    "sipp",
    "Cisco-SIPGateway/IOS-15.x",
    "Yeastar P-Series 37.16.0.25",
    None,
]


def plain(response: Message, username: str) -> bytes:
    """The response without what may differ: nonce, tags, identifiers, addresses, time."""
    data = response.bytes().replace(username.encode(), b"user")
    for pattern, name in VARIES:
        data = re.sub(pattern, name, data)
    return data


class Kinds:
    """The three senders that nobody may tell apart."""

    def __init__(self, target: Target) -> None:
        deleted, wrong = target.new_credentials(2)
        target.delete(deleted)
        self.logins = {
            "unknown": Credential("", _like(wrong.username), token()),
            "wrong": Credential(wrong.id, wrong.username, token()),
            "deleted": deleted,
        }


def _like(username: str) -> str:
    """A username of the same length and alphabet that does not exist."""
    return username[::-1] if username[::-1] != username else "a" + username[1:]


@pytest.fixture(scope="module")
def kinds(target: Target) -> Kinds:
    return Kinds(target)


def sample(network: Network, target: Target, credential: Credential) -> tuple[float, bytes]:
    """One refused try from a fresh address: seconds to the refusal, and its bytes."""
    phone = network.phone(target.regions[0], credential.login)
    first, challenge = phone.challenge()
    message = phone.authorized(first, challenge)
    start = perf_counter()
    response = phone.exchange(message, retransmit=False)
    elapsed = perf_counter() - start
    phone.close()
    assert response.status == 401
    return elapsed, plain(response, credential.username)


def samples(network: Network, target: Target, kinds: Kinds, count: int) -> dict[str, list[tuple[float, bytes]]]:
    """Interleaved, so that whatever the machine does meets all alike."""
    found: dict[str, list[tuple[float, bytes]]] = {kind: [] for kind in kinds.logins}
    for _ in range(count):
        for kind, credential in kinds.logins.items():
            found[kind].append(sample(network, target, credential))
    return found


def compare(found: dict[str, list[tuple[float, bytes]]], figures: Figures, low: float, high: float) -> None:
    shapes = {shape for rows in found.values() for _, shape in rows}
    assert len(shapes) == 1, shapes
    times = {kind: [seconds for seconds, _ in rows] for kind, rows in found.items()}
    for left, right in (("unknown", "wrong"), ("unknown", "deleted"), ("wrong", "deleted")):
        auc = rank_auc(times[left], times[right])
        figures.measured(f"R2 rank AUC of {left} against {right}, {len(times[left])} samples each", f"{auc:.3f}")
        assert low <= auc <= high, f"{left} and {right} can be told apart by time: AUC {auc:.3f}"


def test_R2_unknown_wrong_and_deleted_look_alike(
    target: Target, network: Network, kinds: Kinds, figures: Figures
) -> None:
    compare(samples(network, target, kinds, 300), figures, 0.40, 0.60)


@pytest.mark.long
def test_R2_unknown_wrong_and_deleted_take_the_same_time(
    target: Target, network: Network, kinds: Kinds, figures: Figures
) -> None:
    compare(samples(network, target, kinds, 2000), figures, 0.47, 0.53)


def test_R2_the_challenge_itself_is_alike(target: Target, network: Network, kinds: Kinds) -> None:
    shapes = set()
    for credential in [*kinds.logins.values(), target.new_credential()]:
        phone = network.phone(target.regions[0], credential.login)
        shapes.add(plain(phone.challenge()[1], credential.username))
    assert len(shapes) == 1, shapes


@pytest.mark.parametrize("kind", ["unknown", "wrong", "deleted"])
def test_R2_an_invite_is_407_alike(target: Target, network: Network, kinds: Kinds, kind: str) -> None:
    phone = network.phone(target.regions[0], kinds.logins[kind].login)
    message = phone.request("INVITE", f"sip:15550100@{phone.domain}", contact=phone.contact)
    challenge = phone.exchange(message)
    assert (challenge.status, phone.exchange(phone.authorized(message, challenge)).status) == (407, 407)


def test_R2_a_disabled_credential_gets_503_once_the_password_is_proven(target: Target, pbx: Pbx) -> None:
    credential = target.new_credential()
    target.disable(credential)
    response = pbx(credential).register()
    assert (response.status, response.retry_after) == (503, 300)


def test_R2_a_disabled_credential_tells_nothing_without_the_password(
    target: Target, network: Network, kinds: Kinds
) -> None:
    credential = target.new_credential()
    target.disable(credential)
    _, shape = sample(network, target, Credential(credential.id, credential.username, token()))
    assert shape == sample(network, target, kinds.logins["unknown"])[1]


def test_R2_an_enabled_credential_works_again(target: Target, pbx: Pbx) -> None:
    credential = target.new_credential()
    target.disable(credential)
    phone = pbx(credential)
    assert phone.register().status == 503
    target.enable(credential)
    assert phone.register().status == 200


@pytest.mark.parametrize("header", ["From", "To"])
def test_R2_auth_user_to_and_from_must_agree(target: Target, pbx: Pbx, header: str) -> None:
    mine, theirs = target.new_credentials(2)
    phone = pbx(mine)
    foreign = f"<sip:{theirs.username}@{phone.domain}>" + (f";tag={phone.tag}" if header == "From" else "")
    first = phone.registration().having(header, foreign)
    response = phone.finish(first, phone.exchange(first))
    assert response.status == 403
    assert target.bindings(mine) + target.bindings(theirs) == []


def test_R2_without_the_password_a_foreign_to_is_only_challenged(target: Target, pbx: Pbx) -> None:
    phone = pbx(Credential("", "nobody", "nothing"))
    foreign = f"<sip:{target.new_credential().username}@{phone.domain}>"
    first = phone.registration().having("To", foreign)
    assert phone.finish(first, phone.exchange(first)).status == 401


def test_R2_a_refusal_is_recorded_with_what_an_owner_understands(target: Target, pbx: Pbx) -> None:
    credential = target.new_credential()
    target.disable(credential)
    phone = pbx(credential)
    phone.register()
    event = until(lambda: next(iter(target.events(credential)), None), 8, "the event is in the API")
    assert event is not None
    assert (event.rule, event.cause, event.code, event.address) == ("R2", "disabled", 503, phone.address)
    assert event.user_agent == phone.user_agent
    assert len(event.sentence) > 20


@pytest.mark.parametrize("agent", PHONES)
@pytest.mark.parametrize("method", ["REGISTER", "INVITE"])
def test_R3_a_telephone_is_403(pbx: Pbx, method: str, agent: str) -> None:
    phone = pbx(user_agent=agent)
    message = phone.registration() if method == "REGISTER" else phone.request(method, contact=phone.contact)
    assert phone.finish(message, phone.exchange(message)).status == 403


@pytest.mark.parametrize("agent", PBXS)
def test_R3_a_pbx_registers(pbx: Pbx, agent: str | None) -> None:
    assert pbx(user_agent=agent).register().status == 200


def test_R3_a_telephone_may_ask_options(network: Network, target: Target) -> None:
    phone: Phone = network.phone(target.regions[0], user_agent=PHONES[0])
    assert phone.options().status == 200
