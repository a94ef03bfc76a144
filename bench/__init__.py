"""Measurements beside references, in one run: `python -m bench --help`. Its own data, its own references, no peers."""
