import json
from urllib.parse import parse_qs, urlsplit

import pytest

from collectors import ckan
from collectors._errors import Failure
from tests.collectors.conftest import a_case, a_source, one


@pytest.fixture
def portal(system):
    """A portal with a table of so many rows that gives at most `most` of them a page."""

    def serve(rows, most=32_000, total=None):
        def answer(path, headers):
            asked = {name: value[0] for name, value in parse_qs(urlsplit(path).query).items()}
            assert path.startswith("/api/3/action/datastore_search?")
            if asked["resource_id"] != "r-1":
                return 404, {}, b'{"success": false, "error": {"__type": "Not Found Error"}}'
            start, limit = int(asked["offset"]), min(int(asked["limit"]), most)
            result = {"fields": [{"id": name} for name in a_case(1)], "records": rows[start : start + limit], "limit": limit}
            # As portals do, the last page names a next one, too.
            result |= {
                "total": len(rows) if total is None else total,
                "_links": {"next": "/api/3/action/datastore_search?offset=1"},
            }
            return 200, {}, json.dumps({"success": True, "result": result}).encode()

        system.answer = answer
        return system

    return serve


def table(system, **settings):
    return a_source("ckan", {"url": system.url, "resource": "r-1", **settings})


def test_it_reads_every_page_and_no_more(portal, want):
    system = portal([a_case(n) for n in range(5)])
    payloads = list(ckan.fetch(table(system, size=2, filters={"kind": "a"}), want()))
    assert [row["id"] for payload in payloads for row in payload.rows] == list("01234")
    assert [parse_qs(urlsplit(path).query)["offset"] for path, _ in system.asked] == [["0"], ["2"], ["4"]]
    assert parse_qs(urlsplit(system.asked[0][0]).query)["filters"] == ['{"kind": "a"}']
    assert payloads[0].columns == list(a_case(1))


def test_it_reads_past_the_portal_s_own_limit__F47(portal, want):
    system = portal([a_case(n) for n in range(5)], most=2)
    assert sum(len(payload.rows) for payload in ckan.fetch(table(system), want())) == 5


def test_it_does_not_take_half_a_table_for_the_whole__F47(portal, want):
    system = portal([a_case(n) for n in range(3)], total=9)
    with pytest.raises(Failure, match="page 2 is empty, but the portal says it has 9 rows and gave 3") as caught:
        list(ckan.fetch(table(system), want()))
    assert caught.value.kind == "truncated"


def test_a_failure_told_with_status_200_is_one__F47(system, want):
    system.says('{"success": false, "error": {"message": "Search index is down", "__type": "Search Error"}}')
    with pytest.raises(Failure, match="the portal says: Search index is down"):
        list(ckan.fetch(table(system), want()))


def test_a_resource_that_was_replaced_is_named__F47(portal, want):
    system = portal([])
    with pytest.raises(Failure, match="no table of the resource r-2") as caught:
        list(ckan.fetch(table(system, resource="r-2"), want()))
    assert caught.value.kind == "missing"


def test_an_empty_table_is_empty(portal, want):
    payload = one(ckan.fetch(table(portal([])), want()))
    assert (payload.rows, payload.complete) == ([], False)


@pytest.mark.parametrize("body", ['{"success": true}', '{"success": true, "result": {"records": {}}}', "<html>", "[]"])
def test_it_names_what_is_no_portal(system, want, body):
    system.says(body)
    with pytest.raises(Failure):
        list(ckan.fetch(table(system), want()))


def test_it_stops_at_its_row_cap(portal, want):
    with pytest.raises(Failure, match="more than 3 rows"):
        list(ckan.fetch(table(portal([a_case(n) for n in range(9)]), size=2, max_rows=3), want()))


@pytest.mark.realdata
@pytest.mark.parametrize(("file", "rows"), [("data.ontario.ca", 1), ("open.canada.ca", None), ("data.gov.sg", None)])
def test_it_reads_what_real_portals_answer(system, want, realdata, file, rows):
    body = (realdata / "payloads" / "ckan_dcat" / f"datastore_search_{file}.json").read_bytes()
    system.answer = lambda path, headers: (200, {}, body if "offset=0" in path else body.replace(b'"records": [{', b'"x": [{'))
    if rows is not None:
        assert len(one(ckan.fetch(table(system), want())).rows) == rows
        return
    # Cut to a few rows of many: what is missing is told.
    with pytest.raises(Failure):
        list(ckan.fetch(table(system), want()))
