"""What a source gave: the last payload that could be taken beside the last that could not, without persons and secrets."""

import json
from dataclasses import replace

import pytest

from collectors._run import run_source
from metrics.store import payloads
from tests.collectors.conftest import NOW, a_case, a_source


@pytest.fixture
def run(workspace, store):
    return lambda source: run_source(source, workspace, store, NOW, ())


def kept(store):
    with store.read() as connection:
        return payloads.kept(connection, "cases")


def test_it_keeps_the_beginning_of_the_good_one_and_of_the_bad_one(run, store, system):
    source = a_source("http_json", {"url": system.url})
    source = replace(source, mapping={**source.mapping, "extra": ["caller"]}, personal=("caller",))
    rows = [{**a_case(n), "caller": "王小明", "unmapped": "李四"} for n in range(5)]
    system.says(json.dumps(rows))
    run(source)
    good = kept(store)[True]
    assert len(good.rows) == 3
    assert {"caller", "unmapped"} <= set(good.columns)
    assert (good.rows[0]["caller"], good.rows[0]["unmapped"]) == ("…", "…")
    assert good.rows[0][source.mapping["id"]] == str(rows[0][source.mapping["id"]])
    system.says(json.dumps([{"ID": row.pop("id"), **row} for row in rows]))
    assert run(source).error_class == "schema_changed"
    both = kept(store)
    assert both[True] == good
    assert set(good.columns) - set(both[False].columns) == {source.mapping["id"]}
    assert "王小明" not in str(both)
    assert "李四" not in str(both)


def test_it_keeps_how_an_error_page_began_but_not_half_of_some_data(run, store, system):
    source = a_source("http_json", {"url": system.url})
    system.says("<html><title>Sign in</title>")
    assert run(source).outcome == "error"
    assert kept(store)[False].excerpt == "<html><title>Sign in</title>"
    system.says('[{"caller": "王小明", ')
    assert run(source).outcome == "error"
    assert "王小明" not in str(kept(store))
