"""What pages, exports and the API ask. Every answer is filtered by who asks."""

from metrics.reading.cards import card, changes, opening
from metrics.reading.cases import case, cases, facets
from metrics.reading.coded_lists import case_list
from metrics.reading.conflicts import conflicts
from metrics.reading.defined import defined
from metrics.reading.entered import entered
from metrics.reading.freshness import source_health
from metrics.reading.held import held, held_counts, held_one
from metrics.reading.lists import whole_list
from metrics.reading.marks import marked
from metrics.reading.passports import find as passport_of
from metrics.reading.passports import passport, printed
from metrics.reading.recomputing import recomputing
from metrics.reading.sources import payloads, runs, sources
from metrics.reading.standing import at_revision
from metrics.reading.trends import first_periods, since_first, trend
from metrics.reading.units import units
from metrics.store.head import as_of, moved, newest
from metrics.store.head import instant as known_at

head = newest

__all__ = [
    "as_of", "at_revision", "card", "case", "case_list", "cases", "changes", "conflicts", "defined", "entered", "facets",
    "first_periods", "head", "held", "held_counts", "held_one", "known_at", "marked", "moved", "newest", "opening", "passport",
    "passport_of", "payloads", "printed", "recomputing", "runs", "since_first", "source_health", "sources", "trend", "units",
    "whole_list",
]  # fmt: skip
