"""Papers attached to a step: which kinds and how large. They are kept with the order and never changed or taken away."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from alerts.orders.model import Refused
from alerts.store import orders

LARGEST = 1_000_000
"""Bytes of one paper."""
MOST = 5
"""Papers of one step."""
ZIP = b"PK\x03\x04"
KINDS = {
    "pdf": ("application/pdf", b"%PDF-"),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ZIP),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ZIP),
    "png": ("image/png", b"\x89PNG\r\n\x1a\n"),
    "jpg": ("image/jpeg", b"\xff\xd8\xff"),
    "jpeg": ("image/jpeg", b"\xff\xd8\xff"),
}
"""Ending -> the media type it is served as, and how its content begins."""


@dataclass(frozen=True)
class Paper:
    name: str
    content: bytes


def check(papers: Sequence[Paper]) -> None:
    """Raises Refused: too many, too large, or not what its name says."""
    if len(papers) > MOST:
        raise Refused("papers")
    if len({plain(one.name) for one in papers}) != len(papers):
        raise Refused("paper_twice")
    for one in papers:
        ending = one.name.rsplit(".", 1)[-1].lower()
        if ending not in KINDS or not one.content.startswith(KINDS[ending][1]):
            raise Refused("paper_kind")
        if not one.content or len(one.content) > LARGEST:
            raise Refused("paper_size")


def keep(connection: Connection, order_id: int, event_seq: int, papers: Sequence[Paper]) -> None:
    for one in papers:
        name = plain(one.name)
        orders.add_paper(
            connection,
            {
                "order_id": order_id, "event_seq": event_seq, "name": name, "media": KINDS[name.rsplit(".", 1)[-1].lower()][0],
                "size": len(one.content), "sha256": hashlib.sha256(one.content).hexdigest(), "content": one.content,
            },
        )  # fmt: skip


def plain(name: str) -> str:
    """The file's own name: no folder, no control character; at most 120 characters, its ending kept."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(c for c in last if c.isprintable() and c not in '"<>:|?*')
    stem, _, ending = kept.rpartition(".")
    return f"{stem.strip()[:110] or 'paper'}.{ending}"
