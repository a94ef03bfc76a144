"""What the demo's 45 replayed days have to show of alerts and orders: `make newcomer` asks it of what a stranger started."""

from __future__ import annotations

import sqlite3
from pathlib import Path

ORDER = "SELECT count(*) FROM work_order WHERE "
SHOWN = {
    "a firing alert": "SELECT count(*) FROM episode WHERE condition = 'FIRING' AND closed_at IS NULL",
    "an acknowledged alert": "SELECT count(*) FROM episode WHERE acked_at IS NOT NULL",
    "a recovered alert": "SELECT count(*) FROM episode WHERE closed = 'recovered'",
    "a corrected alert": "SELECT count(*) FROM episode WHERE closed = 'corrected'",
    "a flapping alert": "SELECT count(*) FROM alert_event WHERE kind = 'flapping'",
    "a stale alert": "SELECT count(*) FROM episode WHERE rule = 'cloud_stale'",
    "a silent source": "SELECT count(*) FROM episode WHERE rule = 'source.silent'",
    "an alert that nobody has looked at": (
        "SELECT count(*) FROM episode WHERE handling = 'NEW' AND id NOT IN (SELECT episode_id FROM seen)"
    ),
    "an order closed by data": ORDER + "closed = 'data'",
    "an order closed by word": ORDER + "closed = 'word'",
    "an order that a relapse opened again": "SELECT count(DISTINCT order_id) FROM order_event WHERE kind = 'relapsed'",
    **{
        f"an order that is {state}": ORDER + f"state = '{state}'"
        for state in ("DRAFT", "ISSUED", "IN_PROGRESS", "AWAITING_EVIDENCE", "CLOSED", "WITHDRAWN")
    },
}


def told(database: Path) -> dict[str, int]:
    """How often each of it is there, in a SQLite database of the demo."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        return {name: connection.execute(query).fetchone()[0] for name, query in SHOWN.items()}


def missing(database: Path) -> list[str]:
    return [name for name, number in told(database).items() if not number]
