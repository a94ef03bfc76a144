"""Supervision orders (督办单): raised from an alert or by hand, signed and answered by a department, closed by data.

Pages and the API call these; `evidence` runs where data is stored and in the tick.
"""

from alerts.orders.board import board, counts, of_episode, of_series, one, paper, waiting
from alerts.orders.desk import Draft, may, raise_order, step
from alerts.orders.model import Refused
from alerts.orders.papers import Paper
from alerts.orders.scores import scorecard

__all__ = [
    "Draft", "Paper", "Refused", "board", "counts", "may", "of_episode", "of_series", "one", "paper", "raise_order", "scorecard",
    "step", "waiting",
]  # fmt: skip
