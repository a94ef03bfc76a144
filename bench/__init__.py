"""Measurements beside references, in one run: `python -m bench --help`. Self-contained: its own data, its own references, no peers."""
