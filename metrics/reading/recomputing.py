"""What is being summed again: what moves many figures (a ruling, a new definition, a first report far back) is carried out by the
worker, bit by bit."""

from __future__ import annotations

from metrics import again, definitions, ruling
from metrics.answers import Ask
from metrics.model import Indicator
from metrics.reading.freshness import made_of
from metrics.store import wakes


def recomputing(ask: Ask, indicator: Indicator) -> bool:
    """Whether some of its figures, or of those it is made of, do not yet say what was decided. Of an earlier revision: no."""
    if ask.revision is not None:
        return False
    waiting = {key.split("|")[0] for _, key in wakes.pending(ask.connection, (again.WAKE, ruling.WAKE, definitions.WAKE))}
    return not waiting.isdisjoint(made_of(ask, indicator))
