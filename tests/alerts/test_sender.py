"""The outbox and its sender against real receivers: nothing lost, nothing doubled without a mark, every attempt a row."""

import email
import email.policy
import hashlib
import hmac
import os
import signal
import subprocess
import sys
import textwrap
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

import alerts
from alerts.channels import _http, names
from alerts.store.tables import attempt, outbox
from metrics.rulebook import Receiver
from metrics.store import leases
from tests.alerts.servers import Post, Web, free_port
from tests.alerts.small import DAY, START, Desk, rule, text, workspace

NOW = START + DAY


@pytest.fixture
def web():
    with Web().serving() as serving:
        yield serving


@pytest.fixture
def post():
    with Post().serving() as serving:
        yield serving


def hook(url, key="hook", **settings):
    return Receiver(key, text(key), "webhook", {"url": url, **settings}, "en", single=True)


def mailbox(port, key="mail", language="en", **settings):
    where = {"host": "127.0.0.1", "port": port, "to": ["chief@example.org"], "sender": "yuncha@example.org", **settings}
    return Receiver(key, text(key), "smtp", where, language)


def desk_with(store, *receivers):
    made = Desk(store, workspace(rule(receivers=tuple(one.key for one in receivers)), receivers=receivers))
    made.put(0, 93.2)
    return made


def send(desk, after=timedelta(0), **how):
    return alerts.send_due(desk.store, desk.workspace, NOW + after, jitter=lambda least, most: most, **how)


def rows(desk, table):
    with desk.store.read() as connection:
        return list(connection.execute(select(table).order_by(table.c.id)))


def outcomes(desk):
    return [row.outcome for row in rows(desk, attempt)]


def test_it_posts_a_signed_message_with_an_idempotency_key(store, web):
    desk = desk_with(store, hook(web.url, secret="env:HOOK"))
    assert send(desk, secrets={"env:HOOK": "s3cret"}.get).sent == 1
    (got,) = web.got
    (row,) = rows(desk, outbox)
    assert (row.state, outcomes(desk)) == ("sent", ["sent"])
    assert got["headers"]["Idempotency-Key"] == got["json"]["id"] == row.message_id
    stamp = got["headers"]["X-Yuncha-Timestamp"]
    expected = hmac.new(b"s3cret", stamp.encode() + b"." + got["body"], hashlib.sha256).hexdigest()
    assert got["headers"]["X-Yuncha-Signature"] == f"sha256={expected}"
    assert (got["json"]["alert"]["value"], got["json"]["alert"]["threshold"]) == ("93.2", "95")
    assert send(desk).sent == 0, "once"


def test_it_mails_what_where_since_when_and_how_far_in_the_language_of_the_receiver(store, post):
    desk = desk_with(store, mailbox(post.port, language="zh", link="https://yuncha.example/"))
    assert send(desk).sent == 1
    (mail,) = [email.message_from_bytes(one.content, policy=email.policy.default) for one in post.mails]
    assert b"\n" not in post.mails[0].content.replace(b"\r\n", b""), "strict servers refuse a line that ends otherwise"
    (row,) = rows(desk, outbox)
    assert mail["Subject"] == "【提醒·发生】on_time（中） Office A（中） 93.2%"
    assert mail["Message-ID"] == f"<{row.message_id}@example.org>"
    assert mail["To"] == "chief@example.org"
    body = mail.get_content()
    link = "https://yuncha.example/alerts/1"
    for part in ("范围：Office A（中）", "起于：2026-03-01 00:00", "低于 95%，相差 1.8", link, row.message_id):
        assert part in body


def test_it_retries_a_webhook_that_fails_ten_times_and_delivers_once__F70(store, web):
    desk = desk_with(store, hook(web.url), hook(web.url.replace("/hook", "/other"), "other"))
    web.answers = [500] * 11
    after = timedelta(0)
    seen = []
    for _ in range(40):
        send(desk, after)
        seen.append([row.state for row in rows(desk, outbox)])
        after += timedelta(minutes=5)
        if seen[-1] == ["sent", "sent"]:
            break
    assert seen[-1] == ["sent", "sent"]
    assert outcomes(desk).count("sent") == 2
    assert outcomes(desk).count("temporary") == 11
    assert len({one["json"]["id"] for one in web.got}) == 2


def test_it_backs_off_from_5_seconds_to_5_minutes_and_heeds_retry_after(store, web):
    desk = desk_with(store, hook(web.url))
    web.answers = [(503, {"Retry-After": "60"}, b"busy"), *[500] * 9]
    waits, after = [], timedelta(0)
    for _ in range(10):
        send(desk, after)
        (row,) = rows(desk, outbox)
        wait = timedelta(microseconds=row.due_at) - (NOW + after - START.replace(year=1970, month=1))
        waits.append(round(wait.total_seconds()))
        after += wait + timedelta(seconds=1)
    assert waits[0] == 60
    assert waits[1:4] == [10, 20, 40]
    assert waits[-1] == 300
    assert rows(desk, outbox)[0].error.startswith("500")


