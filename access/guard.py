"""The one door of the web: every request is asked who it is and what it may, before anything else looks at it.

Deny by default on the matched endpoint. What answers without a Principal is `policies.PUBLIC`, and nothing else.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from flask import Flask, Response, g, request
from sqlalchemy.exc import OperationalError

from access import (
    account_page,
    audit,
    body,
    headers,
    origin,
    pages,
    passwords,
    policies,
    refusals,
    sessions,
    source_tokens,
    values,
)
from access.principals import NOBODY, VISITOR
from metrics.model import Principal
from metrics.store.engine import Store

log = logging.getLogger(__name__)
LARGEST = 2 * 1024 * 1024
"""Bytes of a request's body, unless a route sets its own limit."""
WITH_PAPERS = 8 * 1024 * 1024
"""Of a step on a page by a person who signed in: five papers of a megabyte each, as a browser writes them."""


class Workspace(Protocol):
    @property
    def demo(self) -> bool: ...


class Unguarded(RuntimeError):
    """The product does not start: something lacks a policy. The text names all of it."""


def real_clock() -> datetime:
    return datetime.now(UTC)


def install(
    server: Flask, dash_app: Any, store: Store, workspace: Workspace, settings: Any, clock: Callable[[], datetime] = real_clock
) -> None:
    """Guards the whole server. Call it last, after every route, page and callback is registered; raises Unguarded.

    `settings.host` is the address the server is bound to; `settings.public_url`, where it has one, the address people use
    behind a proxy (`https://...` makes cookies secure).
    """
    public_url = getattr(settings, "public_url", None) or ""
    https = public_url.startswith("https://")
    for each in ("enable_mcp", "_enable_mcp"):
        if getattr(dash_app, each, False):
            raise Unguarded("Dash's MCP server answers beside the guard: create the app with enable_mcp=False")
    _register_everything(server)
    assets = Path(dash_app.config.assets_folder) if dash_app.config.assets_folder else None
    server.register_blueprint(pages.routes(store, clock, https, assets))
    server.register_blueprint(account_page.routes(store, workspace, clock))
    if missing := policies.faults(server, dash_app.callback_map):
        raise Unguarded("without a policy (see access/policies.py):\n  " + "\n  ".join(sorted(missing)))
    server.extensions["csp_reports"] = headers.Reports()
    if server.config.get("MAX_CONTENT_LENGTH") is None:
        server.config["MAX_CONTENT_LENGTH"] = LARGEST
    headers.install(server, headers.content_security_policy(dash_app.csp_hashes()), https)
    refusals.install(server)
    passwords.matches("", "")  # makes the hash an unknown account is compared with
    demo = workspace.demo and origin.loopback(getattr(settings, "host", ""))
    door = _Door(server, dash_app, store, demo, public_url, https, clock)
    server.before_request_funcs.setdefault(None, []).insert(0, door.ask)
    server.after_request(door.note)
    log.info("answered without signing in: %s%s", ", ".join(policies.PUBLIC), "; a visitor may look and export" if demo else "")


def _register_everything(server: Flask) -> None:
    """Dash takes over its global callbacks, and adds the one that draws pages, at the first request: make that now, so that
    a callback without a policy stops the start, and the hashes of all inline scripts are known."""
    with server.test_request_context("/"):
        g.principal = NOBODY
        server.preprocess_request()


