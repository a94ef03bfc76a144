"""What a message of several says of each alert."""

import pytest

from metrics.rulebook import Receiver
from tests.alerts.small import DAY, START, Desk, text
from tests.alerts.test_telling import HOUR, many, place, route, rows, send


@pytest.mark.parametrize(("language", "said"), [
    ("en", "1. [Reminder] Office A, on_time: 93.0% (limit: below 95%, 2.0 away), down from 97.0%, since 2026-03-02 00:00, "
           "data 3 h old (raised) https://yuncha.example/alerts/1"),
    ("zh", "1. 【提醒】Office A（中） on_time（中） 93.0%（界线：低于 95%，相差 2.0），较前值 97.0% 下降，起于 2026-03-02 00:00，"
           "数据时龄 3 小时（发生） https://yuncha.example/alerts/1"),
])  # fmt: skip
def test_it_says_of_each_alert_of_several_how_far_it_is_since_when_how_old_and_where_to_look(store, language, said):
    chief = Receiver("lead", text("Lead"), "log", {"link": "https://yuncha.example/"}, language)
    desk = Desk(store, place(route(receivers=("lead",)), receivers=[chief]))
    many(desk, 0, {"a": 97, "b": 97})
    many(desk, 1, {"a": 93, "b": 93}, at=START + 2 * DAY + 3 * HOUR)
    send(desk, START + 2 * DAY + 3 * HOUR)
    assert rows(desk)[0].body.split("\n")[0] == said
