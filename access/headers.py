"""What every answer says to the browser: a strict Content-Security-Policy, and no storing of what is personal to a reader."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from threading import Lock
from typing import Any

from flask import Flask, Response, request

log = logging.getLogger(__name__)
REPORTS = 100
"""How many different reports are kept and logged; whatever comes beyond is counted only."""


def content_security_policy(hashes: Sequence[str]) -> str:
    """`hashes` are those of Dash's inline scripts, taken after all callbacks are registered."""
    return "; ".join((
        "default-src 'self'",
        "script-src " + " ".join(("'self'", *hashes)),
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "worker-src blob:",
        "connect-src 'self'",
        "frame-src 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "report-uri /csp-report",
    ))  # fmt: skip


def install(server: Flask, policy: str, https: bool) -> None:
    """On every answer, errors too. A 204 holds no document to bind and goes to every open page each second: it says the least."""
    always = {"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin"}
    if https:
        always["Strict-Transport-Security"] = "max-age=31536000"
    document = {
        "Content-Security-Policy": policy,
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    }

    @server.after_request
    def secure(response: Response) -> Response:
        for name, value in (always if response.status_code == 204 else {**always, **document}).items():
            response.headers[name] = value
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "private, no-store"
        elif response.status_code >= 400:
            response.headers["Cache-Control"] = "no-store"
        if request.path.startswith("/assets/") or response.cache_control.max_age:
            response.cache_control.private = True
        return response


class Reports:
    """What browsers report: each different violation is logged once and kept, so that a page can show and a test can count."""

    def __init__(self) -> None:
        self.seen: dict[tuple[str, str], int] = {}
        self.beyond = 0
        self._lock = Lock()

    def take(self, body: bytes) -> None:
        """Of a report only the directive and the blocked address are kept, without its query."""
        try:
            report: Any = json.loads(body)["csp-report"]
            directive = str(report.get("effective-directive") or report.get("violated-directive") or "")
            key = (_line(directive, 60), _line(str(report.get("blocked-uri") or "").split("?")[0], 200))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            key = ("unreadable", "")
        with self._lock:
            if key not in self.seen and len(self.seen) >= REPORTS:
                self.beyond += 1
                return
            self.seen[key] = self.seen.get(key, 0) + 1
            first = self.seen[key] == 1
        if first:
            log.warning("Content-Security-Policy stopped %s: %s", *key)


def _line(text: str, limit: int) -> str:
    return "".join(c if c.isprintable() else " " for c in text)[:limit]
