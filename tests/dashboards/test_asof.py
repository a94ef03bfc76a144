"""As of when a screen knows: read from the address, kept by links, said on the page; the page then stands still."""

import shutil
from datetime import UTC, datetime, timedelta

import flask
import pytest

from dashboards import _asof
from dashboards._overview import compose, look, made
from dashboards._site import asked, present
from dashboards._view import View, view
from metrics.arrivals import Batch, RecordIn
from metrics.ingest import ingest
from metrics.store.runs import RunIn
from tests.dashboards.made import WHO, words

DAYS = [datetime(2026, 3, day, 12, tzinfo=UTC) for day in (2, 3, 5)]


@pytest.fixture
def database_url(sqlite_template, tmp_path):
    """One engine: what is asked of the store is tried on both where it is read (`tests/metrics/reading`)."""
    path = tmp_path / "yuncha.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def history(server):
    """Three revisions, on three days."""
    here = server.extensions["yuncha"]
    for number, at in enumerate(DAYS):
        opened = datetime(2015, 11, 2 + number, 15, tzinfo=UTC)
        case = RecordIn(str(number), "PWDx", "_T", opened, opened, opened, category="Graffiti")
        run = RunIn("requests", "collect", at, at, "ok")
        ingest(here.store, here.workspace, Batch("requests", [case]), (), at, run=run)
    return server


def test_links_keep_it_until_one_goes_back():
    seen = View("/", {"as_of": "2026-03-03", "until": "2026-02-28", "map": "x"})
    assert seen.href("/region/x") == "/region/x?as_of=2026-03-03&until=2026-02-28"
    assert seen.href(as_of=None) == "/?map=x&until=2026-02-28"


READ = [
    ("", None, ""), ("1", 1, ""), ("3", 3, ""), ("4", None, "future"), ("0", None, "before"), ("9" * 30, None, "before"),
    ("2026-03-03", 2, ""), ("2026-03-04", 2, ""), ("2026-03-02T11:00:00Z", None, "before"), ("2026-03-02T12:00:00Z", 1, ""),
    ("2026-03-05T00:00:00+08:00", 2, ""), ("2026-03-05T00:00:00 08:00", 2, ""), ("2199-01-01", None, "future"),
    ("9999-12-31", None, "unreadable"), ("0001-01-01", None, "unreadable"), ("yesterday", None, "unreadable"),
    ("2026-13-01", None, "unreadable"), ("\x00", None, "unreadable"), ("1 OR 1=1", None, "unreadable"),
]  # fmt: skip


def test_it_reads_a_day_a_moment_or_a_revision(history):
    with history.test_request_context("/"):
        flask.g.principal = WHO
        with asked() as ask:
            for text, revision, fault in READ:
                found = _asof.known(ask, View("/", {"as_of": text}))
                assert (found.revision, found.fault) == (revision, fault), text


def test_today_means_now_and_not_the_end_of_the_day(history):
    with history.test_request_context("/"):
        flask.g.principal = WHO
        with asked() as ask:
            assert _asof.instant(f"{datetime.now(ask.workspace.zone):%Y-%m-%d}", ask) <= datetime.now(UTC) + timedelta(seconds=1)


def test_a_question_of_then_is_pinned_and_alerts_are_asked_of_now(history):
    with history.test_request_context("/"):
        flask.g.principal = WHO
        with asked(View("/", {"as_of": "2"})) as ask:
            assert ask.revision == 2
            assert present(ask).revision is None
        with asked(View("/", {"as_of": "nonsense"})) as ask:
            assert ask.revision is None


@pytest.mark.parametrize(("lang", "said"), [("zh", "按 2026年3月3日"), ("en", "As known at 3 Mar 2026")])
def test_a_page_says_as_of_when_it_knows_and_stands_still(history, lang, said):
    with history.test_request_context("/"):
        flask.g.principal = WHO
        seen = view("/", {"lang": lang, "as_of": "2"})
        with asked(seen) as ask:
            shown = look(ask, seen)
            page = compose(ask, seen, shown, made(ask, seen, shown))
    assert said in words(page)
    assert "data-board" not in str(page)
    assert ("修订 2" if lang == "zh" else "revision 2") in words(page)


def test_a_time_that_cannot_be_read_is_said_and_now_is_shown(history):
    with history.test_request_context("/"):
        flask.g.principal = WHO
        seen = view("/", {"lang": "en", "as_of": "nonsense"})
        with asked(seen) as ask:
            shown = look(ask, seen)
            page = compose(ask, seen, shown, made(ask, seen, shown))
    assert "cannot be read" in words(page)


def test_a_page_without_a_past_says_that_it_is_of_now(history):
    with history.test_request_context("/"):
        flask.g.principal = WHO
        with asked() as ask:
            seen = View("/alerts", {"as_of": "2"}, "en")
            note = _asof.note(seen, ask, _asof.known(ask, seen))
    assert "This page is as it is now" in words(note)


@pytest.mark.parametrize("path", ["/sources", "/sources/requests", "/conflicts", "/held", "/definitions", "/definitions/on_time"])
def test_pages_of_sources_and_of_decisions_are_as_they_were(history, path):
    with history.test_request_context("/"):
        flask.g.principal = WHO
        with asked() as ask:
            seen = View(path, {"as_of": "2"}, "en")
            assert "As known at 3 Mar 2026" in words(_asof.note(seen, ask, _asof.known(ask, seen)))
