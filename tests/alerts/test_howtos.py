"""docs/howto/rule.md and order.md, followed: the rule's block loads and fires; the table of steps is the product's own."""

import re
from pathlib import Path

from sqlalchemy import select

from alerts.orders.desk import MAY
from alerts.orders.grounds import PERIODS
from alerts.orders.papers import LARGEST, MOST
from alerts.store.tables import episode
from metrics.catalogue import load
from tests.alerts.small import Desk
from tests.alerts.test_in_the_browser import FILES

HOWTO = Path(__file__).resolve().parents[2] / "docs" / "howto"
WORKSPACE = FILES["workspace.yaml"].replace("PORT", "25").replace("key: chief", "key: duty")


def test_the_rule_of_the_howto_loads_and_fires_at_the_second_of_three(store, tmp_path):
    (block,) = re.findall(r"```yaml\n(.*?)```", (HOWTO / "rule.md").read_text(encoding="utf-8"), re.DOTALL)
    for name, text in {**FILES, "workspace.yaml": WORKSPACE, "rules/low.yaml": block}.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    place, faults = load(tmp_path)
    assert place is not None, faults
    desk = Desk(store, place)
    fired = []
    for day, rate in enumerate((95, 91, 95, 91)):
        desk.put(day, rate)
        with store.read() as connection:
            fired.append([row.severity for row in connection.execute(select(episode))])
    assert fired == [[], [], [], ["warning"]]


def test_the_steps_of_the_howto_are_those_there_are():
    text = (HOWTO / "order.md").read_text(encoding="utf-8")
    steps = {}
    for line in text.splitlines():
        if line.startswith("| `"):
            names, who = line.split("|")[1:3]
            steps.update(dict.fromkeys(re.findall(r"`(\w+)`", names), who.strip()))
    assert set(steps) == set(MAY) - {"attached"}
    for name, who in steps.items():
        roles = {"either": {"staff", "supervisor"}}.get(who, {who.split()[0]})
        assert roles == set(MAY[name]), name
    assert (PERIODS["day"], PERIODS["week"], PERIODS.get("month", 1)) == (3, 2, 1)
    assert (LARGEST, MOST) == (1_000_000, 5)
