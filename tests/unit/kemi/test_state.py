"""What is written of a registration is what is read."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kemi.state import Binding, Peer, State, decode, decode_peers, encode, encode_peers
from kemi.tables import Blocked, Credential, Route, block_key
from tests.unit.kemi.values import held

_WORDS = st.text(max_size=40)
_MOMENTS = st.integers(0, 2**53)
_NAMES = st.text("0123456789abcdef.:-", max_size=40)
_BINDINGS = st.builds(
    Binding,
    _NAMES,
    _NAMES,
    st.integers(0, 65535),
    _WORDS,
    _WORDS,
    _WORDS,
    _MOMENTS,
    _MOMENTS,
    _MOMENTS,
    st.integers(0, 2),
    st.integers(0, 9),
)
_STATES = st.builds(
    State, _WORDS, _MOMENTS, _MOMENTS, _MOMENTS, st.integers(0, 20), _NAMES, st.lists(_MOMENTS, max_size=10).map(tuple),
    st.none() | _BINDINGS,
)  # fmt: skip
_PEERS = st.builds(Peer, _WORDS, _WORDS, _WORDS, st.integers(0, 65535), _WORDS, _MOMENTS, _MOMENTS, st.booleans())
_PLAIN = st.text(st.characters(exclude_characters="|"), max_size=40)


@given(_STATES)
def test_a_state_survives_its_journal_line(state: State) -> None:
    text = encode(state)
    assert held(decode(text)) == held(state)
    assert "\n" not in text
    assert json.loads(text)["v"] == state.version


@given(st.lists(_PEERS, max_size=3))
def test_peers_survive_the_table(peers: list[Peer]) -> None:
    assert decode_peers(encode_peers(peers)) == peers


_CREDENTIALS = st.builds(
    Credential,
    _PLAIN,
    st.booleans(),
    _WORDS,
    st.integers(0, 2**31),
    st.none() | st.text("ab-.9", min_size=1),
)


@given(
    _CREDENTIALS
    | st.builds(
        Credential,
        _PLAIN,
        st.booleans(),
        _WORDS,
        st.integers(0, 2**31),
        st.none(),
        st.text("0123456789abcdef", min_size=32, max_size=32),
        st.integers(1, 2**45),
    )
)
def test_a_credential_survives_the_table(credential: Credential) -> None:
    assert held(Credential.decode(credential.encode())) == held(credential)


@given(st.builds(Route, st.none() | st.text("ab9", min_size=1), st.none() | st.text("ab-.9", min_size=1)))
def test_a_route_survives_the_table(route: Route) -> None:
    assert Route.decode(route.encode()) == route


@given(st.builds(Blocked, _MOMENTS, _PLAIN, _WORDS))
def test_a_block_survives_the_table(block: Blocked) -> None:
    assert Blocked.decode(block.encode()) == block


def test_a_block_of_an_address_and_of_one_credential_there_have_keys_of_their_own() -> None:
    assert block_key("192.0.2.7", None) != block_key("192.0.2.7", "alice") != block_key("192.0.2.7", "bob")


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"b":null}'])
def test_what_is_no_state_is_refused(text: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        decode(text)
