"""Connections that end with a deadline, however slowly the other side drips: below collectors and channels, above nothing."""

from wire.until import Backend

__all__ = ["Backend"]
