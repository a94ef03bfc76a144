"""The table of faults says of each fault which test shows it, and knows every such test by its name."""

import re

import pytest

from tests.fixtures import faults

GOOD = re.compile(r"passed( \(\d+ cases\))?")
"""Whatever stands in the table has been run: nothing is only said to be so."""
SOAK = re.compile(r"^pytestmark = .*pytest\.mark\.soak", re.MULTILINE)
IDS = [f"F{number:02}" for number in (*range(1, 57), *range(60, 67), *range(70, 80)) if number not in (48, 49)]


@pytest.mark.parametrize("id", IDS)
def test_it_has_a_test_for_each_fault(id):
    assert id in faults.matrix()
    assert id in {one for one, _ in faults.written()}


def test_the_table_is_of_the_tests_there_are():
    kept = faults.told(faults.DOC.read_text("utf-8"))
    there = {(id, test) for id, test in faults.written() if id in faults.matrix()}
    hint = "renew it: make faults, or for some files: pytest FILES -m faults --faults=docs/faults.md"
    assert set(kept) == there, hint
    assert faults.document(kept) == faults.DOC.read_text("utf-8"), hint
    bad = {test: result for (_, test), result in kept.items() if not GOOD.fullmatch(result) and not only_in_soak(test, result)}
    assert bad == {}, hint


def only_in_soak(test, result):
    """Minutes long, and skipped in `make faults`: its whole file is of `make soak`."""
    return result == "skipped" and SOAK.search((faults.TESTS / test.partition("::")[0]).read_text("utf-8")) is not None
