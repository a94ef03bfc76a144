"""F15, P6: sixty sources on one worker, of which one hangs, one drips, one is down and one comes and goes. In `make soak`."""

import json
import os
import threading
import time
from datetime import timedelta
from itertools import pairwise

import pytest
import yaml
from sqlalchemy import select

from collectors import collector
from metrics.catalogue import load
from metrics.tables import run
from settings import Settings
from tests.collectors.conftest import System, a_case
from tests.collectors.test_http_json import Raw, _drip, _silent

pytestmark = [pytest.mark.soak, pytest.mark.skipif(not os.environ.get("YUNCHA_SOAK"), reason="minutes: in `make soak`")]
EVERY = 10
LASTS = 120
NAME = {"zh": "名", "en": "name"}


def write(folder, urls):
    """A workspace of that many sources."""
    (folder / "sources").mkdir(parents=True)
    (folder / "indicators").mkdir()
    (folder / "rules").mkdir()
    place = {"name": NAME, "level": "root"}
    (folder / "workspace.yaml").write_text(yaml.safe_dump({"key": "sixty", "name": NAME, "zone": "UTC", "fields": [
        {"key": "f", "name": NAME}], "regions": [{"key": "_T", **place}]}))  # fmt: skip
    (folder / "departments.yaml").write_text(yaml.safe_dump([{"key": "_T", **place}, {"key": "tax", "name": NAME}]))
    (folder / "sources" / "all.yaml").write_text(yaml.safe_dump([
        {"key": key, "name": NAME, "type": "http_json", "department": "tax", "gives": "records", "every": f"{EVERY}s",
         "settings": {"url": url}, "map": {"id": "id", "opened": "opened", "closed": "closed"}} for key, url in urls.items()
    ]))  # fmt: skip


def test_four_bad_sources_make_no_other_late__F15(sqlite_store, tmp_path):
    from worker import Worker

    systems = [System() for _ in range(9)]
    for one in systems:
        one.says(json.dumps([a_case(1)]))
    flaps = systems[-1]
    flaps.answer = lambda path, headers: (200, {}, b"[]") if len(flaps.asked) % 7 < 3 else (503, {}, b"")
    raws = [Raw(_silent), Raw(_drip)]
    good = {f"good{n}": f"{systems[n % 8].url}/{n}" for n in range(56)}
    bad = {"hung": raws[0].url, "dripping": raws[1].url, "down": "http://127.0.0.1:1/", "flapping": flaps.url}
    write(tmp_path / "sixty", {**bad, **good})
    workspace, faults = load(tmp_path / "sixty", {"http_json": collector("http_json").SETTINGS})
    assert not faults, faults
    worker = Worker(sqlite_store, workspace, Settings(tmp_path / "sixty", tmp_path, "", tick=timedelta(seconds=1)))
    going = threading.Thread(target=worker.run)
    going.start()
    time.sleep(LASTS)
    worker.stopping.set()
    going.join()
    worker._pool.shutdown(wait=True)  # what hangs is cut off in time
    with sqlite_store.read() as connection:
        rows = connection.execute(select(run.c.source, run.c.started, run.c.outcome).order_by(run.c.started)).all()
    found = {key: [row.started / 1e6 for row in rows if row.source == key] for key in (*good, *bad)}
    late = {key: max(b - a for a, b in pairwise(found[key])) - EVERY for key in good}
    worst = max(late, key=lambda key: late[key])
    print(f"{len(rows)} runs in {LASTS} s; the latest of the 56, {worst}, by {late[worst]:.1f} s of {EVERY}")
    assert all(len(found[key]) >= LASTS / EVERY - 2 for key in good)
    assert late[worst] <= EVERY
    assert {row.outcome for row in rows if row.source in ("hung", "dripping", "down")} == {"error"}
    assert {"ok", "unchanged", "error"} >= {row.outcome for row in rows if row.source == "flapping"}
    for one in systems:
        one.server.shutdown()
    for one in raws:
        one.close()