def test_it_gives_up_at_once_where_another_try_cannot_help(store, web):
    desk = desk_with(store, hook(web.url))
    web.answers = [(404, {}, b"no such hook")]
    assert send(desk).dead == 1
    assert [(row.state, row.error) for row in rows(desk, outbox)] == [("dead", "404 no such hook")]
    with store.read() as connection:
        assert alerts.outbox_state(connection).dead == 1


def test_it_keeps_the_message_while_nobody_answers_and_tells_how_late_it_is(store, web):
    port = free_port()
    desk = desk_with(store, hook(f"http://127.0.0.1:{port}/hook"))
    assert send(desk).later == 1
    desk.put(1, 99)
    desk.use(replace(desk.workspace, receivers={**desk.workspace.receivers, "hook": hook(web.url)}))
    assert send(desk, timedelta(days=1, minutes=62)).sent == 2
    assert [one["json"]["alert"]["kind"] for one in web.got] == ["firing", "recovered"]
    assert "Delivered 1502 minutes late" in web.got[0]["json"]["body"]
    assert "Closed by now" in web.got[0]["json"]["body"]


def test_it_tells_the_end_only_after_the_start(store, web):
    desk = desk_with(store, hook(web.url))
    web.answers = [500]
    send(desk, DAY)
    desk.put(1, 99)
    assert send(desk, DAY).sent == 0, "the first message still waits"
    assert send(desk, DAY + timedelta(minutes=1)).sent == 2
    assert [one["json"]["alert"]["kind"] for one in web.got] == ["firing", "firing", "recovered"]


def test_it_does_not_let_a_hanging_receiver_delay_another__F72(store, web, monkeypatch):
    """A third of the deadline is the longest silence: here a second, not five."""
    assert _http.DEADLINE / 3 == 5
    monkeypatch.setattr(_http, "DEADLINE", _http.DEADLINE / 5)
    slow = Web()
    slow.before = lambda request: threading.Event().wait(3)
    with slow.serving():
        desk = desk_with(store, hook(slow.url, "slow"), hook(web.url, "quick"))
        found = send(desk)
    assert (found.sent, found.later) == (1, 1)
    state = {row.receiver: (row.state, row.repeated) for row in rows(desk, outbox)}
    assert state == {"quick": ("sent", False), "slow": ("waiting", True)}


def test_it_kills_the_row_of_a_receiver_that_is_gone__F74(store, web):
    desk = desk_with(store, hook(web.url))
    desk.use(workspace(rule(receivers=())))
    assert send(desk).dead == 1
    assert "no longer in the workspace" in rows(desk, outbox)[0].error
    assert send(desk, timedelta(seconds=2)).sent == 1
    assert [(row.receiver, row.state) for row in rows(desk, outbox)] == [("hook", "dead"), ("chief", "sent")], "by the log"


def test_it_resends_once_with_the_same_id_when_the_server_drops_after_the_text__F75(store, post):
    desk = desk_with(store, mailbox(post.port))
    post.after_text = [None]
    assert send(desk).later == 1
    assert rows(desk, outbox)[0].state == "uncertain"
    assert send(desk, timedelta(minutes=1)).sent == 1
    first, second = [email.message_from_bytes(one.content, policy=email.policy.default) for one in post.mails]
    assert first["Message-ID"] == second["Message-ID"]
    assert "(possible duplicate)" in second["Subject"]
    assert "(possible duplicate)" not in first["Subject"]
    assert outcomes(desk) == ["uncertain", "sent"]


def test_it_never_sends_a_third_time_when_the_server_drops_twice__F75(store, post):
    desk = desk_with(store, mailbox(post.port))
    post.after_text = [None, None]
    send(desk)
    assert send(desk, timedelta(minutes=1)).dead == 1
    assert send(desk, timedelta(hours=1)).sent == 0
    assert len(post.mails) == 2


@pytest.mark.parametrize(("answer", "state"), [("550 no such user", "dead"), ("451 try later", "waiting")])
def test_it_tells_a_refusal_from_a_passing_fault_of_the_mail_server(store, post, answer, state):
    desk = desk_with(store, mailbox(post.port))
    post.on_address = [answer]
    send(desk)
    assert [(row.state, row.error) for row in rows(desk, outbox)] == [(state, answer)]
    assert post.mails == []


