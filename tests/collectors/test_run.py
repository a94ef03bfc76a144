"""The whole way from a real source to rows, on both engines: what a Run tells, and that nothing is stored by half."""

import json
import logging
import os
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from collectors import collector, kinds
from collectors._run import run_source
from metrics import ingest
from metrics.store import leases, runs
from metrics.tables import record, record_version, revision
from tests.collectors.conftest import FIGURES, NOW, a_case, a_source

HEADER = "id,dept,opened,due,closed,kind,caller\n"


@pytest.fixture
def run(workspace, store):
    def _run(source, now=NOW, **more):
        return run_source(source, workspace, store, now, (), **more)

    return _run


@pytest.fixture
def drop(tmp_path):
    (tmp_path / "in").mkdir()

    def put(name, content, age=60):
        path = tmp_path / "in" / name
        path.write_text(content, encoding="utf-8")
        os.utime(path, (NOW.timestamp() - age,) * 2)
        return path

    return put


def ids(store) -> list[str]:
    with store.read() as connection:
        return sorted(connection.execute(select(record.c.external_id)).scalars())


def versions(store) -> int:
    with store.read() as connection:
        return len(connection.execute(select(record_version.c.record_id)).all())


def revisions(store) -> list[str]:
    with store.read() as connection:
        return list(connection.execute(select(revision.c.kind).order_by(revision.c.number)).scalars())


def line(id, dept="tax", opened="2026-03-01T09:00:00", kind="a") -> str:
    return f"{id},{dept},{opened},,,{kind},\n"


FROM_FOLDER = a_source("files", {"folder": "in"})


def test_every_kind_of_source_is_a_file():
    assert {"files", "http_json", "openmetrics", "sql"} <= set(kinds())
    for kind in kinds():
        assert callable(collector(kind).fetch)
        assert collector(kind).SETTINGS
    for name in ("_run", "nothing", "os.path", "../x"):
        with pytest.raises(LookupError):
            collector(name)


def test_it_stores_what_came_with_its_run(run, store, system):
    system.says(json.dumps([a_case(1), a_case(2)]))
    made = run(a_source("http_json", {"url": system.url}))
    assert (made.outcome, dict(made.counts)) == ("ok", {"rows": 2, "records_new": 2})
    assert made.payload_hash
    assert ids(store) == ["1", "2"]
    with store.read() as connection:
        assert runs.newest_periods(connection, ["cases"], NOW)["cases"] == NOW.replace(day=1, hour=1)


def test_the_same_again_is_a_run_and_nothing_else__F36(run, store, system):
    system.says(json.dumps([a_case(1)]))
    source = a_source("http_json", {"url": system.url})
    run(source)
    before = revisions(store)
    assert run(source, NOW + timedelta(minutes=1)).outcome == "unchanged"
    system.says(json.dumps([a_case(1)], indent=1))
    assert run(source, NOW + timedelta(minutes=2)).outcome == "unchanged"
    assert revisions(store) == before
    assert versions(store) == 1


def test_a_change_is_a_new_version__F37(run, store, system):
    source = a_source("http_json", {"url": system.url})
    system.says(json.dumps([a_case(1)]))
    run(source)
    system.says(json.dumps([a_case(1, closed="2026-03-01T10:00:00")]))
    assert run(source).counts["records_changed"] == 1
    assert versions(store) == 2


def test_pages_that_overlap_lose_and_double_nothing__F36(run, store, system):
    pages = {"/?page=1": [a_case(1), a_case(2)], "/?page=2": [a_case(2, kind="later"), a_case(3)]}
    system.answer = lambda path, headers: (200, {}, json.dumps(pages.get(path, [])).encode())
    assert run(a_source("http_json", {"url": system.url + "/", "paging": {"kind": "page"}})).counts["records_new"] == 3
    assert ids(store) == ["1", "2", "3"]


def test_a_bad_row_is_named_and_the_others_are_stored(run, store, system):
    system.says(json.dumps([a_case(1), a_case(2, opened="gestern"), a_case(3)]))
    made = run(a_source("http_json", {"url": system.url}))
    assert made.outcome == "refused"
    assert made.counts["refused"] == 1
    assert made.refusals == [
        {"place": "row 2", "field": "opened", "reason": "is not a date and time of ISO 8601", "value": "gestern"}
    ]
    assert ids(store) == ["1", "3"]


@pytest.mark.parametrize(
    ("body", "error_class"),
    [
        ("<html>Login</html>", "bad_input"),
        ('[{"id": 1, "id": 2}]', "bad_input"),
        (json.dumps([a_case(1), a_case(1, kind="b")]), "bad_input"),
        ('[{"id": "1", "dept": "tax", "opened": NaN}]', "bad_input"),
        (json.dumps([{"nr": 1}]), "schema_changed"),
    ],
)
def test_bad_input_is_an_error_in_words_and_nothing_is_stored__F31_F32(run, store, system, body, error_class):
    system.says(body)
    made = run(a_source("http_json", {"url": system.url}))
    assert (made.outcome, made.error_class) == ("error", error_class)
    assert made.error
    assert made.hint
    assert ids(store) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "no file named *.csv in in"),
        (HEADER + line(1) + line(1, kind="b"), "1 stands twice with different values: a.csv, line 2 and a.csv, line 3"),
        (HEADER + line(1) + "2," + "x" * 10_000_000 + "\n", "a.csv, line 3: a field is longer"),
        (HEADER.replace("dept", "office") + line(1), "missing: dept; not mapped: office"),
    ],
)
def test_a_bad_file_is_an_error_in_words_and_nothing_is_stored__F54(run, store, drop, content, words):
    if content is not None:
        drop("a.csv", content)
    made = run(FROM_FOLDER)
    assert made.outcome == "error"
    assert words in made.error
    assert ids(store) == []


