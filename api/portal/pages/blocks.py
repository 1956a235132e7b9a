"""Blocks: senders that a region does not serve for a while, why, and lifting them."""

from __future__ import annotations

from typing import Final

from flask import Blueprint
from flask.typing import ResponseReturnValue

from api.portal.asking import RefusedError, ask
from api.portal.forms import Form, query
from api.portal.listing import find, region_choices
from api.portal.rules import BLOCK_CAUSES
from api.portal.showing import done, is_part, show

FILTERS: Final = ("credential", "address", "region", "ended")

blocks: Final = Blueprint("blocks", __name__, url_prefix="/blocks")


@blocks.get("/")
def index() -> ResponseReturnValue:
    """The active ones, or all, newest first, which show themselves anew."""
    wanted = query(*FILTERS)
    found = find("blocks", query=wanted | query("after"))
    return show(
        "blocks/index.html",
        "list",
        status=found.status,
        answer=found.answer,
        wrong=found.wrong,
        wanted=wanted,
        causes=BLOCK_CAUSES,
        regions=[] if is_part() else region_choices(),
    )


@blocks.get("/<block_id>/lift")
def lift(block_id: str) -> ResponseReturnValue:
    """Ask, and say what lifting does not do."""
    return _dialog(Form(), block_id)


@blocks.post("/<block_id>/lift")
def lifted(block_id: str) -> ResponseReturnValue:
    """Lift it."""
    form = Form.sent()
    try:
        answer = ask("DELETE", "blocks", block_id)
    except RefusedError as error:
        return _dialog(form.refused(error), block_id, error.status)
    late = f" {answer['region']} has not heard of it yet." if answer["pending_regions"] else ""
    return done(f"The block is lifted.{late}", "portal.blocks.index")


def _dialog(form: Form, block_id: str, status: int = 200) -> ResponseReturnValue:
    block = ask("GET", "blocks", block_id)
    return show("blocks/lift.html", status=status, form=form, block=block, causes=BLOCK_CAUSES)
