"""What went wrong with a source, in words for the clerk who runs it, and whether another try can help."""

from __future__ import annotations

from typing import Literal

Kind = Literal[
    "timeout", "connect", "tls", "http", "too_large", "bad_input", "schema_changed", "truncated", "missing", "permission",
    "blocked", "secret", "settings", "suspect", "bug",
]  # fmt: skip


class Failure(Exception):
    """A source, or one unit of it, could not be taken.

    `what` says what was found and where; `hint` what to do about it. Neither is empty or holds a secret or a person's data.
    `retry` is true where the same request may succeed soon; `after` is the wait the source asked for, in seconds.
    """

    def __init__(self, kind: Kind, what: str, hint: str, *, retry: bool = False, after: float | None = None) -> None:
        super().__init__(what)
        self.kind: Kind = kind
        self.what = what
        self.hint = hint
        self.retry = retry
        self.after = after
        self.seen = ""
        """How the answer began that was no data, where there was one."""


def one_line(text: object, limit: int = 200) -> str:
    """Text of a source made safe for a log line or an error: no control or direction characters, bounded."""
    raw = str(text)
    shown = "".join(c if c.isprintable() else "·" for c in raw[: limit + 1])
    return shown if len(raw) <= limit else shown[:limit] + "…"
