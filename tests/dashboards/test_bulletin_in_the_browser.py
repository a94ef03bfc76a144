"""A supervisor publishes the bulletin of last month with nothing but the keyboard; a clerk cannot, not by force either. What was
published is printed the same before and after a correction, which it names."""

from datetime import UTC, datetime, timedelta

import pytest

from access import passwords
from access.store import accounts as people
from collectors._run import run_source
from metrics.model import TOTAL
from metrics.tables import bulletin
from tests.access.conftest import PASSWORD
from tests.alerts.orders.test_in_the_browser import enter, press, printed
from tests.alerts.test_in_the_browser import FILES, Town, address
from tests.browser.test_pages import SIZES, sound

__all__ = ["address"]
pytestmark = pytest.mark.browser

COLUMNS = "getComputedStyle(document.querySelector('.ranked .places')).gridTemplateColumns"
LAST = datetime.now(UTC).replace(day=1) - timedelta(days=1)
MONTHLY = {
    name: text.replace("grain: day", "grain: month").replace("grains: [day]", "grains: [month]").replace("%Y-%m-%d", "%Y-%m")
    for name, text in FILES.items()
}
FORCE = """async month => {
  const known = await (await fetch("/_dash-dependencies")).json();
  const one = known.find(c => c.inputs.some(i => i.id === "bulletin-do"));
  const [first, second] = one.output.slice(2, -2).split("...").map(o => ({id: o.split(".")[0], property: o.split(".")[1]}));
  const sent = await fetch("/_dash-update-component", {method: "POST", headers: {"Content-Type": "application/json"},
    body: JSON.stringify({output: one.output, outputs: [first, second], changedPropIds: ["bulletin-do.n_clicks"],
      inputs: [{id: "bulletin-do", property: "n_clicks", value: 1}],
      state: [{id: "bulletin-of", property: "data", value: {month, department: "_T", lang: "en"}}]})});
  return sent.status;
}"""


@pytest.fixture
def town(tmp_path):
    made = Town(tmp_path, 25, MONTHLY)
    with made.store.write() as connection:
        people.add(connection, "chief", "王敏", "supervisor", (TOTAL,), (TOTAL,), passwords.hashed(PASSWORD), datetime.now(UTC))
    yield made
    made.store.close()


def reported(town, name, done):
    file = town.folder / "drops" / name
    file.write_text(f"day,office,done,due\n{LAST:%Y-%m},a,{done},1000\n", encoding="utf-8")
    run = run_source(town.workspace.sources["desk"], town.workspace, town.store, datetime.now(UTC), [])
    assert run.outcome == "ok", run.error


def paper(page, path):
    """The words of a published bulletin as it is printed: (its body, what stands under it)."""
    pages = printed(page, path)
    text = " ".join(" ".join(pages).split())
    assert "Publish" not in text.replace("Published by", ""), "no button on paper"
    body, _, under = text.partition("Corrected since")
    return body, under


def test_it_is_printed_the_same_before_and_after_a_correction_which_it_names(town, address, browser, tmp_path):
    """Published by the button, printed to A4, corrected, printed again: only what stands under it is another."""
    reported(town, "1.csv", 930)
    chief = enter(browser, address, "chief")
    chief.goto(f"{address}/bulletin?month={LAST:%Y-%m}&lang=en")
    chief.wait_for_selector("#bulletin-do")
    chief.click("#bulletin-do")
    chief.wait_for_selector("text=Nothing was corrected")
    chief.set_viewport_size({"width": SIZES["phone"][0], "height": SIZES["phone"][1]})
    assert len(chief.evaluate(COLUMNS).split()) == 1, "on a phone units stand below each other"
    chief.set_viewport_size({"width": SIZES["desk"][0], "height": SIZES["desk"][1]})
    body, under = paper(chief, tmp_path / "before.pdf")
    for said in ("93.0%", "Edition 1", "Published by 王敏", "Departments ranked: Closed on time"):
        assert said in body, said
    assert "Nothing was corrected since it was published." in under
    reported(town, "2.csv", 940)
    chief.reload()
    chief.wait_for_selector("text=+1.0 pp")
    after, named = paper(chief, tmp_path / "after.pdf")
    assert after == body
    for said in ("compared with, became others.", "Closed on time", "93.0%", "94.0%", "+1.0 pp"):
        assert said in named, said
    assert [fault for fault in chief.faults if "status of 40" not in fault] == []


def test_it_is_published_by_the_keyboard_and_what_is_corrected_later_stands_under_it(town, address, browser):
    reported(town, "1.csv", 930)
    chief, clerk = (enter(browser, address, name) for name in ("chief", "clerk"))
    for page in (chief, clerk):
        page.goto(f"{address}/bulletin?month={LAST:%Y-%m}&lang=en")
        page.wait_for_selector("text=93.0")
    assert clerk.locator("#bulletin-do").count() == 0
    assert clerk.evaluate(FORCE, f"{LAST:%Y-%m}") == 403
    assert town.rows(bulletin) == []
    press(chief, "#bulletin-do")
    chief.wait_for_url("**/bulletin?*id=1*")
    chief.wait_for_selector("text=Nothing was corrected")
    (made,) = town.rows(bulletin)
    assert (made.published_by, made.name, made.edition) == ("chief", "王敏", 1)
    reported(town, "2.csv", 940)
    chief.reload()
    chief.wait_for_selector("text=+1.0 pp")
    assert "93.0%" in chief.inner_text("#main"), "what was printed stays"
    for width, height in SIZES.values():
        chief.set_viewport_size({"width": width, "height": height})
        sound(chief, width)
    assert [fault for page in (chief, clerk) for fault in page.faults if "status of 40" not in fault] == []
