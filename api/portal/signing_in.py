"""Signing in and out of the portal."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from api.portal.asking import ask
from api.portal.guarding import TOKEN
from api.principal import address
from api.problems import Refusal
from api.services import services

HOME: Final = "portal.home"


def add_routes(portal: Blueprint) -> None:
    """Put the sign-in page and its two forms on `portal`."""
    portal.get("/sign-in")(show_sign_in)
    portal.post("/sign-in")(sign_in)
    portal.post("/sign-out")(sign_out)


def show_sign_in() -> ResponseReturnValue:
    """The page; who is signed in goes on at once."""
    if g.principal:
        return redirect(_onward(), 303)
    return _page("", None, 200)


def sign_in() -> ResponseReturnValue:
    """Begin a session, in place of any that the browser had: none that was known before is signed in."""
    name, password = request.form.get("name", ""), request.form.get("password", "")
    if not name or not password:
        return _page(name, "Type your name and your password.", 422)
    try:
        begun = services().sign_ins.sign_in(name.strip(), password, address())
    except Refusal as error:
        return _page(name, error.detail, error.status)
    if g.principal:
        ask("DELETE", "sessions", "current")
    session.clear()
    session[TOKEN] = begun["token"]
    return redirect(_onward(), 303)


def sign_out() -> ResponseReturnValue:
    """End the session, in the browser and in the service."""
    ask("DELETE", "sessions", "current")
    session.clear()
    return redirect(url_for("portal.show_sign_in"), 303)


def _page(name: str, wrong: str | None, status: int) -> ResponseReturnValue:
    return render_template("sign_in.html", name=name, wrong=wrong, back=request.args.get("back")), status


def _onward() -> str:
    """The page that was asked for: one of the portal's own, whatever the address says."""
    home, wanted = url_for(HOME), request.args.get("back", "")
    strays = ".." in wanted or any(character in wanted for character in "\\\r\n\t")
    return wanted if wanted.startswith(home) and not strays else home
