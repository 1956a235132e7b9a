"""What is found in the text of a call's journal line is what the line says."""

import json

import pytest

from kemi.callbook import exactly, text
from kemi.calls import call_key
from kemi.watched import Watched, head, inside, number

START = '{"t":1764000000123,"c":{"id":"c-1f","s":1764000000100,"d":"out","u":"alice","ci":"call","ft":"tag","k":1}}'
ODD = ['","k":9,"', ',"k":9', '"k":9', "\\", '\\","k":9', "é", "\x00", '"}}', ',"e":1', "\n"]


@pytest.mark.parametrize(
    "line",
    [
        '{"t": 1764000000123, "c": {"id": "c-1f", "s": 1}}',
        '{"t":1764000000123,"s":{"id":"c-1f","s":1}}',
        '{"t":123,"c":{"id":"c-1f","s":1}}',
        '{"t":1764000000123,"c":{"id":"c-\\u0031f","s":1}}',
        '{"t":1764000000123,"c":{"id":"c-1f"}}',
        '{"t":1764000000123,"c":{"id":"c-1f","s":1',
        '{"t":1764000000123,"c":{"id":"c-1f',
        '{"t":1764000000123,"c":{"id":7,"s":"a","b":1}}',
        "",
    ],
)
def test_a_line_in_another_form_has_no_head(line: str) -> None:
    assert head(line) == ("", "")


def test_the_head_of_a_line_is_its_call_and_what_it_did() -> None:
    assert head(START) == ("c-1f", "s")
    assert (number(START, "s"), number(START, "k"), number(START, "e")) == (1764000000100, 1, None)
    assert (inside(START, "u"), inside(START, "tn")) == ("alice", "")


def test_a_number_may_be_the_last() -> None:
    assert number('{"t":1764000000123,"c":{"id":"c-1f","e":5,"rule":null,"fr":1764000032000}}', "fr") == 1764000032000
    assert number('{"t":1764000000123,"c":{"id":"c-1f","e":5,"rule":null}}', "rule") is None


@pytest.mark.parametrize("value", ODD)
@pytest.mark.parametrize("quoted", [exactly, text])
def test_what_a_sender_writes_is_never_taken_for_a_key(value: str, quoted: type[str]) -> None:
    line = f'{{"t":1764000000123,"c":{{"id":"c-1f","s":1,"f":{quoted(value)},"k":1,"ru":{quoted(value)}}}}}'
    assert json.loads(line)["c"]["k"] == 1
    assert (head(line), number(line, "k"), number(line, "e")) == (("c-1f", "s"), 1, None)
    assert inside(line, "f") in ("", value)


@pytest.mark.parametrize("call_id", ["call", *ODD, "c" * 400])
def test_the_key_is_the_same_whether_a_call_was_read_or_not(call_id: str) -> None:
    line = START.replace('"call"', exactly(call_id))
    call = Watched("c-1f")
    call.add(line)
    before = call.key()
    assert call.known()["ci"] == call_id
    assert before == call.key() == call_key(call_id, "tag")


def test_its_lines_are_merged_in_their_order() -> None:
    call = Watched("c-1f")
    call.add(START)
    call.add('{"t":1764000000123,"c":{"id":"c-1f","r":1,"core":"a","via":"v"}}')
    call.tell({"id": "c-1f", "w": 2, "core": "b"})
    call.add('{"t":1764000000123,"c":{"id":"c-1f","e":3,"core":"c"}}')
    known = call.known()
    assert (known["u"], known["r"], known["w"], known["e"], known["core"]) == ("alice", 1, 2, 3, "b")
    assert (call.begun, call.answered, call.ended) == (False, True, False), "whoever adds a line sees to these"
