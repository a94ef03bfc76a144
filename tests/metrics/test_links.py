from datetime import UTC, datetime

import pytest

from metrics import links
from metrics.answers import CaseQuery


def test_it_gives_back_the_query_it_was_given():
    query = CaseQuery(
        source="hotline", indicator="on_time", role="missed", grain="day", period_start=datetime(2026, 11, 20, 16, tzinfo=UTC),
        department="water", region="510100", category="求决", state="open", search="11 03", sort="due", revision=41,
        evaluated_at=datetime(2026, 11, 22, 0, 0, 0, 123456, tzinfo=UTC), version=2,
    )  # fmt: skip
    assert links.cases(links.of_cases(query)) == query


def test_it_leaves_out_what_has_its_default():
    assert links.of_cases(CaseQuery(source="hotline")) == {"source": "hotline"}
    assert links.cases({}, "hotline") == CaseQuery(source="hotline")


@pytest.mark.parametrize(
    "asked", [{"at": "yesterday"}, {"at": "2026-11-22T08:00"}, {"rev": "-1"}, {"role": "all"}, {"period": "x"}]
)
def test_it_names_the_parameter_it_cannot_read(asked):
    with pytest.raises(links.BadQuery, match=next(iter(asked))):
        links.cases(asked, "hotline")
