"""What tests stand on: real databases, real data, a real browser.

Under YUNCHA_GATE=1 nothing of that may be missing: a skipped postgres, browser or realdata test is a failure.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.fixtures.databases", "tests.fixtures.mariadb", "tests.fixtures.browser", "tests.fixtures.counts",
                  "tests.fixtures.faults"]  # fmt: skip

ROOT = Path(__file__).resolve().parent.parent
REALDATA = Path(os.environ.get("YUNCHA_REALDATA", ROOT.parent / "shared" / "data"))

TOGETHER = ("workspaces", "kills", "live")
"""Folders whose files never run beside each other: they share what is dear to make, or measure time."""

settings.register_profile("test", max_examples=200, deadline=None, print_blob=True, suppress_health_check=list(HealthCheck))
settings.register_profile("soak", parent=settings.get_profile("test"), max_examples=10_000)
settings.load_profile("soak" if os.environ.get("YUNCHA_SOAK") else "test")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object):
    """Files run side by side, whole; the real workspaces are loaded once for all files that read them.

    Not by pytest-xdist's own groups: it writes them into a name that pytest 9.2 no longer reads, and splits every file."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.split("::", 1)[0]
            folder = Path(file).parent.name
            return folder if folder in TOGETHER else file

    config.option.loadscopereorder = False  # it would begin with the files of many tests, and end with the minute of one test
    return ByFile(config, log)


LONG = (
    "workspaces", "kills", "browser/test_pages.py", "receive/test_strange_requests.py", "metrics/test_histories.py", "live",
    "browser/test_first_of_month.py", "alerts/orders/test_in_the_browser.py", "access/test_product.py", "access/test_personal.py",
    "receive/test_in_the_browser.py", "publish/test_asof.py", "browser/test_questions.py", "collectors/test_run.py",
    "collectors/test_sql.py", "receive/test_canary.py", "dashboards/test_bulletin_in_the_browser.py", "alerts/test_sender.py",
    "alerts/test_rules_in_the_browser.py", "alerts/test_whole_way.py", "test_copying.py", "test_worker.py",
    "alerts/test_many_processes.py", "alerts/test_in_the_browser.py", "bench/test_bench.py", "collectors/test_real_prometheus.py",
    "receive/test_push.py", "receive/test_upload.py", "receive/test_try.py", "metrics/reading/test_standing.py",
)  # fmt: skip
"""What takes longest by itself, the longest first: folders of TOGETHER, and files."""


def _turn(item: pytest.Item) -> int:
    """Which place an item has in LONG; all others come after."""
    folder, file = item.path.parent.name, item.path.relative_to(ROOT / "tests").as_posix()
    one = folder if folder in TOGETHER else file
    return LONG.index(one) if one in LONG else len(LONG)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Side by side what takes longest begins first, so that no process is left with it alone at the end. A test marked
    `realdata` is skipped, with a reason, where the real files are not."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=_turn)
    if REALDATA.is_dir():
        return
    absent = pytest.mark.skip(reason=f"no real data at {REALDATA}: set YUNCHA_REALDATA to the folder that holds it")
    for item in items:
        if item.get_closest_marker("realdata"):
            item.add_marker(absent)


@pytest.fixture(scope="session", autouse=True)
def cheaply() -> None:
    from tests.fixtures import cheaply

    cheaply.begin()


@pytest.fixture(scope="session")
def realdata() -> Path:
    """The folder of real files; only for tests marked `realdata`."""
    if not REALDATA.is_dir():
        pytest.skip(f"no real data at {REALDATA}: set YUNCHA_REALDATA to the folder that holds it")
    return REALDATA


@pytest.fixture(scope="session")
def workspaces() -> Path:
    """The folder of the workspaces that ship with the product."""
    return ROOT / "workspaces"


@pytest.fixture
def loaded(workspaces: Path) -> Iterator:
    """`loaded("boston311")`: a shipped workspace, read anew; its faults fail the test."""
    from metrics.catalogue import load

    def _load(name: str):
        workspace, faults = load(workspaces / name)
        assert not faults, "\n".join(str(fault) for fault in faults)
        return workspace

    return _load
