"""F53, F56: workbooks that are locked or carry macros and links, and folders that we may not read: real ones."""

import io
import os
import tempfile
import zipfile
from pathlib import Path

import msoffcrypto.format.ooxml
import pytest
from sqlalchemy import func, select

from collectors import files
from collectors._run import run_source
from metrics.tables import record, run
from tests.collectors.conftest import CASES, NOW, a_source
from tests.collectors.test_shape import an_xlsx

LINES = (["id", "dept", "opened", "due", "closed", "kind", "caller"],
         ["1", "tax", "2026-03-01T09:00:00", None, None, "a", None])  # fmt: skip


def with_parts(book: bytes, *, content_type: str = "", **parts: bytes) -> bytes:
    """The workbook with more parts in it, by path (`__` for a slash), and another type in place of the workbook's."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "[Content_Types].xml" and content_type:
                data = data.replace(b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
                                    content_type.encode())  # fmt: skip
            new.writestr(name, data)
        for name, data in parts.items():
            new.writestr(name.replace("__", "/"), data)
    return made.getvalue()


@pytest.fixture
def collected(workspace, store, tmp_path):
    """`collected(name, bytes)`: the Run that came of one file in the folder, and the ids of the cases stored."""
    (tmp_path / "in").mkdir()

    def _collected(name: str, content: bytes):
        path = tmp_path / "in" / name
        path.write_bytes(content)
        os.utime(path, (NOW.timestamp() - 3600,) * 2)
        made = run_source(
            a_source("files", {"folder": "in", "format": "xlsx", "pattern": "*.xls*"}, CASES), workspace, store, NOW, ()
        )
        with store.read() as connection:
            return made, sorted(connection.execute(select(record.c.external_id)).scalars())

    return _collected


def test_a_workbook_with_a_password_is_refused_in_words__F53(collected):
    locked = io.BytesIO()
    msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(an_xlsx(*LINES))).encrypt("geheim", locked)
    assert locked.getvalue().startswith(b"\xd0\xcf\x11\xe0"), "locked as Excel does it"
    made, ids = collected("a.xlsx", locked.getvalue())
    assert (made.outcome, made.error_class, ids) == ("error", "bad_input", [])
    assert "a.xlsx is locked with a password" in made.error
    assert made.hint == "save it without one"


def test_the_macros_of_a_workbook_are_not_run_and_its_links_not_followed__F53(collected):
    link = (
        b'<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><externalBook '
        b'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="rId1"/></externalLink>'
    )
    book = with_parts(
        an_xlsx(*LINES), content_type="application/vnd.ms-excel.sheet.macroEnabled.main+xml",
        xl__vbaProject_bin=b"\xd0\xcf\x11\xe0 a macro", xl__externalLinks__externalLink1_xml=link,
    )  # fmt: skip
    made, ids = collected("a.xlsm", book)
    assert (made.outcome, ids) == ("ok", ["1"])


@pytest.fixture
def little(monkeypatch):
    """A folder of somebody else's, that is read as somebody who may little: root may read everything."""
    folder = Path(tempfile.mkdtemp(prefix="yuncha-drop-"))
    (folder / "a.csv").write_text("id,dept,opened,due,closed,kind,caller\n1,tax,2026-03-01T09:00:00,,,a,\n", "utf-8")
    os.utime(folder / "a.csv", (NOW.timestamp() - 3600,) * 2)
    fetch, root = files.fetch, os.geteuid() == 0

    def as_nobody(source, want):
        if root:
            list(fetch(source, want))  # loads what reading takes: nobody may not read our modules either
            os.seteuid(65534)
        try:
            read = list(fetch(source, want))
        finally:
            if root:
                os.seteuid(0)
        yield from read

    monkeypatch.setattr(files, "fetch", as_nobody)
    yield folder
    folder.chmod(0o755)
    (folder / "a.csv").unlink()
    folder.rmdir()


@pytest.mark.parametrize("what", ["folder", "file"])
def test_what_we_may_not_read_is_a_run_that_says_so_and_is_read_once_we_may__F56(workspace, store, little, what):
    little.chmod(0o755)
    locked = little if what == "folder" else little / "a.csv"
    locked.chmod(0)
    source = a_source("files", {"folder": str(little)}, CASES)
    made = run_source(source, workspace, store, NOW, ())
    assert (made.outcome, made.error_class) == ("error", "permission")
    assert "may not be read" in made.error
    with store.read() as connection:
        assert connection.execute(select(run.c.outcome)).scalars().all() == ["error"]
        assert connection.execute(select(func.count()).select_from(record)).scalar() == 0
    locked.chmod(0o755)
    assert run_source(source, workspace, store, NOW, ()).outcome == "ok"
