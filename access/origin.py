"""Where a request comes from: this site or another, this machine or through a proxy. Pure functions of a request."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Request

FORWARDING = ("Forwarded", "Via", "X-Real-IP", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP")
COOKIE_FREE = ("GET", "HEAD", "OPTIONS")


def forwarded(request: Request) -> bool:
    """Whether any proxy says it stands between: then loopback is no proof of who is near."""
    return any(name in request.headers for name in FORWARDING) or any(
        name.lower().startswith("x-forwarded")
        for name in request.headers.keys()  # noqa: SIM118 - a werkzeug Headers is no dict
    )


def loopback(host: str) -> bool:
    name = host.strip().strip("[]").lower()
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def host_name(request: Request) -> str:
    """The name the browser asked for, without port; a foreign name that resolves to loopback (DNS rebinding) shows here."""
    try:
        return urlsplit(f"//{request.host}").hostname or ""
    except ValueError:
        return ""


def from_elsewhere(request: Request, public_url: str) -> bool:
    """Whether a request that changes something was not made by a page of this site.

    Browsers that tell (Sec-Fetch-Site, no page can forge it) are believed, else Origin must be our own; neither is refused.
    """
    if request.method in COOKIE_FREE:
        return False
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site != "same-origin"
    origin = request.headers.get("Origin")
    return origin is None or origin.rstrip("/").lower() != (public_url or request.host_url).rstrip("/").lower()
