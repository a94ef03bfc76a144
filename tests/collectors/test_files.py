import io
import os
import zipfile
from datetime import UTC, datetime, timedelta

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors import _shape, _table, files
from collectors._errors import Failure
from collectors._payload import merged
from tests.collectors.conftest import NOW, a_source

HEADER = "编号,部门,受理时间\n"


@pytest.fixture
def drop(tmp_path):
    """`drop("a.csv", "text")`: a file that an office left an hour ago."""
    (tmp_path / "in").mkdir()

    def put(name, content, age=timedelta(hours=1)):
        path = tmp_path / "in" / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        at = (NOW - age).timestamp()
        os.utime(path, (at, at))
        return path

    return put


def collect(want, mark=None, **settings):
    payloads = list(files.fetch(a_source("files", {"folder": "in", **settings}), want(mark=mark or {})))
    place = dict(mark or {})
    for payload in payloads:
        place = merged(place, payload.mark)
    return [payload for payload in payloads if not payload.unchanged], place


def rows(want, **settings):
    (payload,) = collect(want, **settings)[0]
    assert payload.error is None, payload.error
    return payload.rows


def failure(want, **settings):
    (payload,) = collect(want, **settings)[0]
    assert payload.error is not None
    return payload.error


QUARTERS = {"unpivot": {"columns": r"(?P<quarter>20\d\d Q\d)", "value": "value"}}


def test_one_of_many_columns_that_become_rows_is_renamed_and_told__F35(want, drop):
    """The others still match: what was called otherwise would be missing and nobody would know."""
    drop("a.csv", "地区,2025 Q1,2025 Q2,2025 Q3\n甲,1,2,3\n", age=timedelta(hours=3))
    first, mark = collect(want, **QUARTERS)
    assert [len(one.rows) for one in first] == [3]
    drop("b.csv", "地区,2025 Q1,2025 Q2,2025年三季度\n甲,1,2,4\n")
    (payload,), again = collect(want, mark, **QUARTERS)
    assert payload.error is not None
    assert payload.error.kind == "schema_changed"
    assert "b.csv: the columns 2025 Q3 are gone" in payload.error.what
    assert "2025年三季度" in payload.error.what
    assert again == mark, "it is looked at again"


@pytest.mark.parametrize(
    "header", ["2025 Q2,2025 Q3,2025 Q4", "2025 Q1,2025 Q2,2025 Q3,2025 Q4,备注", "2026 Q1,2026 Q2,备注,2026 Q3", "2025 Q1"]
)
def test_quarters_that_come_and_go_are_no_change_of_the_header(want, drop, header):
    drop("a.csv", "地区,2025 Q1,2025 Q2,2025 Q3\n甲,1,2,3\n", age=timedelta(hours=3))
    _, mark = collect(want, **QUARTERS)
    drop("b.csv", f"地区,{header}\n甲,{','.join('5' for _ in header.split(','))}\n")
    (payload,), _ = collect(want, mark, **QUARTERS)
    assert payload.error is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_it_guesses_the_encoding__F29(want, drop, encoding):
    drop("a.csv", (HEADER + "1,龘𠮷局,2026-03-01\n").encode(encoding))
    assert rows(want) == [{"编号": "1", "部门": "龘𠮷局", "受理时间": "2026-03-01"}]


def test_it_refuses_what_does_not_decode_with_the_place__F29(want, drop):
    drop("a.csv", HEADER.encode("gb18030") + b"1,\xff\xff,2\n")
    error = failure(want)
    assert error.kind == "bad_input"
    assert "a.csv: byte 21 (line 2) is not gb18030" in error.what


def test_it_finds_the_header_under_title_lines_and_stops_at_the_notes(want, drop):
    table = HEADER + "1,税务局,2026-03-01\n2,税务局,2026-03-02\n"
    drop("a.csv", "某某局办件清单\n单位：件,,\n" + table + "\n注：数据截至当日\n　　2.口径见附件\n数据来源：某某局\n")
    (payload,), _ = collect(want, header={"contains": ["编号", "部门"]})
    assert [row["编号"] for row in payload.rows] == ["1", "2"]
    assert [payload.where(i) for i in range(2)] == ["a.csv, line 4", "a.csv, line 5"]
    assert payload.refusals == []


def test_it_reads_the_header_in_a_named_row(want, drop):
    drop("a.csv", "title\n" + HEADER + "1,x,2\n")
    assert len(rows(want, header={"row": 2})) == 1


def test_it_says_that_the_header_is_gone(want, drop):
    drop("a.csv", "a,b\n1,2\n")
    assert failure(want, header={"contains": ["编号"]}).kind == "schema_changed"


