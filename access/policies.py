"""What may be done, by whom; and which of it a route or a callback is.

    @server.get("/export/case.csv")          @callback(Output("done", "children"), Input("button", "n_clicks"))
    @policy("export")                        @policy("acknowledge")
    def case_csv(): ...                      def acknowledge(clicks): ...

A route or callback without a policy stops the start of the product (`faults`), and is refused should it appear later.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar

from flask import Flask, abort

from access.principals import current
from metrics.model import Principal, Role

Action = Literal[
    "view", "export", "self", "acknowledge", "administer", "push", "upload", "steer", "supervise", "answer", "question"
]

ACTIONS: Mapping[str, frozenset[Role]] = {
    "view": frozenset({"viewer", "staff", "supervisor", "administrator"}),
    "export": frozenset({"viewer", "staff", "supervisor", "administrator"}),
    "self": frozenset({"viewer", "staff", "supervisor", "administrator"}),
    "acknowledge": frozenset({"staff", "supervisor", "administrator"}),
    "administer": frozenset({"administrator"}),
    "push": frozenset({"source"}),
    "upload": frozenset({"staff"}),
    "steer": frozenset({"staff", "administrator"}),
    "supervise": frozenset({"supervisor"}),
    "answer": frozenset({"staff", "supervisor"}),
    "question": frozenset({"staff", "supervisor", "administrator"}),
}
"""`push` is for a system with the token of its source, never for a person; `upload` is for staff, of the department that owns
the source; `steer` is to run, pause or back-fill one, for them and for administrators. `supervise` raises, returns and closes
orders; `answer` is the desk at which orders are worked on: which step is whose is decided by the order.
`question` is to see figures that were doubted and to answer for them: whose a figure is is decided by the figure.
`self` is one's own account: whoever signed in, never a visitor."""

VISITOR_ACTIONS = frozenset({"view", "export"})

PUBLIC: tuple[str, ...] = ("/login", "/login.css", "/welcome", "/healthz", "/csp-report")
"""The only rules that answer without a Principal: the login page and its style, the page of a one-time link, the status word
of /healthz (its details are for who may view), and where browsers report what the Content-Security-Policy stopped."""

DASH_ROUTES: Mapping[str, str] = {
    "/": "view", "/<path:path>": "view", "/static/<path:filename>": "view", "/assets/<path:filename>": "view",
    "/_dash-layout": "view", "/_dash-dependencies": "view", "/_reload-hash": "view", "/_favicon.ico": "view",
    "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>": "view",
}  # fmt: skip
"""What Dash and Flask bring themselves. /_dash-update-component takes the policy of the callback it names."""

UPDATE = "/_dash-update-component"

DASH_CALLBACKS: Mapping[str, str] = {".._pages_content.children..._pages_store.data..": "view"}
"""Dash's own callback, which draws the page of a path."""

F = TypeVar("F", bound=Callable[..., Any])


def policy(action: Action, *, passive: bool = False) -> Callable[[F], F]:
    """Marks a route or a callback; above or below `@callback` alike. A `passive` one (a poll) does not keep a session awake."""
    if action not in ACTIONS:
        raise ValueError(f"no action {action!r}: one of {', '.join(ACTIONS)}")

    def mark(function: F) -> F:
        function.yuncha_policy = (action, passive)  # type: ignore[attr-defined]
        return function

    return mark


def may(action: Action, who: Principal | None = None) -> bool:
    """Whether this person (default: who asks now) may do it: for showing a button, never instead of the policy."""
    who = current() if who is None else who
    if who.user is None and action not in VISITOR_ACTIONS:
        return False
    return not who.roles.isdisjoint(ACTIONS[action])


def require(action: Action) -> Principal:
    """Inside a page's layout that is for some roles only: who asks, or 403."""
    if not may(action):
        abort(403)
    return current()


def of_function(function: Callable[..., Any] | None) -> tuple[str, bool] | None:
    while function is not None:
        if found := getattr(function, "yuncha_policy", None):
            return found
        function = getattr(function, "__wrapped__", None)
    return None


def of_route(server: Flask, rule: str, endpoint: str) -> tuple[str, bool] | None:
    """(action, passive) of a route; None when nobody declared one."""
    found = of_function(server.view_functions.get(endpoint))
    return found or ((DASH_ROUTES[rule], False) if rule in DASH_ROUTES else None)


def of_callback(entry: Mapping[str, Any], output: str) -> tuple[str, bool] | None:
    found = of_function(entry.get("callback"))
    return found or ((DASH_CALLBACKS[output], False) if output in DASH_CALLBACKS else None)


def faults(server: Flask, callback_map: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Every route and callback that lacks a policy, each with where it is written."""
    found = []
    for rule in server.url_map.iter_rules():
        if rule.rule not in PUBLIC and rule.rule != UPDATE and of_route(server, rule.rule, rule.endpoint) is None:
            found.append(f"route {rule.rule} has no policy ({_place(server.view_functions.get(rule.endpoint))})")
    for output, entry in callback_map.items():
        if "callback" in entry and of_callback(entry, output) is None:
            found.append(f"callback {output} has no policy ({_place(entry['callback'])})")
    return found


def _place(function: Callable[..., Any] | None) -> str:
    if function is None:
        return "no function"
    code = getattr(inspect.unwrap(function), "__code__", None)
    return f"{code.co_filename}:{code.co_firstlineno}" if code else repr(function)
