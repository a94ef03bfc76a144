"""What a browser hands a callback: read strictly, refused with 400, never a fault of the server."""

from functools import partial

import pytest
from werkzeug.exceptions import BadRequest

from dashboards import _cases, _given
from metrics import links
from tests.dashboards.test_cases import ask


@pytest.mark.parametrize(
    ("read", "value"),
    [
        *[(_given.whole, bad) for bad in ("1", True, None, -1, 1.5, [], {}, 10**12)],
        *[(_given.rows, bad) for bad in ("x", {}, [1], [None], [[]])],
        *[(_given.mapping, bad) for bad in ([], "x", None, 1)],
        *[(_given.query, bad) for bad in ([], {"a": 1}, {"a": None}, {"a": "x" * 301}, dict.fromkeys(map(str, range(51)), ""))],
        *[(_given.text, bad) for bad in (1, [], {}, "x" * 10_001)],
    ],
)
def test_it_refuses_what_no_page_sends(read, value):
    with pytest.raises(BadRequest):
        read(value)


def test_it_takes_what_a_page_sends():
    assert _given.whole(0) == 0
    assert _given.rows(None) == []
    assert _given.rows([{"colId": "due"}]) == [{"colId": "due"}]
    assert _given.query({"source": "cases"}) == {"source": "cases"}
    assert (_given.text(None), _given.text("x")) == ("", "x")


@pytest.mark.parametrize(
    "more",
    [
        {"grain": "minute5"}, {"grain": "x"}, {"period": "0001-01-01T00:00:00Z"}, {"period": "9999-12-31T23:59:59-12:00"},
        {"period": "x"}, {"at": "9999-12-31T23:59:59Z"}, {"role": "x"}, {"rev": "x"}, {"source": "calls"}, {"indicator": "calls"},
        {"department": "zzz"}, {"region": "zzz"},
    ],
)  # fmt: skip
def test_a_crafted_address_of_cases_is_a_bad_query(more):
    read = partial(_cases.read, {"source": "cases", "indicator": "on_time", **more}, ask())
    with pytest.raises(links.BadQuery):
        read()


@pytest.mark.parametrize("model", [[{"colId": []}], [{"colId": {"a": 1}}], [{}], None])
def test_a_sort_by_what_is_no_column_is_the_one_before(model):
    assert _cases.sorting(model, "-due") == "-due"
