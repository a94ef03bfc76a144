"""How a source is told who asks: a key, a user with a password, a bearer's token, or OAuth2 client credentials.

The secret itself is the source's `secret` (env:NAME or file:PATH); here stands only how it is sent.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, quote_plus, urlencode, urlsplit, urlunsplit

from pydantic import model_validator

from collectors._errors import Failure
from collectors._settings import Settings

EARLY = 30.0
"""A token is renewed so many seconds before it runs out."""

Post = Callable[[str, Mapping[str, str], bytes], bytes]
"""(address, headers, body) -> body of the answer."""


class Auth(Settings):
    kind: Literal["bearer", "key", "basic", "oauth2"] = "bearer"
    header: str = ""
    """By default `Authorization`; of a key `X-API-Key`."""
    scheme: str | None = None
    """Word before the secret; by default `Bearer`, of a key none."""
    param: str = ""
    """Of a key: the parameter of the address that carries it, where the system takes no header."""
    user: str = ""
    """Of `basic`."""
    client_id: str = ""
    token_url: str = ""
    scope: str = ""
    in_body: bool = False
    """Of `oauth2`: the client's secret is sent as a field of the form, not as basic authentication."""

    @model_validator(mode="after")
    def _whole(self) -> Auth:
        needed = {"basic": ("user",), "oauth2": ("client_id", "token_url")}.get(self.kind, ())
        lost = [name for name in needed if not getattr(self, name)]
        if lost:
            raise ValueError(f"auth of kind {self.kind} needs {', '.join(lost)}")
        return self


@dataclass(frozen=True)
class _Token:
    text: str
    until: float


_tokens: dict[tuple[str, ...], _Token] = {}


def signed(source: str, auth: Auth, secret: str, url: str, post: Post) -> tuple[str, dict[str, str]]:
    """(address, headers) that carry the secret. Neither may be shown or logged."""
    if auth.kind == "basic":
        return url, {"Authorization": _basic(auth.user, secret)}
    if auth.kind == "key" and auth.param:
        parts = urlsplit(url)
        query = "&".join(one for one in (parts.query, urlencode({auth.param: secret})) if one)
        return urlunsplit((parts.scheme, parts.netloc, parts.path, query, "")), {}
    if auth.kind == "key":
        return url, {auth.header or "X-API-Key": f"{auth.scheme or ''} {secret}".strip()}
    text = _token(source, auth, secret, post) if auth.kind == "oauth2" else secret
    scheme = "Bearer" if auth.scheme is None else auth.scheme
    return url, {auth.header or "Authorization": f"{scheme} {text}".strip()}


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def _token(source: str, auth: Auth, secret: str, post: Post) -> str:
    key = _key(source, auth, secret)
    held = _tokens.get(key)
    if held is not None and time.monotonic() < held.until:
        return held.text
    form, headers = {"grant_type": "client_credentials"}, {"Accept": "application/json"}
    if auth.scope:
        form["scope"] = auth.scope
    if auth.in_body:
        form |= {"client_id": auth.client_id, "client_secret": secret}
    else:
        headers["Authorization"] = _basic(quote_plus(auth.client_id), quote_plus(secret))
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    body = post(auth.token_url, headers, urlencode(form).encode())
    try:
        answer = json.loads(body)
        text, lasts = str(answer["access_token"]), float(answer.get("expires_in", 300))
        kind = str(answer.get("token_type", "bearer")).lower()
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Failure("permission", "the token's address gives no access_token", "put `auth.token_url` right") from None
    if kind != "bearer" or not text.isascii() or not text.isprintable():
        raise Failure("permission", "the token's address gives no bearer's token", "ask the system's owner")
    _tokens[key] = _Token(text, time.monotonic() + max(0.0, lasts - EARLY))
    return text


def forget(source: str, auth: Auth, secret: str) -> bool:
    """A token that was refused is not used again; True where another one can be asked for."""
    return auth.kind == "oauth2" and _tokens.pop(_key(source, auth, secret), None) is not None


def _key(source: str, auth: Auth, secret: str) -> tuple[str, ...]:
    return source, auth.token_url, auth.client_id, auth.scope, hashlib.sha256(secret.encode()).hexdigest()


def redacted(text: str, secret: str | None) -> str:
    """Text that a system gave back, without the secret, however it was written in the request."""
    if not secret or len(secret) < 4:
        return text
    ways = {secret, quote(secret, safe=""), quote_plus(secret), base64.b64encode(secret.encode()).decode().rstrip("=")}
    for one in sorted(ways, key=len, reverse=True):
        text = text.replace(one, "***")
    return text