def test_one_bad_file_is_told_until_it_is_mended_and_the_others_are_stored_once(run, store, drop):
    drop("a.csv", HEADER + line(1) + line(1, kind="b"), age=120)
    drop("b.csv", HEADER + line(2))
    made = run(FROM_FOLDER)
    assert (made.outcome, made.counts["failed"], made.counts["records_new"]) == ("error", 1, 1)
    assert "a.csv" in made.error
    made = run(FROM_FOLDER)
    assert (made.outcome, "unchanged" in made.counts) == ("error", False)
    drop("a.csv", HEADER + line(1), age=30)
    assert run(FROM_FOLDER).outcome == "ok"
    assert ids(store) == ["1", "2"]
    assert run(FROM_FOLDER).outcome == "unchanged"


def test_a_page_that_fails_does_not_move_the_mark(run, store, system):
    good = json.dumps([a_case(1, changed="2026-03-01T10:00:00Z")]).encode()
    broken = {"on": True}
    system.answer = lambda path, headers: (
        (404, {}, b"") if "page=2" in path and broken["on"] else (200, {}, good if "page=1" in path else b"[]")
    )
    source = a_source(
        "http_json", {"url": system.url + "/", "paging": {"kind": "page"}, "since": {"param": "since", "field": "changed"}}
    )
    made = run(source)
    assert (made.outcome, made.error_class, ids(store)) == ("error", "missing", ["1"])
    broken["on"] = False
    assert run(source).outcome == "unchanged"
    run(source)
    assert [path for path, _ in system.asked] == [
        "/?page=1", "/?page=2", "/?page=1", "/?page=2", "/?since=2026-03-01T09%3A50%3A00Z&page=1",
        "/?since=2026-03-01T09%3A50%3A00Z&page=2",
    ]  # fmt: skip


def test_half_of_everything_never_passes_for_all_of_it(run, store, system):
    source = a_source("http_json", {"url": system.url + "/", "paging": {"kind": "page"}}, complete=True)
    pages = {"/?page=1": [a_case(n) for n in range(30)], "/?page=2": [a_case(99)]}
    system.answer = lambda path, headers: (200, {}, json.dumps(pages.get(path, [])).encode())
    assert run(source).counts["records_new"] == 31
    system.answer = lambda path, headers: (404, {}, b"") if "page=2" in path else (200, {}, json.dumps(pages[path]).encode())
    assert run(source).outcome == "error"
    assert versions(store) == 31
    pages["/?page=2"] = []
    system.answer = lambda path, headers: (200, {}, json.dumps(pages.get(path, [])).encode())
    assert run(source).counts["records_withdrawn"] == 1


@pytest.mark.parametrize("left", [0, 20])
def test_a_source_that_lost_most_of_its_cases_is_not_believed__F20_F37(run, store, system, left):
    source = a_source("http_json", {"url": system.url}, complete=True)
    system.says(json.dumps([a_case(n) for n in range(40)]))
    run(source)
    system.says(json.dumps([a_case(n) for n in range(left)]))
    made = run(source)
    assert (made.outcome, made.error_class) == ("error", "suspect")
    assert f"{40 - left} of 40 known records are gone" in made.error
    assert versions(store) == 40


def test_a_changed_mapping_reads_everything_again(run, store, drop):
    drop("a.csv", HEADER + line(1, kind="x"))
    assert run(FROM_FOLDER).outcome == "ok"
    mapping = {**FROM_FOLDER.mapping, "category": {"field": "kind", "codes": {"x": "noise"}}}
    assert run(a_source("files", {"folder": "in"}, mapping)).counts["records_changed"] == 1


def test_a_back_fill_brings_what_was_settled_before_and_leaves_the_mark(run, store, system):
    old = a_case(1, opened="2026-01-01T09:00:00", due="2026-01-05T09:00:00", closed="2026-01-03T09:00:00")
    rows = [old, a_case(2, opened="2026-01-01T09:00:00"), {**old, "id": "3", "due": "2026-03-05T09:00:00"}]
    system.says(json.dumps(rows))
    source = a_source("http_json", {"url": system.url})
    begin = NOW - timedelta(days=30)
    assert run(source, kind="replay", since=begin).counts["records_new"] == 2
    assert ids(store) == ["2", "3"]
    made = run(source, kind="backfill", since=begin - timedelta(days=60), until=begin)
    assert (made.kind, made.counts["records_new"]) == ("backfill", 1)
    assert ids(store) == ["1", "2", "3"]
    with store.read() as connection:
        assert runs.backfilled(connection) == {"cases": {(begin - timedelta(days=60)).isoformat()}}
    assert revisions(store)[-1] == "backfill"


