"""Alerts: rules are judged where data is stored; people are told by an outbox; who acknowledged is a row.

The worker hands `evaluate(workspace)` to the door as a judge and calls `tick` and `send_due`; pages call the rest.
"""

from alerts.delivered import outbox_state
from alerts.evaluate import evaluate
from alerts.handling import MOST_DAYS, Changed, NotAllowed, NotFound, acknowledge, dismiss, has_seen, seen
from alerts.inbox import counts, inbox, one
from alerts.inbox import of_series as inbox_of
from alerts.reminding import remind, reminders
from alerts.sender import faults, send_due
from alerts.tick import tick
from alerts.untold import untold

__all__ = [
    "MOST_DAYS", "Changed", "NotAllowed", "NotFound", "acknowledge", "counts", "dismiss", "evaluate", "faults", "has_seen",
    "inbox", "inbox_of", "one", "outbox_state", "remind", "reminders", "seen", "send_due", "tick", "untold",
]  # fmt: skip
