"""The core: nouns, catalogue, store, indicators, periods, status and the one door in."""
