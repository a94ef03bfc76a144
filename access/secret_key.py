"""The secret the product signs with: made at first start, kept in the DATA folder, read by nobody else."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

SHORTEST = 32


class BadKey(RuntimeError):
    """The product does not start with this key; the text says what to do."""


def secret_key(data: Path, given: str | None = None) -> str:
    """`given` (from the environment), else that of DATA/secret.key, which is made when it is not there.

    Raises BadKey for a short key and for a file that others may read.
    """
    if given is not None:
        return _long_enough(given.strip(), "the key given in the environment")
    path = data / "secret.key"
    if not path.exists():
        _make(path)
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise BadKey(f"{path} can be read by others: run chmod 600 {path}")
    return _long_enough(path.read_text().strip(), str(path))


def _make(path: Path) -> None:
    """Whole or not at all, and once: of two processes at first start both go on with the same key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".secret.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(48))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _long_enough(key: str, place: str) -> str:
    if len(key) < SHORTEST or len(set(key)) < 10:
        raise BadKey(f"{place} is too short or too simple for a secret key: give at least {SHORTEST} random characters, "
                     "or remove it and one is made")  # fmt: skip
    return key
