"""What of a person is shown: 王*, 138****1234, and nothing of an address or a free text.

Pure. Reads call `masked` on the way out, so no page, export or message ever holds what it must not show.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from metrics.model import TOTAL, Principal, Source

HIDDEN = "***"
_CJK = "\u3400-\u4dbf\u4e00-\u9fff"
_MOBILE = re.compile(r"(?:\+?86)?(1\d{10})")
_LANDLINE = re.compile(r"(0(?:10|2\d|[3-9]\d{2}))(\d{7,8})")
_ID_NUMBER = re.compile(r"\d{17}[\dXx]|\d{15}")
_SHORT_NAME = re.compile(rf"[{_CJK}]{{2,4}}|[{_CJK}]{{1,8}}·[{_CJK}]{{1,8}}")
_NAME_FIELD = re.compile(r"name|applicant|complainant|caller|姓名|名字|联系人|申请人|来电人|投诉人", re.IGNORECASE)
_TEXT_FIELD = re.compile(r"address|地址|住址|text|content|note|remark|内容|备注|描述|诉求", re.IGNORECASE)


class _Tree(Protocol):
    def subtree(self, id: str, /) -> frozenset[str]: ...


class Trees(Protocol):
    """The two trees a scope is made of; a Workspace is one."""

    @property
    def departments(self) -> _Tree: ...
    @property
    def regions(self) -> _Tree: ...


def masked(source: Source, extra: Mapping[str, Any], whole: bool) -> dict[str, Any]:
    """`extra` as this reader may see it: the source's personal fields masked unless `whole`. What is missing stays missing."""
    if whole:
        return dict(extra)
    personal = set(source.personal)
    return {name: mask(value, name) if name in personal else value for name, value in extra.items()}


def mask(value: Any, name: str = "") -> Any:
    """One personal value masked by its shape, else by its field's name; what is not recognised is hidden entirely.

    An address and a free text are hidden whole: the record's region already says where, and a text may hold any name.
    """
    if value is None or value == "":
        return value
    if isinstance(value, bool | float) or not isinstance(value, str | int):
        return HIDDEN
    text = unicodedata.normalize("NFKC", str(value)).strip()
    number = re.sub(r"[\s()-]", "", text)
    if found := _MOBILE.fullmatch(number):
        return f"{found[1][:3]}****{found[1][-4:]}"
    if _ID_NUMBER.fullmatch(number):
        return number[:3] + "*" * (len(number) - 5) + number[-2:]
    if found := _LANDLINE.fullmatch(number):
        return f"{found[1]}-****{found[2][-4:]}"
    if _TEXT_FIELD.search(name):
        return HIDDEN
    if _SHORT_NAME.fullmatch(text) or (_NAME_FIELD.search(name) and text[:1].isalpha() and not any(c.isdigit() for c in text)):
        return f"{text[0]}*"
    return HIDDEN


def mask_all(values: Sequence[Any], name: str = "") -> list[Any]:
    """`mask` of each; that all of them are mobile numbers, as mostly, is seen at once."""
    if set(map(type, values)) == {str} and set(map(len, values)) == {11}:
        joined = "".join(values)
        if joined.isascii() and joined.isdigit() and set(joined[::11]) == {"1"}:
            return [f"{one[:3]}****{one[7:]}" for one in values]
    return [mask(one, name) for one in values]


def may_see_whole(who: Principal, source_department: str, record_department: str, record_region: str, trees: Trees) -> bool:
    """Whether personal fields of this record are shown whole, on the page of this one case only.

    A signed-in person whose scope holds the record and who is supervisor, or staff of the department that owns it. Staff
    whose only department is the root are staff of no department: they see all cases, and nobody's name.
    """
    if who.user is None or not in_scope(who, record_department, record_region, trees):
        return False
    if who.has("supervisor"):
        return True
    own = [root for root in who.departments if root != TOTAL]
    owners = (record_department, source_department)
    return who.has("staff") and any(_held(owner, own, trees.departments) for owner in owners)


def in_scope(who: Principal, department: str, region: str, trees: Trees) -> bool:
    """Whether both the department and the region lie in subtrees this person was given."""
    return _held(department, who.departments, trees.departments) and _held(region, who.regions, trees.regions)


def _held(id: str, roots: tuple[str, ...] | list[str], tree: _Tree) -> bool:
    return any(id in _subtree(tree, root) for root in roots)


def _subtree(tree: _Tree, root: str) -> frozenset[str]:
    """A root that the workspace no longer knows holds nothing."""
    try:
        return tree.subtree(root)
    except KeyError:
        return frozenset()
