"""A system that sends its data itself: POST /api/v1/records or /api/v1/observations with the token of its source."""

from __future__ import annotations

from collections.abc import Iterator

from collectors._errors import Failure
from collectors._payload import Payload, Want
from collectors._settings import Settings
from metrics.model import Source


class SETTINGS(Settings):
    """Nothing: who sends and what is in `map` and in the token (`app.py source token KEY`)."""


def fetch(source: Source, want: Want) -> Iterator[Payload]:
    """Nothing is fetched. Failure always."""
    raise Failure("settings", f"{source.key} sends by itself; there is nothing to fetch", "look at its last Runs instead")
    yield
