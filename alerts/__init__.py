"""Alerts: rules are judged where data is stored; people are told by an outbox; who acknowledged is a row.

The worker hands `evaluate(workspace)` to the door as a judge and calls `tick` and `send_due`; pages call the rest.
"""

from alerts.evaluate import evaluate
from alerts.inbox import Changed, NotAllowed, NotFound, acknowledge, counts, inbox, one, outbox_state, seen
from alerts.sender import faults, send_due
from alerts.tick import tick

__all__ = [
    "Changed", "NotAllowed", "NotFound", "acknowledge", "counts", "evaluate", "faults", "inbox", "one", "outbox_state",
    "seen", "send_due", "tick",
]  # fmt: skip
