"""F46 against a real Prometheus (Debian's package), that scrapes a page of ours: stale, NaN, a counter reset, too many series."""

import json
import shutil
import subprocess
import urllib.parse
import urllib.request
from datetime import UTC, datetime

import pytest

from collectors import prometheus
from collectors._errors import Failure
from tests.collectors.conftest import a_source, one
from tests.fixtures.processes import free_port, until

HERE = shutil.which("prometheus")
pytestmark = pytest.mark.skipif(HERE is None, reason="no prometheus on this machine: install Debian's package of that name")
CONFIG = """
global: {scrape_interval: 400ms, scrape_timeout: 400ms}
scrape_configs:
  - job_name: desk
    metrics_path: /metrics
    static_configs: [{targets: ["%s"]}]
"""


@pytest.fixture
def scraped(system, tmp_path):
    """(ask, page): Prometheus' own answer to a query; the page that it scrapes, to be changed."""
    page = {"text": "calls_total 100\nqueue NaN\ngone 7\n" + "".join(f'many{{i="{n}"}} 1\n' for n in range(50))}
    system.answer = lambda path, headers: (200, {"Content-Type": "text/plain; version=0.0.4"}, page["text"].encode())
    config = tmp_path / "prometheus.yml"
    config.write_text(CONFIG % system.url.removeprefix("http://"))
    port = free_port()
    command = [
        HERE, f"--config.file={config}", f"--storage.tsdb.path={tmp_path / 'data'}", f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=error",
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"

    def ask(query: str) -> list:
        address = f"{url}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return json.load(answer)["data"]["result"]
        except OSError:
            return []

    until(lambda: ask("gone"))
    yield url, ask, page
    process.kill()
    process.wait()


def rows(want, url, query, **settings):
    return one(
        prometheus.fetch(a_source("prometheus", {"url": url, "query": query, **settings}), want(now=datetime.now(UTC)))
    ).rows


def test_it_takes_at_most_so_many_series_nan_and_stale_as_missing_and_no_negative_rate__F46(scraped, want):
    url, ask, page = scraped
    until(lambda: len(ask("many")) == 50)
    assert len(rows(want, url, "many")) == 50
    with pytest.raises(Failure, match="more than 49 samples"):
        rows(want, url, "many", max_samples=49)
    assert [row["value"] for row in rows(want, url, "queue")] == [None], "NaN is no figure"
    assert [row["value"] for row in rows(want, url, "gone")] == ["7"]
    page["text"] = "calls_total 3\n"
    until(lambda: not ask("gone"))
    assert rows(want, url, "gone") == [], "a stale series is not its last value"
    until(lambda: ask("calls_total")[0]["value"][1] == "3")
    (reset,) = rows(want, url, "increase(calls_total[1m])")
    assert float(reset["value"]) >= 0, "a counter that began anew did not fall"