def test_figures_come_by_the_same_way(run, store, system):
    days = {"2026-03-01": None, "2026-03-02": 3}
    system.says(json.dumps([{"day": day, "dept": "tax", "visits": visits} for day, visits in days.items()]))
    made = run(a_source("http_json", {"url": system.url}, FIGURES, gives="observations"))
    assert made.counts["observations_new"] == 2


def test_a_replay_and_a_back_fill_share_no_period(run, store, system):
    days = {f"2026-02-{day:02d}": day for day in range(1, 29)}
    system.says(json.dumps([{"day": day, "dept": "tax", "visits": visits} for day, visits in days.items()]))
    source = a_source("http_json", {"url": system.url}, FIGURES, gives="observations")
    begin = NOW - timedelta(days=10)  # at noon of the 20th
    assert run(source, kind="replay", since=begin).counts["observations_new"] == 9
    made = run(source, kind="backfill", since=begin - timedelta(days=90), until=begin)
    assert made.counts == {"rows": 28, "observations_new": 19}


def test_a_dry_run_stores_nothing(run, store, system):
    system.says(json.dumps([a_case(1)]))
    made = run(a_source("http_json", {"url": system.url}), dry_run=True)
    assert (made.outcome, made.id, dict(made.counts)) == ("ok", 0, {"rows": 1})
    assert ids(store) == []
    with store.read() as connection:
        assert runs.last(connection, "cases") == []


def test_it_logs_once_when_lost_and_once_when_back(run, system, caplog):
    caplog.set_level(logging.INFO, "yuncha.collectors")
    source = a_source("http_json", {"url": system.url})
    for body in ("<html>", "<html>", "<html>", "[]", "[]"):
        system.says(body)
        run(source)
    assert [entry.message.split(":")[0] for entry in caplog.records] == ["source cases is lost", "source cases is back"]


@pytest.mark.parametrize("broken", [ValueError("canary"), SystemExit(1), RecursionError(), GeneratorExit(), BaseException()])
def test_whatever_a_collector_raises_is_a_run__F12(run, monkeypatch, broken):
    def fetch(source, want):
        raise broken
        yield

    monkeypatch.setattr(collector("http_json"), "fetch", fetch)
    made = run(a_source("http_json", {"url": "http://127.0.0.1:1"}))
    assert (made.outcome, made.error_class) == ("error", "bug")
    assert "canary" not in made.error


@pytest.mark.parametrize(
    ("source", "error_class"),
    [
        (a_source("http_json", {"url": "http://127.0.0.1:1", "typo": 1}), "settings"),
        (a_source("http_json", {"url": "http://127.0.0.1:1"}, secret="env:YUNCHA_ABSENT"), "secret"),
        (a_source("nothing", {}), "settings"),
    ],
)
def test_a_wrong_definition_is_a_run(run, source, error_class):
    assert run(source).error_class == error_class


def test_an_old_leader_writes_nothing__F10(run, store, system):
    system.says(json.dumps([a_case(1)]))
    with pytest.raises(leases.Fenced):
        run(a_source("http_json", {"url": system.url}), epoch=99)
    assert ids(store) == []


def test_more_than_a_unit_holds_comes_as_several(run, store, drop, monkeypatch):
    monkeypatch.setattr("collectors._unit.MAX_ROWS", 3)
    monkeypatch.setattr("collectors._unit.TOGETHER", 3)
    drop("a.csv", HEADER + "".join(line(i) for i in range(7)), age=120)
    drop("b.csv", HEADER + line(7))
    made = run(FROM_FOLDER)
    assert ids(store) == [str(i) for i in range(8)]
    assert made.outcome == "ok"
    assert run(FROM_FOLDER).outcome == "unchanged"
    assert ingest.MAX_ROWS == 50_000


def test_a_source_that_hangs_is_cut_off_and_delays_no_other__F15_F25(run, store, system):
    system.says(json.dumps([a_case(1)]))
    good = a_source("http_json", {"url": system.url})
    with socket.create_server(("127.0.0.1", 0)) as silent, ThreadPoolExecutor(2) as pool:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        hung = replace(a_source("http_json", {"url": url, "read": "2s", "total": "2s"}), key="hung")
        waiting = pool.submit(run, hung)
        held, _ = silent.accept()
        with held:
            made, cut = pool.submit(run, good).result(), waiting.result()
        assert (made.outcome, cut.error_class) == ("ok", "timeout")
        assert made.id < cut.id
    assert ids(store) == ["1"]


@pytest.mark.realdata
def test_boston_comes_in_whole(realdata, workspaces, sqlite_store, monkeypatch):
    from metrics.catalogue import load

    monkeypatch.setenv("YUNCHA_REALDATA", str(realdata))
    boston, _ = load(workspaces / "boston311")
    source = boston.sources["requests"]
    made = run_source(source, boston, sqlite_store, NOW, (), dry_run=True)
    assert (made.outcome, made.error) == ("ok", "")
