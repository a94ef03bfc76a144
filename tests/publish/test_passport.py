"""What was exported is found again by the code it carries: as it was then, and what changed since."""

import csv
import io
from datetime import timedelta
from types import SimpleNamespace

import flask
import jsonschema
import openpyxl
import pytest

from metrics import ingest, links, reading
from metrics.answers import Ask
from metrics.arrivals import Batch, Series
from metrics.model import Principal
from metrics.passport import ALPHABET, code, read, shown
from metrics.periods import to_us
from metrics.ruling import Decision, decide
from metrics.store import excerpts, passports, retention
from metrics.store.payloads import Kept
from metrics.store.runs import RunIn
from publish import _routes, api
from publish.openapi import document
from tests.metrics import small

WHOLE = Principal("w", "Wen", frozenset({"viewer"}))
CITY = Principal("c", "c", frozenset({"viewer"}), regions=("x",))
BOTH = Principal("b", "b", frozenset({"viewer"}), regions=("x", "y"))
A_DAY = links.text(small.DAY)
DOCUMENT = document()


@pytest.fixture
def web(store, monkeypatch):
    """The export routes and the API over one store; `later(n)` is the time of the nth thing that comes in."""
    server = flask.Flask("t")
    api.install(server, store, small.workspace())
    _routes.install(server, store, small.workspace())
    made = SimpleNamespace(client=server.test_client(), store=store, later=lambda n: small.NOW + timedelta(hours=n))

    def be(who):
        for module in (api, _routes):
            monkeypatch.setattr(module, "current", lambda: who)

    made.be = be
    be(WHOLE)
    return made


def arrive(web, n, *rows, source="calls"):
    """Through the one door, with the beginning of its payload."""
    now = web.later(n)
    records = [row for row in rows if hasattr(row, "external_id")]
    batch = Batch(source, records, [row for row in rows if row not in records])

    def keep(connection, done):
        excerpts.keep(connection, source, Kept(done.run_id, now, ["figure", "caller"], [{"figure": str(n), "caller": "…"}]))

    run = RunIn(source, "collect", now, now, "ok", payload_hash=f"{n:064x}")
    return ingest.ingest(web.store, small.workspace(), batch, (), now, run=run, beside=keep)


def exported(web, kind="csv", what="trend", **query):
    """The lines of a file as whoever took it away reads them."""
    answer = web.client.get(f"/export/{what}.{kind}", query_string=query)
    assert answer.status_code == 200, answer.data
    if kind == "csv":
        return [row for row in csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))) if row]
    page = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    return [found for row in page.values if (found := [cell for cell in row if cell is not None])]


def code_of(lines):
    return next(row[1] for row in lines if row and row[0] in ("数字护照", "Passport"))


