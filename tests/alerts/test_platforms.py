"""WeCom, DingTalk, Feishu, a gateway for text messages and apprise, against servers that answer as the platforms do."""

import base64
import hashlib
import hmac
import json
import re
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

import alerts
from alerts.channels import _http, channel
from alerts.channels._message import Message
from alerts.channels._robot import text as fitted
from alerts.store.tables import attempt, outbox
from metrics.periods import from_us
from metrics.rulebook import Receiver
from tests.alerts.servers import Web
from tests.alerts.small import DAY, START, Desk, rule, text, workspace
from tests.alerts.test_telling import in_words, many, route

NOW = START + DAY
SECRETS = {"env:TOKEN": "t0ken", "env:SIGN": "s1gn"}.get
OK = {"wecom": {"errcode": 0, "errmsg": "ok"}, "dingtalk": {"errcode": 0}, "feishu": {"code": 0, "msg": "success"}}
REFUSED = {
    "wecom": {"errcode": 93000, "errmsg": "invalid webhook url"}, "dingtalk": {"errcode": 310000, "errmsg": "sign not match"},
    "feishu": {"code": 19024, "msg": "Key Words Not Found"},
}  # fmt: skip
PLATFORMS = ("wecom", "dingtalk", "feishu")


@pytest.fixture
def web():
    with Web().serving() as serving:
        yield serving


def answers(web, *bodies):
    web.answers = [(200, {}, json.dumps(body).encode()) for body in bodies]


def robot(platform, web, **more):
    given = {"base": web.url.removesuffix("/hook"), "token": "env:TOKEN", "link": "https://yuncha.example", **more}
    return Receiver("group", text("Group"), platform, given, "zh", fallback="chief", single=True)


def desk_with(store, *receivers):
    made = Desk(store, workspace(rule(receivers=("group",)), receivers=receivers))
    made.put(0, 93)
    return made


def send(desk, after=timedelta(0)):
    return alerts.send_due(desk.store, desk.workspace, NOW + after, SECRETS, jitter=lambda least, most: least)


def rows(desk, table=outbox):
    with desk.store.read() as connection:
        return list(connection.execute(select(table).order_by(table.c.id)))


@pytest.mark.parametrize("platform", PLATFORMS)
def test_it_is_told_once_where_the_code_is_0(store, web, platform):
    desk = desk_with(store, robot(platform, web))
    answers(web, OK[platform])
    assert send(desk).sent == 1
    assert send(desk, DAY).sent == 0
    (got,) = web.got
    said = json.dumps(got["json"], ensure_ascii=False)
    assert "on_time（中）" in said
    assert "https://yuncha.example/alerts/1" in said
    assert [row.state for row in rows(desk)] == ["sent"]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_it_waits_a_minute_at_least_when_too_much_was_sent__F71_45009(store, web, platform):
    desk = desk_with(store, robot(platform, web))
    answers(web, {"errcode": 45009, "code": 45009, "errmsg": "api freq out of limit"}, OK[platform])
    assert send(desk).later == 1
    assert from_us(rows(desk)[0].due_at) >= NOW + timedelta(seconds=60)
    assert send(desk, timedelta(seconds=59)).sent == 0
    assert len(web.got) == 1
    assert send(desk, timedelta(seconds=62)).sent == 1
    assert [row.outcome for row in rows(desk, attempt)] == ["temporary", "sent"]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_it_is_dead_at_once_in_the_platforms_own_words_and_another_is_told__F71_310000_19024(store, web, platform):
    desk = desk_with(store, robot(platform, web))
    answers(web, REFUSED[platform])
    assert send(desk).dead == 1
    assert send(desk, timedelta(seconds=5)).sent == 1
    dead, instead = rows(desk)
    code = str(REFUSED[platform].get("errcode") or REFUSED[platform]["code"])
    words = REFUSED[platform].get("errmsg") or REFUSED[platform]["msg"]
    assert (dead.state, dead.error) == ("dead", f"{code} {words}")
    assert (instead.receiver, instead.state) == ("chief", "sent")
    assert len(web.got) == 1
    with desk.store.read() as connection:
        state = alerts.outbox_state(connection, NOW + timedelta(minutes=1))
    assert state.dead == 1
    assert [(one.receiver, one.words) for one in state.unreached] == [("group", f"{code} {words}")]


def test_it_tries_again_after_an_answer_that_is_none(store, web):
    desk = desk_with(store, robot("wecom", web))
    web.answers = [(200, {}, b"<html>proxy</html>"), (502, {}, b"")]
    assert send(desk).later == 1
    assert rows(desk)[0].repeated, "it may have been told"
    assert send(desk, timedelta(minutes=10)).later == 1


@pytest.mark.parametrize("platform", [*PLATFORMS, "sms"])
def test_it_is_told_once_more_and_no_third_time_where_the_answer_comes_too_late(store, web, platform, monkeypatch):
    """It cannot tell a repeat by its number: then whoever stands in is told."""
    monkeypatch.setattr(_http, "DEADLINE", 0.6)
    web.before = lambda request: threading.Event().wait(1)
    desk = desk_with(store, robot(platform, web) if platform != "sms" else replace(gateway(web), fallback="chief"))
    assert (send(desk).later, send(desk, timedelta(minutes=1)).dead) == (1, 1)
    assert [row.outcome for row in rows(desk, attempt)] == ["uncertain", "uncertain"]
    assert send(desk, timedelta(minutes=2)).sent == 1
    assert [(row.receiver, row.state) for row in rows(desk)] == [("group", "dead"), ("chief", "sent")]
    assert len(web.got) == 2


