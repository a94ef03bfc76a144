"""Passwords: rules, argon2 hashes, random secrets."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()
_at_once = BoundedSemaphore(4)  # each hash takes 64 MiB: a flood of logins must wait, not fill the memory
_COMMON = ("password", "passw0rd", "qwerty", "admin", "yuncha", "letmein", "welcome", "123456", "abc123", "iloveyou", "111111")

SHORT: Mapping[str, str] = {"zh": "密码至少 10 个字符，最多 128 个。", "en": "A password has 10 to 128 characters."}
SIMPLE: Mapping[str, str] = {
    "zh": "请用大写、小写、数字、符号中的至少三类，或者不少于 16 个字符。",
    "en": "Use three of: capitals, small letters, digits, symbols; or at least 16 characters.",
}
COMMON: Mapping[str, str] = {
    "zh": "密码不能含有账号名，也不能是常见密码或单一字符的重复。",
    "en": "A password must not hold the account's name, a common password or one character repeated.",
}


class WeakPassword(ValueError):
    """Carries the reason in both languages."""

    def __init__(self, reason: Mapping[str, str]) -> None:
        super().__init__(reason)
        self.reason = reason


def weak(password: str, name: str) -> Mapping[str, str] | None:
    """Why this password is refused, in both languages; None when it will do."""
    if not 10 <= len(password) <= 128:
        return SHORT
    kinds = [any(test(c) for c in password) for test in (str.isupper, str.islower, str.isdigit)]
    kinds.append(any(not c.isalnum() for c in password) or any(c.isalpha() and c.lower() == c.upper() for c in password))
    if sum(kinds) < 3 and len(password) < 16:
        return SIMPLE
    lower = password.lower()
    rest = lower
    for word in (*_COMMON, name.lower()):
        rest = rest.replace(word, "") if word else rest
    if len(name) >= 3 and name.lower() in lower or len(rest) < 5 or len(set(lower)) < 5:
        return COMMON
    return None


def hashed(password: str) -> str:
    with _at_once:
        return _hasher.hash(password)


@cache
def _nobody() -> str:
    return _hasher.hash(secrets.token_urlsafe(16))


def matches(stored: str, password: str) -> bool:
    """Takes as long for an account that does not exist or has no password (`stored` empty) as for one that does."""
    with _at_once:
        try:
            return _hasher.verify(stored or _nobody(), password[:1024]) and bool(stored)
        except (VerificationError, InvalidHashError):
            return False


def outdated(stored: str) -> bool:
    return _hasher.check_needs_rehash(stored)


def random_password() -> str:
    """14 characters without those that look alike: about 80 bits."""
    letters = "abcdefghijkmnpqrstuvwxyz23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
    while weak(made := "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4)), ""):
        pass
    return made


def secret() -> str:
    """256 random bits for a session, a token or a link."""
    return secrets.token_urlsafe(32)


def digest(value: str) -> str:
    """What is stored of a random secret. Its 256 bits need no slow hash."""
    return hashlib.sha256(value.encode()).hexdigest()
