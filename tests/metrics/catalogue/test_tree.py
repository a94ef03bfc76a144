"""Trees of departments and regions, with what they were at a day."""

from datetime import date

from metrics.catalogue import Tree
from metrics.model import TOTAL, Place

BEFORE, AFTER = date(2016, 5, 3), date(2016, 5, 4)


def place(id: str, parent: str | None, level: str, **more: object) -> Place:
    return Place(id, {"zh": f"{id}名", "en": id.title()}, parent, level, **more)  # type: ignore[arg-type]


TREE = Tree(
    [
        place(TOTAL, None, "province", code="510000"),
        place("zy", TOTAL, "city"),
        place("cd", TOTAL, "city"),
        place("jy", "cd", "county", code="510185", earlier_parents=(("zy", BEFORE),), earlier_codes=(("512081", BEFORE),)),
        place("pd", "cd", "county", code="510117", earlier_codes=(("510124", date(2016, 12, 31)),)),
    ],
    {"Ward 3": "pd", "03": "pd"},
)


def test_a_county_that_moved_had_another_parent() -> None:
    assert (TREE.parent("jy"), TREE.parent("jy", BEFORE), TREE.parent("jy", AFTER)) == ("cd", "zy", "cd")
    assert TREE.ancestors("jy", BEFORE) == ["zy", TOTAL]
    assert TREE.subtree("zy", BEFORE) == {"zy", "jy"}
    assert TREE.subtree("zy") == {"zy"}
    assert [child.id for child in TREE.children("cd", AFTER)] == ["jy", "pd"]
    assert TREE.up_to("jy", "city", BEFORE) == "zy"


def test_codes_are_those_of_the_day() -> None:
    def id_of(code: str, on: date | None = None) -> str | None:
        found = TREE.by_code(code, on)
        return found.id if found else None

    assert id_of("510124", BEFORE) == "pd"
    assert id_of("510124") == "pd", "a code nobody has now is still understood"
    assert id_of("510117", BEFORE) == "pd", "and one from before its time"
    assert [id_of("Ward 3"), id_of("03"), id_of("pd名"), id_of("Pd"), id_of("pd")] == ["pd"] * 5
    assert id_of("510000") == TOTAL
    assert id_of("") is None
    assert id_of("nowhere") is None


def test_the_root_is_above_all() -> None:
    assert TREE.root == TOTAL
    assert TREE.parent(TOTAL) is None
    assert TREE.ancestors(TOTAL) == []
    assert TREE.subtree(TOTAL) == {TOTAL, "zy", "cd", "jy", "pd"}
    assert TREE.up_to("jy", "city") == "cd"
    assert TREE.up_to("cd", "county") is None
    assert TREE.levels() == ["city", "county"]
    assert [one.id for one in TREE.at_level("city")] == ["zy", "cd"]
