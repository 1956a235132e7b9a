"""The Contact header: one SIP URI, or a clear no."""

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kemi import contact as contact_module
from kemi.contact import BadContactError, Contact, parse, same
from tests.unit.kemi.costs import cost
from tests.unit.kemi.values import held


@pytest.mark.parametrize(
    ("value", "contact"),
    [
        ("*", Contact("*")),
        ("  *  ", Contact("*")),
        ("<sip:a@h>", Contact("sip:a@h")),
        ("sip:a@h:5060", Contact("sip:a@h:5060")),
        ("<sips:h>", Contact("sips:h")),
        ("<SIP:a@h>", Contact("SIP:a@h")),
        ('"Jörg; \\"Office\\" <x>" <sip:a@h>', Contact("sip:a@h")),
        ("Office PBX <sip:a@h;transport=udp?x=y>", Contact("sip:a@h;transport=udp?x=y")),
        ("<sip:a@[2001:db8::1]:5060>", Contact("sip:a@[2001:db8::1]:5060")),
        ("<sip:a@h>;expires=60", Contact("sip:a@h", 60)),
        ('<sip:a@h>;q=1.0; Expires = "0" ;x', Contact("sip:a@h", 0)),
        ("sip:a@h;expires=0", Contact("sip:a@h", 0)),
        ("<sip:a@h;expires=5>", Contact("sip:a@h;expires=5")),
        ("<sip:a@h>;expires=soon", Contact("sip:a@h")),
        ("<sip:a@h>;expires=-1", Contact("sip:a@h")),
        ('<sip:a@h>;+sip.instance="<urn:uuid:1,2>";reg-id=1', Contact("sip:a@h")),
        ("<sip:a,b;c@h>", Contact("sip:a,b;c@h")),
        ("<sip:" + "a" * 506 + "@h>", Contact("sip:" + "a" * 506 + "@h")),
    ],
)
def test_W2_what_a_PBX_may_write_is_read(value: str, contact: Contact) -> None:
    assert held(parse(value)) == held(contact)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "<>",
        "<*>",
        "a@h",
        "tel:+1202555",
        "http://h/",
        "<sip:>",
        "<sip:a@>",
        "<sip:a@h",
        "sip:a@h>",
        "<sip:a@h>, <sip:b@h>",
        "sip:a@h,sip:b@h",
        "*, <sip:a@h>",
        "<sip:a b@h>",
        "<sip:a@h\r\nX: y>",
        "<sip:a@h\x00>",
        "<sip:a@h><sip:b@h>",
        "<sip:a@b@h>",
        "<sip:" + "a" * 507 + "@h>",
        "<sip:a@h>;x=" + "y" * 2048,
    ],
)
def test_W2_what_names_no_single_SIP_URI_is_refused(value: str) -> None:
    with pytest.raises(BadContactError):
        parse(value)


_PIECES = st.sampled_from(
    ["sip:", "sips:", "<", ">", '"', "\\", ";", ",", "@", "*", "expires=", "7", "a", "h", " ", "\t", "\r\n"]
)


@given(
    st.one_of(
        st.text(max_size=300),
        st.lists(_PIECES, max_size=40).map("".join),
        st.binary(max_size=300).map(lambda b: b.decode("latin-1")),
    )
)
def test_W2_anything_is_either_refused_or_a_clean_URI(value: str) -> None:
    try:
        contact = parse(value)
    except BadContactError:
        return
    assert contact.wildcard or re.fullmatch(r"[^\s<>\"\x00-\x1f\x7f]{5,512}", contact.uri)
    assert contact.expires is None or contact.expires >= 0


_URIS = st.one_of(st.text(max_size=40), st.from_regex(r"[a-z0-9]{1,9}@[a-z0-9.:]{1,20}", fullmatch=True))


@given(_URIS.map("<sip:{}>".format))
def test_W2_the_short_way_to_a_plain_contact_leads_where_the_long_one_does(value: str) -> None:
    uri = contact_module._plain(value)
    match = contact_module._NAME_ADDR.match(value)
    assert uri is None or (match is not None and match.groups() == (uri, ""))


_HOSTILE = [
    '"' * 60_000,
    '"\\' * 30_000,
    "<" * 60_000,
    " " * 60_000 + "x",
    "sip:" + "@" * 60_000,
    "sip:a@h" + ";" * 60_000,
    "sip:a@h" + '"' * 60_000,
    "<sip:a@h>" + ';x="' * 15_000,
    "<sip:a@h>;" + "expires" * 8_000,
    "<sip:a@h>" + "; " * 1_000 + ",",
    "<sip:" + "a;" * 1_000 + "@>",
    '<sip:a@h>;expires="' + " " * 2_000,
    ("<sip:a@h>" + ";expires=" * 220)[:2_000],
]


@pytest.mark.parametrize("value", _HOSTILE)
def test_W2_hostile_headers_cost_next_to_nothing(value: str) -> None:
    def read() -> None:
        with contextlib.suppress(BadContactError):
            parse(value)

    assert cost(read) < 0.1


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("sip:a@h", "SIP:A@H;transport=udp", True),
        ("sip:a@h?x=y", "sip:a@h", True),
        ("sip:a@h", "sip:a@h:5060", False),
        ("sip:a@h", "sip:b@h", False),
    ],
)
def test_parameters_do_not_distinguish_contacts(one: str, other: str, equal: bool) -> None:
    assert same(one, other) is equal
