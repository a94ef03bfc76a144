"""`python -m bench`: a JSON line for each aim; `--scale 0.1` a tenth of the size."""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from collections.abc import Sequence

from bench._pairs import say, tell
from bench._places import engines, places
from opening import collect_garbage_seldom

PARTS = ("ingest", "rules", "hook", "export", "queries")


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser("bench")
    parser.add_argument("--scale", type=float, default=1.0, help="1: the size of the aims")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--engines", nargs="+", choices=("sqlite", "postgres"), default=["sqlite", "postgres"])
    given = parser.parse_args(arguments)
    collect_garbage_seldom()  # as a worker and a web server do
    for engine in engines(given.engines):
        with places(engine) as where:
            for name in given.only:
                started = time.perf_counter()
                for one in importlib.import_module(f"bench.{name}").lines(where, given.scale):
                    tell(one)
                say(f"{name}, {engine}: {time.perf_counter() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