def passport(web, status=200, **query):
    answer = web.client.get("/api/v1/passport", query_string=query)
    assert answer.status_code == status, answer.json
    if status == 200:
        said = DOCUMENT["paths"]["/api/v1/passport"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        jsonschema.Draft202012Validator({**said, "components": DOCUMENT["components"]}).validate(answer.json)
    return answer.json["item"] if status == 200 else answer.json["error"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_after_three_corrections_a_file_still_opens_what_it_said_and_what_changed(web, kind):
    arrive(web, 0, small.calls(10, "x1"), small.calls(7, "y1"))
    lines = exported(web, kind, indicator="calls", grain="day")
    picture = web.client.get("/export/trend.code", query_string={"indicator": "calls", "grain": "day"}).text.strip()
    day = next(row for row in lines if str(row[0]).startswith("2026") and str(row[1]) == "17")
    for n, more in enumerate((12, 15, 11), 1):
        arrive(web, n, small.calls(more, "x1"))
    found = passport(web, code=day[-1])
    assert (found["exported"]["value"], found["now"]["value"], found["changed"], found["reproduced"]) == (17, 18, True, True)
    course = [(one["revision"], one["value"], one["run"]) for one in found["course"]]
    assert course == [(1, 17, 1), (2, 19, 2), (3, 22, 3), (4, 18, 4)]
    assert [(one["source"], one["value"], one["run"]) for one in found["values"]] == [("calls", 10, 1), ("calls", 7, 1)]
    assert found["version"] == 1
    run = found["runs"][0]
    assert (run["payload_hash"], run["excerpt"]) == (f"{0:064x}", [{"figure": "0", "caller": "…"}])
    assert passport(web, code=code_of(lines))["indicator"] == "calls"
    taken = passport(web, code=picture)
    assert (taken["exported"]["value"], taken["now"]["value"], taken["changed"]) == (17, 18, True)


def test_a_correction_has_the_reason_its_source_gave_and_no_other_places(web):
    arrive(web, 0, small.calls(10, "x1"), small.calls(7, "y1"))
    arrive(web, 1, small.calls(12, "x1"), small.calls(8, "y1", reason="test calls were counted"))
    assert [one["reason"] for one in passport(web, indicator="calls", period=A_DAY)["course"]] == ["", "test calls were counted"]
    assert [one["reason"] for one in passport(web, indicator="calls", period=A_DAY, region="x")["course"]] == ["", ""]


def test_it_tells_the_formula_and_every_check_with_what_was_found(web):
    arrive(web, 0, *(small.case(f"k{n}", closed=1) for n in range(4)), source="cases")
    found = passport(web, indicator="on_time", period=links.text(small.DAY + timedelta(days=2)))
    formula = found["formula"]
    assert (formula["measure"], formula["decimals"], formula["over"]) == ("ratio", 0, {"in_period": "due", "conditions": []})
    assert formula["of"] == {"in_period": None, "conditions": [{"field": "closed", "op": "by", "values": ["due"]}]}
    assert [(one["check"], one["passed"]) for one in found["checks"]] == [("again", True), ("settled", True), ("rows", True)]
    arrive(web, 1, small.calls(90), source="calls2")
    arrive(web, 2, small.calls(10))
    found = passport(web, indicator="calls", period=A_DAY)
    assert ("agree", False, {"n": 1}) in [(one["check"], one["passed"], one["found"]) for one in found["checks"]]
    assert passport(web, indicator="share", period=A_DAY)["formula"]["inputs"] == ["opened", "calls"]


def test_the_code_of_a_list_tells_how_many_it_held_and_how_to_open_it(web):
    arrive(web, 0, *(small.case(f"k{n}") for n in range(3)), source="cases")
    listed = code_of(exported(web, what="cases", source="cases"))
    arrive(web, 1, small.case("more"), source="cases")
    found = passport(web, code=listed)
    assert (found["code"], found["then"], found["again"], found["now"]) == (listed, 3, 3, 4)
    assert web.client.get("/api/v1/records", query_string=found["query"]).json["total"] == 3


def test_a_payload_let_go_of_is_said_to_be_and_its_hash_and_run_stay(web):
    arrive(web, 0, small.calls(10, "x1"), small.calls(7, "y1"))
    before = passport(web, indicator="calls", period=A_DAY)["runs"][0]
    with web.store.write() as connection:
        assert retention.payloads(connection, to_us(web.later(1)), drop=True) == 1
    run = passport(web, indicator="calls", period=A_DAY)["runs"][0]
    assert (run["id"], run["payload_hash"], run["excerpt"]) == (before["id"], f"{0:064x}", None)
    assert before["excerpt_note"] is None
    assert "保存期已过" in run["excerpt_note"]["zh"]
    assert "no longer" in run["excerpt_note"]["en"]


def test_a_figure_of_cases_is_found_again_with_its_cases_and_their_runs(web):
    arrive(web, 0, *(small.case(f"k{n}", closed=1) for n in range(4)), source="cases")
    lines = exported(web, indicator="on_time", grain="day")
    row = next(row for row in lines if row[2:4] == ["4", "4"])
    arrive(web, 1, small.case("k0", closed=5), source="cases")
    arrive(web, 2, small.case("late", due=2, closed=9), source="cases")
    arrive(web, 3, small.case("k1", department="b", closed=1), source="cases")
    found = passport(web, code=row[-1])
    assert (found["exported"]["num"], found["exported"]["den"]) == (4, 4)
    assert (found["now"]["num"], found["now"]["den"], found["changed"]) == (3, 5, True)
    assert [(one["num"], one["den"]) for one in found["course"]] == [(4, 4), (3, 4), (3, 5)]
    assert found["cases"] == {"missed": 0, "of": 4, "over": 4, "apart": 0}
    assert [(run["id"], run["cases"]) for run in found["runs"]] == [(1, 4)]


def test_a_true_zero_is_the_same_summed_again(web):
    arrive(web, 0, small.case("k0", day=0, closed=1), small.case("k1", day=3, closed=1), source="cases")
    rows = [row for row in exported(web, indicator="opened", grain="day") if row[1:2] == ["0"]]
    assert rows
    found = passport(web, code=rows[0][-1])
    assert (found["exported"]["value"], found["now"]["value"], found["reproduced"]) == (0, 0, True)


def test_what_nobody_reported_has_no_code(web):
    arrive(web, 0, small.calls(10, day=0), small.calls(11, day=2))
    rows = {row[0]: row for row in exported(web, indicator="calls", grain="day") if row[0].startswith("2026")}
    coded = {first: read(row[-1] or "") is not None for first, row in rows.items()}
    assert set(coded.values()) == {True, False}
    assert coded == {first: row[1] != "" for first, row in rows.items()}
    nothing = exported(web, indicator="calls", grain="day", region="y1")
    assert [row for row in nothing if row and row[0] in ("数字护照", "Passport")] == []


def test_a_zero_total_known_at_an_earlier_revision_keeps_that_revision(web):
    arrive(web, 0, small.case("k0", day=0, closed=1), small.case("k1", day=3, closed=1), source="cases")
    arrive(web, 1, small.case("k2", day=1), source="cases")
    ended = links.text(small.DAY + timedelta(days=2))
    asked = {"what": "units", "indicator": "opened", "grain": "day", "by": "department", "ended_by": ended}
    found = passport(web, code=code_of(exported(web, **asked, as_of="1")))
    assert (found["exported"]["value"], found["exported"]["revision"]) == (0, 1)
    assert (found["now"]["value"], found["changed"], found["reproduced"]) == (1, True, True)
    now = passport(web, code=code_of(exported(web, **asked)))
    assert (now["exported"]["value"], now["exported"]["revision"], now["changed"]) == (1, 2, False)


def test_the_same_number_has_the_same_code_and_looking_again_writes_nothing(web):
    arrive(web, 0, small.calls(10))
    first, again = (exported(web, indicator="calls", grain="day") for _ in range(2))
    assert first[-1][-1] == again[-1][-1]
    with web.store.read() as connection:
        rows = len(passports.find(connection, [read(row[-1]) for row in first if read(row[-1])]))
    arrive(web, 1, small.calls(11))
    after = exported(web, indicator="calls", grain="day")
    differing = [a[-1] for a, b in zip(first, after, strict=False) if read(a[-1]) and a[-1] != b[-1]]
    assert rows
    assert differing


def test_a_ruling_and_its_author_stand_in_the_course(web):
    arrive(web, 0, small.calls(10))
    arrive(web, 1, small.calls(90), source="calls2")
    printed = exported(web, indicator="calls", grain="day", region="x1", department="a")
    decision = Decision(Series("calls", "day", "a", "x1"), "calls2", small.DAY, small.DAY, "the other office counted all")
    decide(web.store, small.workspace(), decision, (), web.later(2), "boss")
    found = passport(web, code=next(row for row in printed if row[1:2] == ["10"])[-1])
    assert [(one["value"], one["kind"]) for one in found["course"]] == [(10, "collect"), (90, "ruling")]
    assert (found["course"][-1]["actor"], found["course"][-1]["reason"]) == ("boss", "the other office counted all")
    assert found["course"][0]["reason"] == ""
    assert [(one["source"], one["used"]) for one in found["values"]] == [("calls", True)], "as it was then"


def test_a_list_of_cases_and_a_picture_carry_a_code_too(web):
    arrive(web, 0, *(small.case(f"k{n}") for n in range(3)), source="cases")
    listed = read(code_of(exported(web, what="cases", source="cases")))
    arrive(web, 1, small.case("more"), source="cases")
    with web.store.read() as connection:
        kept = passports.find(connection, [listed])[listed]
    assert (kept.values.n, kept.revision, "source=cases" in kept.query) == (3, 1, True)
    picture = web.client.get("/export/trend.code", query_string={"indicator": "opened", "grain": "day"}).text
    assert passport(web, code=picture)["indicator"] == "opened"


def test_a_list_opens_only_for_whoever_sees_every_place_it_was_counted_over(web):
    arrive(web, 0, small.case("x-1", region="x1"), *(small.case(f"y-{n}", region="y1") for n in range(4)), source="cases")
    whole = code_of(exported(web, what="cases", source="cases"))
    within = code_of(exported(web, what="cases", source="cases", region="x"))
    web.be(BOTH)
    both = code_of(exported(web, what="cases", source="cases"))
    assert opened(web, both).then == 5
    web.be(CITY)
    assert (opened(web, whole), opened(web, both)) == (None, None), "how many lie in another city is told in their number"
    city = code_of(exported(web, what="cases", source="cases"))
    for code_ in (within, city):
        assert (opened(web, code_).then, opened(web, code_).now) == (1, 1)
        assert "counted_regions" not in opened(web, code_).parameters
    web.be(Principal("d", "d", frozenset({"viewer"}), regions=("y",)))
    assert opened(web, city) is None
    web.be(WHOLE)
    assert [opened(web, code_).then for code_ in (whole, both, city)] == [5, 5, 1]


def opened(web, typed):
    """The list a code stands for, as whoever is signed in may open it."""
    with web.store.read() as connection:
        ask = Ask(connection, small.workspace(), api.current(), small.NOW)
        printed = reading.passport_of(ask, read(typed))
        return reading.case_list(ask, printed, typed) if printed else None


def test_it_opens_only_for_whom_the_number_is(web):
    arrive(web, 0, small.calls(10, "x1"), small.calls(7, "y1"))
    whole = code_of(exported(web, indicator="calls", grain="day"))
    city = code_of(exported(web, indicator="calls", grain="day", region="x"))
    web.be(CITY)
    assert passport(web, 404, code=whole)["id"] == "unknown_code"
    found = passport(web, code=city)
    assert found["region"] == "x"
    assert [run["excerpt"] for run in found["runs"]] == [None], "a payload may tell of places outside a scope"
    assert "may see all" in found["runs"][0]["excerpt_note"]["en"]
    assert passport(web, 400, code="ABCDE-FGHJK")["message"].startswith("code: ")
    assert passport(web, 404, indicator="calls", period=A_DAY, region="y")["id"] == "unknown_region"


def test_a_number_is_asked_for_by_where_it_stands(web):
    arrive(web, 0, small.calls(10))
    arrive(web, 1, small.calls(12))
    found = passport(web, indicator="calls", period=A_DAY)
    assert (found["exported"]["value"], found["changed"], found["code"]) == (12, False, None)
    then = passport(web, indicator="calls", period=A_DAY, rev=1)
    assert (then["exported"]["value"], then["now"]["value"]) == (10, 12)
    arrive(web, 2, small.case("k"), source="cases")
    derived = passport(web, indicator="share", period=A_DAY)
    assert (derived["measure"], [run["id"] for run in derived["runs"]]) == ("derived_ratio", [3, 2])


def test_a_code_is_read_as_people_type_it_and_a_slip_is_told(web):
    arrive(web, 0, small.calls(10))
    made = read(code_of(exported(web, indicator="calls", grain="day")))
    assert read(shown(made).lower().replace("-", " ")) == made
    assert read(f" {made[:4]}—{made[4:]} ") == made
    for place in range(10):
        for other in ALPHABET:
            slip = made[:place] + other + made[place + 1 :]
            assert (read(slip) == slip) == (slip == made), slip
    with web.store.read() as connection:
        kept = passports.find(connection, [made])[made]
    assert (code(kept), code(kept, 1) == made) == (made, False)
