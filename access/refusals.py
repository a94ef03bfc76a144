"""How the product says no: one JSON shape for programs, one page for people, never a word of what went wrong inside."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, jsonify, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from access import words

log = logging.getLogger(__name__)
ERRORS = {400: "bad_request", 401: "not_signed_in", 403: "not_allowed", 404: "unknown_address", 405: "read_only", 503: "busy"}


def refuse(status: int) -> Response:
    """401 of a page is the login page itself: the person signs in and goes on to where they wanted."""
    lang = words.language()
    if not for_people():
        said = {"code": status, "message": words.refusal(status, lang)}
        if request.path.startswith("/api/"):
            said |= {"id": ERRORS.get(status, "error"), "hint": ""}  # the shape /api/v1 documents
        response = jsonify({"error": said})
    elif status == 401:
        target = request.full_path.rstrip("?") if request.method == "GET" else "/"
        response = page("login", notice="", bad=False, next=target)
    else:
        response = page("refused", text=words.refusal(status, lang))
    response.status_code = status
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def page(template: str, status: int = 200, **values: Any) -> Response:
    """One of the plain pages, in the reader's language; its links to the other language keep the rest of the address."""
    lang = words.language()

    def link(other: str) -> str:
        query = [(key, value) for key, value in request.args.items(multi=True) if key != "lang"]
        return "?" + urlencode([*query, ("lang", other)])

    response = make_response(render_template(f"access/{template}.html", lang=lang, say=words.say, link=link, **values), status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Accept-Language, Cookie"
    return response


def for_people() -> bool:
    """A browser going to an address, as against a script, a program or a part of a page."""
    if request.path.startswith(("/_dash", "/api/")) or request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate":
        return False
    return request.accept_mimetypes.best_match(("application/json", "text/html")) == "text/html"


def install(server: Flask) -> None:
    @server.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        if error.response is not None:
            return error.response  # type: ignore[return-value]
        response = refuse(error.code or 500)
        for name, value in error.get_headers():
            if name in ("Allow", "Retry-After", "Location"):
                response.headers[name] = value
        return response

    @server.errorhandler(Exception)
    def last(error: Exception) -> Response:
        if request.path.startswith("/_dash-component-suites/"):
            return refuse(404)  # Dash raises where a file of a library is not known
        log.error("an error nobody handled at %s", request.url_rule or "an unknown address", exc_info=error)
        return refuse(500)