def test_it_does_not_lose_a_row_below_the_notes(want, drop):
    drop("a.csv", HEADER + "1,x,2\n注：说明\n2,x,2\n")
    assert "line 4: a row of the table after the notes that begin in line 3" in failure(want).what


def test_it_refuses_a_row_of_another_width(want, drop):
    drop("a.csv", HEADER + "1,x,2\n2,x\n3,x,2,9\n")
    (payload,), _ = collect(want)
    assert [(one.place, one.reason) for one in payload.refusals] == [
        ("a.csv, line 3", "has 2 cells where the header has 3"), ("a.csv, line 4", "has 4 cells where the header has 3")
    ]  # fmt: skip


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_it_finds_the_delimiter_and_any_line_end__F54(want, drop, mark):
    drop("a.csv", (HEADER + '1,"a\nb",2\n').replace(",", mark).replace("\n", "\r\n"))
    assert rows(want)[0]["部门"] == "a\r\nb"
    drop("b.csv", "id,x\r1,2\r")
    (_, second), _ = collect(want)
    assert second.rows == [{"id": "1", "x": "2"}]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (HEADER + '1,"x,2\n3,y,4\n', "line 2: a quotation mark is opened here and never closed"),
        (HEADER + '1,"x"y,2\n', "line 2"),
        (HEADER + "1,x,\x002\n", "a NUL character in line 2"),
        (HEADER + "1," + "x" * 10_000_000 + ",2\n", "line 2: a field is longer than 131072 characters"),
        (",".join(f"c{i}" for i in range(5000)) + "\n", "5000 columns"),
        ("<!DOCTYPE html><html>", "HTML"),
        ("", "no table"),
        (b"\xd0\xcf\x11\xe0 old workbook", "not a whole workbook"),
    ],
    ids=range(8),
)
def test_it_names_what_is_wrong_with_a_file__F54(want, drop, content, words):
    drop("a.csv", content)
    assert words in failure(want).what


def test_two_columns_of_one_name_have_it_neither(want, drop):
    drop("a.csv", "a,b,a,\n1,2,3,4\n")
    assert rows(want) == [{"a (column 1)": "1", "b": "2", "a (column 3)": "3", "#4": "4"}]


def test_a_header_that_stands_again_with_a_blank_cell_more_makes_no_column(want, drop):
    drop("a.csv", "a\n1\na,\n2\n")
    assert rows(want) == [{"a": "1"}, {"a": "2"}]


@given(st.text(alphabet="ab,;\"'\n\r\t 注：\x00\ufeff", max_size=60))
def test_it_reads_any_text_or_says_why_not(text):
    try:
        made = _shape.table(
            _table.lines_of(_table.decode(text.encode(), "auto", "a.csv"), "a.csv", "auto"), "a.csv", _shape.Shape(), ragged=True
        )
    except Failure as failure:
        refused = failure
    else:
        refused = None
    if refused is not None:
        assert refused.what.startswith("a.csv")
        assert refused.hint
        return
    assert len(made.rows) == len(made.lines)
    assert all(list(row) == made.columns for row in made.rows)


def test_it_takes_a_file_once_whatever_it_is_called__F51(want, drop):
    drop("a.csv", HEADER + "1,x,2\n")
    first, mark = collect(want)
    assert len(first) == 1
    assert collect(want, mark)[0] == []
    drop("copy of a.csv", HEADER + "1,x,2\n", age=timedelta(minutes=5))
    again, mark = collect(want, mark)
    assert again == []
    drop("a.csv", HEADER + "1,y,2\n", age=timedelta(minutes=1))
    changed, mark = collect(want, mark)
    assert [payload.rows[0]["部门"] for payload in changed] == ["y"]


def test_it_reads_the_oldest_first_and_only_what_is_asked_for(want, drop, tmp_path):
    drop("b.csv", HEADER + "1,x,2\n", age=timedelta(hours=3))
    drop("a.csv", HEADER + "2,x,2\n", age=timedelta(hours=1))
    for name in ("reference.csv", "c.txt", "d.csv.part", ".e.csv", "~$f.csv", "g.tmp"):
        drop(name, HEADER + f"{name},x,2\n")
    assert [payload.place for payload in collect(want, exclude=["ref*"])[0]] == ["b.csv", "a.csv"]


def test_it_waits_until_a_file_is_whole__F50(want, drop):
    drop("a.csv", HEADER + "1,x,2\n", age=timedelta(seconds=1))
    payloads = list(files.fetch(a_source("files", {"folder": "in"}), want()))
    assert [(payload.unchanged, payload.waiting) for payload in payloads] == [(True, 1)]
    assert len(collect(want, settle=0)[0]) == 1
    assert len(list(files.fetch(a_source("files", {"folder": "in"}), want(now=NOW + timedelta(seconds=5))))) == 2