class _Door:
    """`ask` before every request, `note` after it."""

    def __init__(
        self, server: Flask, dash_app: Any, store: Store, demo: bool, public_url: str, https: bool, clock: Callable[[], datetime]
    ) -> None:
        self.server, self.dash_app, self.store, self.clock = server, dash_app, store, clock
        self.demo, self.public_url, self.cookie = demo, public_url, pages.cookie_name(https)

    def ask(self) -> Response | None:
        g.principal, g.asked = NOBODY, None
        rule = request.url_rule.rule if request.url_rule else None
        if "\x00" in request.path or b"%00" in request.query_string:
            return refusals.refuse(400)  # no text has it, and PostgreSQL does not take it
        try:
            who, by_token = self._who()
        except OperationalError:
            log.exception("who asks could not be read from the database")
            return None if rule in policies.PUBLIC else refusals.refuse(503)
        if who is None and rule not in policies.PUBLIC:
            return refusals.refuse(401)
        if rule != "/csp-report" and not by_token and origin.from_elsewhere(request, self.public_url):
            return self._refused(who, 403, rule, "cross_site")
        if rule in policies.PUBLIC:
            g.principal = who or NOBODY
            return None
        assert who is not None
        if rule is None:
            return None  # routing answers 404 or 405 itself; a visitor and a person may know that
        if who is VISITOR and request.method not in origin.COOKIE_FREE and rule != policies.UPDATE:
            return refusals.refuse(401)
        return self._may(who, rule)

    def _who(self) -> tuple[Principal | None, bool]:
        """Who asks, and whether by a token (which no other site's page can send). A wrong token is no one, never a visitor."""
        g.actions = None
        now = self.clock()
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            with self.store.read() as connection:
                held = sessions.who_bears(connection, token.strip(), now)
                system = source_tokens.who_sends(connection, token.strip()) if held is None else None
            if system is not None:
                return system, True
            g.actions = held[1] if held else frozenset()
            return (held[0] if held else None), True
        if id := request.cookies.get(self.cookie):
            with self.store.read() as connection:
                found = sessions.who_holds(connection, id, now)
            if found:
                g.touch = id if found.touch else None
                return found.who, False
        near = self.demo and not origin.forwarded(request) and origin.loopback(origin.host_name(request))
        return (VISITOR if near else None), False

    def _may(self, who: Principal, rule: str) -> Response | None:
        target, entry = rule, None
        given: Any = None
        if rule != policies.UPDATE:
            found = policies.of_route(self.server, rule, request.endpoint or "")
        elif request.method == "POST":
            if who.user is not None:
                request.max_content_length = WITH_PAPERS
            try:
                given = request.get_json(silent=True)  # too large a body raises 413 here
                body.readable(request.get_data())
                target, entry = body.entry_of(given, self.dash_app.callback_map)
                found = policies.of_callback(entry, target)
            except (body.Misfit, RecursionError) as error:
                return self._malformed(error)
            except LookupError:
                return refusals.refuse(404)
        else:
            found = ("view", True)
        action, passive = found or ("", True)
        allowed = action and policies.may(action, who) and (g.actions is None or action in g.actions)  # type: ignore[arg-type]
        if not allowed:
            return refusals.refuse(401) if who is VISITOR else self._refused(who, 403, target, action or "no_policy")
        if entry is not None:
            try:
                body.check(given, entry)
                values.check(given, entry, texts=target in policies.DASH_CALLBACKS)
            except body.Misfit as error:
                return self._malformed(error)
        g.principal = who
        g.asked = (action, target)
        if not passive and g.get("touch"):
            self._touch(g.touch)
        return None

    def note(self, response: Response) -> Response:
        """What was done beyond looking is written down, and what a page itself refused (another department's case)."""
        asked, who = g.get("asked"), g.get("principal", NOBODY)
        if asked and who.user is not None and (asked[0] not in ("view", "self") or response.status_code == 403):
            result = {403: "refused"}.get(response.status_code, str(response.status_code))
            self._record(who, asked[0], asked[1], "ok" if response.status_code < 400 else result)
        if who.user is not None and (seen := g.get("saw_whole")) and response.status_code < 400:
            self._record(who, "see_whole", seen, "ok")
        return response

    def _malformed(self, error: body.Misfit | RecursionError) -> Response:
        log.info("a body that does not fit its callback: %s", error)
        return refusals.refuse(400)

    def _refused(self, who: Principal | None, status: int, target: str | None, action: str) -> Response:
        if who is not None and who.user is not None:
            self._record(who, action, target or request.path, "refused")
        return refusals.refuse(status)

    def _record(self, who: Principal, action: str, target: str, result: str) -> None:
        try:
            with self.store.write() as connection:
                audit.record(connection, who.user, action, target, result, self.clock(), request.remote_addr or "")
        except OperationalError:
            log.exception("an audit row could not be written: %s %s %s %s", who.user, action, target, result)

    def _touch(self, id: str) -> None:
        try:
            sessions.touch(self.store, id, self.clock())
        except OperationalError:
            log.warning("the last use of a session could not be written; it may end early")
