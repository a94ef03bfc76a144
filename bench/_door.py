"""How long the one door takes on SQLite: 5,000 new cases, the same again, ten corrections. The aim is 200 ms for 5,000 rows."""

import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from metrics.arrivals import Batch, RecordIn  # noqa: E402
from metrics.catalogue import load  # noqa: E402
from metrics.ingest import ingest  # noqa: E402
from metrics.store.engine import connect  # noqa: E402
from metrics.store.runs import RunIn  # noqa: E402
from metrics.store.schema import migrate  # noqa: E402

NOW = datetime(2016, 1, 13, 4, 0, tzinfo=UTC)


def main() -> None:
    workspace, faults = load(ROOT / "workspaces" / "boston311")
    assert workspace is not None, faults
    places = [place.id for place in workspace.departments.at_level("department")]
    first = datetime(2015, 1, 1, 12, tzinfo=UTC)
    cases = []
    for number in range(5_000):
        opened = first + timedelta(hours=number)
        cases.append(RecordIn(str(number), places[number % len(places)], "W01", opened=opened, due=opened + timedelta(days=3)))
    corrected = [replace(one, closed=one.due) for one in cases[:10]]
    with tempfile.TemporaryDirectory() as folder:
        store = connect(f"sqlite:///{folder}/bench.db")
        migrate(store)
        for words, many in (("5,000 new cases", cases), ("the same again", cases), ("10 corrections", corrected)):
            started = time.perf_counter()
            ingest(store, workspace, Batch("requests", many), (), NOW, run=RunIn("requests", "collect", NOW, NOW, "ok"))
            print(f"{words}: {(time.perf_counter() - started) * 1000:.0f} ms")
        store.close()


if __name__ == "__main__":
    main()