def test_a_bad_file_does_not_stop_the_others(want, drop):
    drop("a.csv", "<html>", age=timedelta(hours=2))
    drop("b.csv", HEADER + "1,x,2\n")
    payloads, mark = collect(want)
    assert [payload.error is None for payload in payloads] == [False, True]
    assert list(mark["taken"]) == ["b.csv"]


def test_it_takes_regular_files_only__F55(want, drop, tmp_path):
    drop("a.csv", HEADER + "1,x,2\n")
    (tmp_path / "in" / "link.csv").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "in" / "pipe.csv")
    (tmp_path / "in" / "folder.csv").mkdir()
    assert [payload.place for payload in collect(want)[0]] == ["a.csv"]


def test_it_shows_a_name_without_control_characters__F55(want, drop):
    drop("a\n\u202eb.csv", HEADER + "1,x,2\n")
    assert collect(want)[0][0].place == "a··b.csv"


@pytest.mark.parametrize("folder", ["absent", "in"])
def test_it_says_that_there_is_nothing__F56(want, drop, folder):
    with pytest.raises(Failure) as caught:
        collect(want, folder=folder)
    assert caught.value.kind == "missing"


def test_it_does_not_read_more_than_it_may(want, drop):
    drop("a.csv", HEADER + "1,x,2\n" * 100)
    assert failure(want, max_bytes=100).kind == "too_large"


def a_workbook(*sheets, hidden=()):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, lines in sheets:
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line)
        if name in hidden:
            sheet.sheet_state = "hidden"
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def test_it_reads_a_workbook__F53(want, drop):
    at = datetime(2026, 3, 1, 9)  # noqa: DTZ001 a spreadsheet knows no zone
    lines = [["办件清单"], ["编号", "部门", "受理时间"], [7, "税务局", at], ["8", "=A1", None], [], ["注：截至当日"]]
    drop("a.xlsx", a_workbook(("内部", [["x"]]), ("清单", lines), hidden=("内部",)))
    (payload,), _ = collect(want, format="xlsx", header={"contains": ["编号", "部门"]})
    assert payload.error is None
    assert payload.rows == [{"编号": 7, "部门": "税务局", "受理时间": at}, {"编号": "8", "部门": None, "受理时间": None}]
    assert payload.where(1) == "a.xlsx, line 4"


def test_it_names_a_sheet_that_is_gone(want, drop):
    drop("a.xlsx", a_workbook(("清单", [["a"]])))
    assert "has no sheet 'x', but 清单" in failure(want, format="xlsx", sheet="x").what


def a_zip(**parts):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name.replace("__", "."), content)
    return made.getvalue()


def test_it_does_not_open_a_zip_bomb__F52(want, drop):
    drop("a.xlsx", a_zip(x=b"\0" * 150_000_000))
    assert "unpacks to 150000000 bytes" in failure(want, format="xlsx").what


def test_it_does_not_open_a_hundred_thousand_parts__F52(want, drop):
    drop("a.xlsx", a_zip(**{f"p{i}": b"" for i in range(2001)}))
    assert "2001 parts" in failure(want, format="xlsx").what


def test_it_does_not_expand_entities__F52(want, drop):
    whole = a_workbook(("清单", [["a"], ["b"]]))
    laughs = b'<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;">]>'
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            bad = name.endswith(("sheet1.xml", "Strings.xml"))
            new.writestr(name, laughs + old.read(name).replace(b"<t>", b"<t>&b;") if bad else old.read(name))
    drop("a.xlsx", made.getvalue())
    assert failure(want, format="xlsx").kind in ("blocked", "bad_input")


@pytest.mark.parametrize("content", [b"PK\x03\x04 cut off", a_zip(x=b"x"), a_workbook(("a", [["a"]]))[:-200]])
def test_it_names_what_is_no_workbook(want, drop, content):
    drop("a.xlsx", content)
    assert failure(want, format="xlsx").kind in ("bad_input", "truncated")


@pytest.mark.realdata
def test_it_reads_the_tables_offices_really_send(want, realdata):
    mapping = {"folder": str(realdata / "messy"), "pattern": "分省*.csv", "header": {"contains": ["地区"]}}
    payloads = [one for one in files.fetch(a_source("files", mapping), want(now=datetime.now(UTC))) if not one.unchanged]
    assert len(payloads) == 4
    for payload in payloads:
        assert payload.error is None
        assert [payload.rows[0]["地区"], payload.rows[-1]["地区"], len(payload.rows)] == ["北京市", "新疆维吾尔自治区", 31]
        assert payload.refusals == []
