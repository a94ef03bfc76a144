"""What a browser sends with a step of an order."""

import base64

import pytest

from alerts import orders
from alerts.orders.papers import LARGEST, MOST, check
from dashboards._order_steps import papers


def sent(content):
    return "data:application/pdf;base64," + base64.b64encode(content).decode()


def test_several_papers_go_with_one_step():
    found = papers([sent(b"%PDF-1"), sent(b"%PDF-2")], ["a.pdf", "b.pdf"])
    assert found == [orders.Paper("a.pdf", b"%PDF-1"), orders.Paper("b.pdf", b"%PDF-2")]
    assert papers(None, ["a.pdf"]) == papers(None, None) == []


def test_too_many_and_too_large_ones_are_refused_in_words_by_the_server():
    large = papers([sent(b"%PDF-" + b"x" * LARGEST)], ["a.pdf"])
    with pytest.raises(orders.Refused, match="paper_size"):
        check(large)
    with pytest.raises(orders.Refused, match="papers"):
        check(papers([sent(b"%PDF-")] * (MOST + 1), [f"{n}.pdf" for n in range(MOST + 1)]))


@pytest.mark.parametrize(("contents", "names"), [(["x", "y"], ["a.pdf"]), ([7], ["a.pdf"]), (["data:;base64,a"], ["a.pdf"])])
def test_what_no_page_sends_is_refused(contents, names):
    with pytest.raises(orders.Refused):
        papers(contents, names)