def test_it_counts_as_told_when_one_of_two_addresses_is_refused(store, post):
    desk = desk_with(store, mailbox(post.port, to=["gone@example.org", "chief@example.org"]))
    post.on_address = ["550 no such user", "250 OK"]
    assert send(desk).sent == 1
    assert "refused: gone@example.org (550)" in rows(desk, attempt)[0].detail


def test_it_waits_for_a_secret_that_is_not_there(store, web):
    desk = desk_with(store, hook(web.url, secret="env:NOT_THERE_AT_ALL"))
    assert send(desk).later == 1
    assert "NOT_THERE_AT_ALL" in rows(desk, outbox)[0].error
    assert web.got == []


def test_it_refuses_to_send_with_an_epoch_that_is_past__F10(store, web):
    desk = desk_with(store, hook(web.url))
    with store.write() as connection:
        leases.ensure(connection)
        old = leases.acquire(connection, "old", NOW, timedelta(seconds=1))
        new = leases.acquire(connection, "new", NOW + timedelta(seconds=5), timedelta(minutes=1))
    with pytest.raises(leases.Fenced):
        send(desk, epoch=old)
    assert web.got == []
    assert send(desk, epoch=new).sent == 1


CHILD = """
    import os, sys
    from datetime import datetime
    import alerts
    from alerts.store import outbox
    from metrics.store.engine import connect
    from tests.alerts.small import workspace, rule
    from tests.alerts.test_sender import hook
    if sys.argv[3] == "after":
        outbox.sent = lambda *given: os._exit(137)
    place = workspace(rule(receivers=("hook",)), receivers=[hook(sys.argv[2])])
    alerts.send_due(connect(sys.argv[1]), place, datetime.fromisoformat(sys.argv[4]))
"""


@pytest.mark.kills
@pytest.mark.parametrize("point", [pytest.param("after", id="F04"), pytest.param("during", id="F05")])
def test_it_sends_exactly_one_marked_duplicate_after_kill_9__F04_F05(store, database_url, web, point):
    desk = desk_with(store, hook(web.url))
    command = [sys.executable, "-c", textwrap.dedent(CHILD), database_url, web.url, point, NOW.isoformat()]
    child = subprocess.Popen(command, cwd=os.getcwd(), env={**os.environ, "PYTHONPATH": os.getcwd()})
    if point == "during":
        web.before = lambda request: child.poll() is None and os.kill(child.pid, signal.SIGKILL)
    assert child.wait(60) in (137, -9)
    web.before = lambda request: None
    assert rows(desk, outbox)[0].state == "sending"
    assert send(desk, timedelta(seconds=60)).sent == 0, "within the lease nobody else sends it"
    assert send(desk, timedelta(seconds=121)).sent == 1
    assert send(desk, timedelta(hours=1)).sent == 0
    first, second = (one["json"] for one in web.got)
    assert first["id"] == second["id"]
    assert (first["repeated"], second["repeated"]) == (False, True)
    assert outcomes(desk) == ["uncertain", "sent"]


def test_it_sends_after_a_restart_what_was_committed_and_not_yet_taken__F03(store, web):
    desk_with(store, hook(web.url))
    again = Desk.__new__(Desk)
    again.store = store
    again.use(workspace(rule(receivers=("hook",)), receivers=[hook(web.url)]))
    assert send(again).sent == 1
    assert len(web.got) == 1


def test_it_never_picks_up_what_a_replay_wrote(store, web):
    place = workspace(rule(receivers=("hook",)), receivers=[hook(web.url)])
    desk = Desk(store, place, kind="replay")
    desk.put(1, 90)
    assert len(rows(desk, outbox)) == 1
    assert send(desk, timedelta(days=3)).sent == 0
    assert web.got == []


def test_it_logs_on_the_log_channel(store, caplog):
    desk = desk_with(store, Receiver("tail", text("Tail"), "log", {}, "en"))
    with caplog.at_level("INFO", "yuncha.alerts"):
        assert send(desk).sent == 1
    assert "[Reminder raised] on_time, Office A: 93.2%" in caplog.text


def test_it_names_receivers_that_could_not_be_told():
    place = workspace(receivers=[
        Receiver("a", text("a"), "pigeon", {}), Receiver("b", text("b"), "smtp", {"host": "x"}),
        hook("ftp://x", "c"), hook("http://x", "d", secret="in the open"), hook("http://x", "e", secret="env:GOOD"),
    ])  # fmt: skip
    found = dict(alerts.faults(place))
    assert set(found) == {"a", "b", "c", "d"}
    assert "no channel 'pigeon'" in found["a"]
    assert "to: Field required" in found["b"]


def test_it_knows_its_channels_by_their_files():
    assert names() == ["apprise", "dingtalk", "feishu", "log", "sms", "smtp", "webhook", "wecom"]
