"""The 1st of January at 09:00 in a real browser: a year, a month and a day that have hardly begun, and a sound page."""

import shutil
from datetime import datetime, timedelta

import pytest

from demo.life import LOCAL
from metrics import periods
from metrics.store.engine import connect
from tests.browser.test_pages import SIZES, look, page, sound, window
from tests.fixtures.processes import Processes
from tests.workspaces.province import live_through, sichuan, systems

__all__ = ["page", "window"]

pytestmark = pytest.mark.browser
MORNING = datetime(2027, 1, 1, 9, tzinfo=LOCAL)
STEP = timedelta(hours=12)


@pytest.fixture(scope="module")
def address(sqlite_template, tmp_path_factory, workspaces):
    """The web server over a copy of the demo province whose clock stands at that morning."""
    data = tmp_path_factory.mktemp("first")
    place = shutil.copytree(workspaces / "sichuan", data / "sichuan")
    shutil.copy(sqlite_template, place / "yuncha.db")
    store = connect(f"sqlite:///{place / 'yuncha.db'}")
    with pytest.MonkeyPatch.context() as patch, systems(data / "demo", patch) as world:
        live_through(store, sichuan(workspaces), world, periods.from_us(periods.to_us(MORNING)) - 8 * STEP, 9, STEP)
    store.close()
    with (place / "workspace.yaml").open("a", encoding="utf-8") as stream:
        stream.write(f"\nclock: {MORNING:%Y-%m-%dT%H:%M} Asia/Shanghai\n")
    processes = Processes(place, data)
    yield processes.answering(*processes.web())
    processes.stop()


@pytest.mark.parametrize("path", ["/", "/field/service", "/indicator/hotline_on_time", "/department/zrzyt"])
def test_the_page_is_whole_and_says_no_false_figure(address, page, path):
    look(page, address, path)
    for name, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        if name == "phone":
            look(page, address, path)
        sound(page, width)
    words = page.inner_text("#main")
    assert "NaN" not in words
    assert "None" not in words
    assert page.faults == []
