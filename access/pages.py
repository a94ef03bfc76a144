"""The routes outside the product: /login, /logout, /welcome, the login page's style and the reports of the browser."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, make_response, redirect, request
from werkzeug.wrappers import Response as Answer

from access import accounts, headers, passwords, sessions, words
from access.policies import policy
from access.principals import current
from access.refusals import page
from access.store import accounts as rows
from metrics.store.engine import Store

log = logging.getLogger(__name__)
HERE = Path(__file__).parent


def cookie_name(https: bool) -> str:
    """With `__Host-` a browser takes the cookie only over HTTPS, for this host alone and for every path of it."""
    return "__Host-yuncha" if https else "yuncha"


def style(assets: Path | None) -> str:
    """The login page's style sheet: the tokens of the product's assets, dark by the reader's preference, and its own rules."""
    tokens = assets / "00-tokens.css" if assets else None
    written = tokens.read_text(encoding="utf-8") if tokens and tokens.is_file() else _PLAIN
    light = re.search(r":root\s*\{([^}]*)\}", written)
    dark = re.search(r"\[data-theme=\"?dark\"?\]\s*\{([^}]*)\}", written)
    parts = [f":root{{{light[1] if light else ''}}}"]
    if dark:
        parts.append(f"@media (prefers-color-scheme:dark){{:root{{{dark[1]}}}}}")
    return "\n".join([*parts, (HERE / "login.css").read_text(encoding="utf-8")])


_PLAIN = (":root{--canvas:#F4F5F7;--surface:#FFF;--ink:#15202B;--ink2:#46525F;--ink3:#5F6B78;--line:#E1E5E9;"
          "--line2:#C5CCD3;--accent:#1D4F91;--serious:#8E0B38}")  # fmt: skip


def local_path(target: str) -> str:
    """Where to go after the login: a path of this site, whatever was asked."""
    parts = urlsplit(target.replace("\\", "/"))
    safe = (
        not parts.scheme and not parts.netloc and target.startswith("/") and not target.startswith("//") and target.isprintable()
    )
    return target if safe and parts.path not in ("/login", "/logout", "/welcome") and not parts.path.startswith("/_dash") else "/"


def routes(store: Store, clock: Callable[[], datetime], https: bool, assets: Path | None) -> Blueprint:
    pages = Blueprint("access", __name__, template_folder="templates")
    cookie = cookie_name(https)
    sheet = style(assets)

    def address() -> str:
        return request.remote_addr or ""

    @pages.get("/login.css")
    def login_css() -> Response:
        response = make_response(sheet)
        response.mimetype = "text/css"
        response.headers["Cache-Control"] = "private, max-age=3600"
        return response

    @pages.get("/login")
    def login() -> Answer:
        target = local_path(request.args.get("next", "/"))
        said = {"saved": "saved", "out": "out"}.get(request.args.get("done", ""))
        return page("login", notice=words.say(said, words.language()) if said else "", bad=False, next=target)

    @pages.post("/login")
    def log_in() -> Answer:
        target = local_path(request.form.get("next", "/"))
        name, password = request.form.get("name", "")[:200], request.form.get("password", "")[:1024]
        id = sessions.log_in(store, name, password, address(), clock(), request.cookies.get(cookie))
        if id is None:
            return page("login", 401, notice=words.say("refused", words.language()), bad=True, next=target)
        response = redirect(target, 303)
        response.set_cookie(cookie, id, httponly=True, samesite="Lax", secure=https, path="/")
        return response

    @pages.post("/logout")
    @policy("self")
    def log_out() -> Answer:
        if id := request.cookies.get(cookie):
            sessions.log_out(store, id, current(), address(), clock())
        response = redirect("/login?done=out", 303)
        response.delete_cookie(cookie, httponly=True, samesite="Lax", secure=https, path="/")
        return response

    @pages.get("/welcome")
    def welcome() -> Answer:
        return _form(store, request.args.get("token", ""), clock(), "")

    @pages.post("/welcome")
    def set_password() -> Answer:
        secret, lang = request.form.get("token", ""), words.language()
        password = request.form.get("password", "")[:1024]
        if password != request.form.get("again", "")[:1024]:
            return _form(store, secret, clock(), words.say("differ", lang))
        try:
            with store.write() as connection:
                accounts.set_password(connection, secret, password, clock())
        except passwords.WeakPassword as error:
            return _form(store, secret, clock(), error.reason[lang])
        except LookupError:
            return page("welcome", 404, notice=words.say("dead_link", lang), name="", token="")
        return redirect("/login?done=saved", 303)

    @pages.post("/csp-report")
    def csp_report() -> Answer:
        request.max_content_length = 16_384
        reports: headers.Reports = current_app.extensions["csp_reports"]
        reports.take(request.get_data(cache=False))
        return Response(status=204)

    return pages


def _form(store: Store, secret: str, now: datetime, notice: str) -> Response:
    with store.read() as connection:
        owner = rows.link_owner(connection, passwords.digest(secret), now)
    if owner is None or owner.disabled:
        return page("welcome", 404, notice=words.say("dead_link", words.language()), name="", token="")
    return page("welcome", 422 if notice else 200, notice=notice, name=owner.name, token=secret)
