from datetime import timedelta

import pytest

from metrics.masking import HIDDEN, mask, masked, may_see_whole
from metrics.model import SYSTEM, TOTAL, Principal, Source

HOTLINE = Source(
    key="hotline", name={"zh": "热线", "en": "Hotline"}, type="http_json", department="hotline", gives="records",
    settings={}, mapping={}, every=timedelta(seconds=10), personal=("caller", "phone", "text"),
)  # fmt: skip


class Tree:
    """Parent by id, as a workspace's tree answers it."""

    def __init__(self, **parents):
        self.parents = parents

    def subtree(self, id):
        if id != TOTAL and id not in self.parents:
            raise KeyError(id)
        below = {id}
        while more := {child for child, parent in self.parents.items() if parent in below} - below:
            below |= more
        return frozenset(below)


class Trees:
    departments = Tree(hotline=TOTAL, housing=TOTAL, permits="housing")
    regions = Tree(chengdu=TOTAL, wuhou="chengdu", zigong=TOTAL)


@pytest.mark.parametrize(("field", "value", "shown"), [
    ("caller", "王小明", "王*"), ("caller", "买买提·艾力", "买*"), ("caller_name", "John Smith", "J*"), ("x", "王五", "王*"),
    ("phone", "13812341234", "138****1234"), ("phone", 13812341234, "138****1234"), ("phone", "+86 138-1234-1234", "138****1234"),
    ("phone", "１３８１２３４１２３４", "138****1234"), ("phone", "028-86541234", "028-****1234"),
    ("id", "510107199001011234", "510*************34"), ("id", "51010719900101123X", "510*************3X"),
    ("address", "成都市武侯区王小明家", HIDDEN), ("text", "王小明", HIDDEN), ("text", "13812341234 王小明来电", HIDDEN),
    ("caller", "王小明 13812341234", HIDDEN), ("caller", ["王小明"], HIDDEN), ("caller", {"a": "王小明"}, HIDDEN),
    ("x", "王", HIDDEN), ("caller", "王", "王*"), ("x", 3.5, HIDDEN), ("x", True, HIDDEN), ("x", 7, HIDDEN),
    ("phone", "", ""), ("phone", None, None),
])  # fmt: skip
def test_it_masks_by_shape_then_by_field_and_hides_what_it_does_not_know(field, value, shown):
    assert mask(value, field) == shown


def test_it_masks_only_what_the_source_calls_personal_and_leaves_the_original():
    extra = {"caller": "王小明", "phone": "13812341234", "text": "王小明诉噪声", "channel": "电话"}
    assert masked(HOTLINE, extra, False) == {"caller": "王*", "phone": "138****1234", "text": HIDDEN, "channel": "电话"}
    assert masked(HOTLINE, extra, True) == extra
    assert extra["caller"] == "王小明"


def who(*roles, departments=(TOTAL,), regions=(TOTAL,), user="u"):
    return Principal(user=user, name="x", roles=frozenset(roles), departments=departments, regions=regions)


@pytest.mark.parametrize(("person", "whole"), [
    (who("supervisor"), True), (who("supervisor", user=None), False), (SYSTEM, False),
    (who("viewer"), False), (who("administrator"), False), (who("staff"), False),
    (who("staff", departments=("housing",)), True), (who("staff", departments=("permits",)), True),
    (who("staff", departments=("hotline",)), False), (who("staff", departments=(TOTAL, "hotline")), True),
    (who("viewer", departments=("housing",)), False),
    (who("staff", departments=("housing",), regions=("chengdu",)), True),
    (who("staff", departments=("housing",), regions=("zigong",)), False),
    (who("supervisor", departments=("hotline",)), False), (who("supervisor", regions=("gone",)), False),
    (who("supervisor", departments=()), False),
])  # fmt: skip
def test_it_shows_the_whole_to_supervisors_and_owning_staff_in_scope_only(person, whole):
    assert may_see_whole(person, "hotline", "permits", "wuhou", Trees()) is whole