def test_it_asks_each_platform_where_and_as_it_wants(store, web):
    for platform, path in (
        ("wecom", "/cgi-bin/webhook/send?key=t0ken"), ("dingtalk", "/robot/send?access_token=t0ken"),
        ("feishu", "/open-apis/bot/v2/hook/t0ken"),
    ):  # fmt: skip
        signed = {} if platform == "wecom" else {"sign": "env:SIGN"}
        desk_ = workspace(receivers=[robot(platform, web, **signed)])
        answers(web, OK[platform])
        settings = channel(platform).Settings(**desk_.receivers["group"].settings)
        settings = settings.model_copy(update={"token": "t0ken", **({"sign": "s1gn"} if signed else {})})
        channel(platform).send(message("short"), settings, "t0ken")
        assert web.got[-1]["path"].startswith(path)
    ding = parse_qs(urlsplit(web.got[-2]["path"]).query)
    stamp = ding["timestamp"][0]
    expected = hmac.new(b"s1gn", f"{stamp}\ns1gn".encode(), hashlib.sha256).digest()
    assert ding["sign"] == [base64.b64encode(expected).decode()]
    body = web.got[-1]["json"]
    expected = hmac.new(f"{body['timestamp']}\ns1gn".encode(), b"", hashlib.sha256).digest()
    assert body["sign"] == base64.b64encode(expected).decode()


def message(body, language="zh"):
    return Message("id-1", "主题", body, {"path": "/alerts/1"}, False, datetime.fromisoformat("2026-03-01T00:00:00Z"), language)


def test_it_keeps_the_link_where_a_message_is_too_long():
    lines = [f"{n}. 一条很长的预警" for n in range(500)]
    told = fitted(message("\n".join([*lines, "查看：https://x/alerts/1", "消息编号：id-1"])), 2048)
    assert len(told.encode()) <= 2048
    assert told.endswith("……\n查看：https://x/alerts/1\n消息编号：id-1")


def test_it_names_each_of_a_hundred_alerts_in_numbered_parts_where_a_platform_takes_short_messages(store, web):
    here = replace(robot("wecom", web), single=False)
    meant = {"service": route(receivers=("group",))}
    desk = Desk(store, workspace(rule(receivers=()), receivers=[here], routes=meant))
    answers(web, *[OK["wecom"]] * 40)
    many(desk, 0, {f"d{n}": 90 for n in range(100)})
    sent = send(desk).sent
    texts = [one["json"]["text"]["content"] for one in web.got]
    assert sent == len(texts) == len(set(texts)) > 4
    assert max(len(one.encode()) for one in texts) <= 2048
    assert not any("……" in one for one in texts)
    assert [re.search(r"（(\d+)/(\d+)）", one).groups() for one in texts] == [(str(n), str(sent)) for n in range(1, sent + 1)]
    assert set.union(*map(in_words, texts)) == set(range(1, 101))
    assert all("100 项预警" in one for one in texts)
    assert {row.state for row in rows(desk)} == {"sent"}


def test_it_sends_only_the_parts_that_were_refused_again__F71_45009(store, web):
    here = replace(robot("wecom", web), single=False)
    desk = Desk(store, workspace(rule(receivers=()), receivers=[here], routes={"service": route(receivers=("group",))}))
    many(desk, 0, {f"d{n}": 90 for n in range(20)})
    answers(web, OK["wecom"], {"errcode": 45009, "errmsg": "too many"}, *[OK["wecom"]] * 9)
    assert send(desk).sent == 1
    send(desk, timedelta(minutes=2))
    assert {row.state for row in rows(desk)} == {"sent"}
    named = [number for one in web.got[:1] + web.got[2:] for number in in_words(one["json"]["text"]["content"])]
    assert sorted(named) == list(range(1, 21)), "each once"


def gateway(web, **more):
    given = {"url": web.url, "to": ["13800000000", "13900000000"], "link": "https://yuncha.example", **more}
    return Receiver("group", text("Group"), "sms", given, "zh", single=True)


def test_it_hands_the_subject_and_the_link_to_a_gateway_for_text_messages(store, web):
    desk = desk_with(store, gateway(web, secret="env:TOKEN", numbers="mobile", text="content", success={"code": "0"}))
    answers(web, {"code": 0})
    assert send(desk).sent == 1
    (got,) = web.got
    assert got["json"]["mobile"] == "13800000000,13900000000"
    assert got["json"]["content"].endswith("93.0% https://yuncha.example/alerts/1")
    assert got["headers"]["Authorization"] == "Bearer t0ken"


@pytest.mark.parametrize(("code", "state"), [("7", "waiting"), ("9", "dead")])
def test_it_tells_a_gateways_passing_answers_from_final_ones(store, web, code, state):
    desk = desk_with(store, gateway(web, success={"code": "0"}, passing=["7"]))
    answers(web, {"code": code})
    send(desk)
    assert rows(desk)[0].state == state


def test_it_tells_everything_else_by_apprise(store, web):
    pytest.importorskip("apprise")
    where = f"json://{urlsplit(web.url).netloc}/hook"
    desk = desk_with(store, Receiver("group", text("Group"), "apprise", {"secret": "env:WHERE"}, "en"))
    found = alerts.send_due(desk.store, desk.workspace, NOW, {"env:WHERE": where}.get)
    assert found.sent == 1
    assert web.got[0]["json"]["title"] == "[Reminder raised] on_time, Office A: 93.0%"
    desk.use(replace(desk.workspace))
    desk.put(0, 93, "b")
    assert alerts.send_due(desk.store, desk.workspace, NOW + DAY, {"env:WHERE": "nonsense"}.get).dead == 1
