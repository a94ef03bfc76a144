"""The department and the region tree, with the codes, names and parents of every time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from metrics.model import TOTAL, Place


class Tree:
    """Places by id. The root is always `_T`. `on` is the day asked about; None: now (the newest parent and code)."""

    root = TOTAL

    def __init__(self, places: Iterable[Place], aliases: Mapping[str, str] | None = None) -> None:
        """`aliases`: further spellings a source may use -> id. A place without parent hangs under the root."""
        self._places = {place.id: place for place in places}
        """Whether a place has ever hung elsewhere; if not, `on` makes no difference to what is above and below."""
        self.moved = any(place.earlier_parents for place in self._places.values())
        self.dated = any(place.valid_from or place.valid_to for place in self._places.values())
        """Whether a place began or ended; if not, each is valid on every day."""
        self._children: dict[str, list[str]] = {}
        self._subtrees: dict[str, frozenset[str]] = {}
        """As the tree is now, once they were asked for: each question of somebody with a scope asks."""
        self._spelt = dict(aliases or {})
        self._coded: dict[str, str] = {}
        self._recoded = [place for place in self._places.values() if place.earlier_codes]
        self._former = {code: place.id for place in self._recoded for code, _ in place.earlier_codes}
        for place in self._places.values():
            parent = self.parent(place.id)
            if parent is not None:
                self._children.setdefault(parent, []).append(place.id)
            if place.code:
                self._coded.setdefault(place.code, place.id)
            for spelling in (place.id, *place.name.values()):
                self._spelt.setdefault(spelling, place.id)
        self.parents = frozenset(self._children) - {TOTAL}
        """Places that have places within them, without the root."""

    def __iter__(self) -> Iterator[Place]:
        return iter(self._places.values())

    def __contains__(self, id: object) -> bool:
        return id in self._places

    def __len__(self) -> int:
        return len(self._places)

    def get(self, id: str) -> Place:
        """KeyError for an unknown id."""
        return self._places[id]

    def by_code(self, code: str, on: date | None = None) -> Place | None:
        """Whose code this is on that day; else whose code, other spelling, name or id it is now; else whose code it once was."""
        held = next((place for place in self._recoded if on is not None and _code(place, on) == code), None)
        id = self._coded.get(code) or self._spelt.get(code) or self._former.get(code)
        found = held or (self._places.get(id) if id else None)
        return self.after_mergers(found, on) if found is not None and on is not None else found

    def after_mergers(self, place: Place, on: date) -> Place:
        """The place itself, or where it went up in by that day."""
        seen = {place.id}
        while place.valid_to is not None and on > place.valid_to and place.merged_into not in (None, *seen):
            place = self._places[str(place.merged_into)]
            seen.add(place.id)
        return place

    def valid(self, id: str, on: date | None) -> bool:
        """Whether there is such a place on that day; what the tree does not know counts as there."""
        place = self._places.get(id) if self.dated and on is not None else None
        if place is None or on is None:
            return True
        return (place.valid_from is None or place.valid_from <= on) and (place.valid_to is None or on <= place.valid_to)

    def parent(self, id: str, on: date | None = None) -> str | None:
        """None for the root."""
        if id == TOTAL:
            return None
        place = self._places[id]
        if on is not None:
            for parent, last in place.earlier_parents:
                if on <= last:
                    return parent
        return place.parent or TOTAL

    def children(self, id: str, on: date | None = None) -> list[Place]:
        """In the order of the workspace."""
        if on is None or not self.moved:
            return [self._places[child] for child in self._children.get(id, ())]
        return [place for place in self._places.values() if place.id != TOTAL and self.parent(place.id, on) == id]

    def subtree(self, id: str, on: date | None = None) -> frozenset[str]:
        """The place itself and all below it."""
        as_now = (on is None or not self.moved) and id in self._places
        if as_now and id in self._subtrees:
            return self._subtrees[id]
        found, todo = {id}, [id]
        while todo:
            below = [child.id for child in self.children(todo.pop(), on) if child.id not in found]
            found.update(below)
            todo.extend(below)
        whole = frozenset(found)
        if as_now:
            self._subtrees[id] = whole
        return whole

    def ancestors(self, id: str, on: date | None = None) -> list[str]:
        """Nearest first, the root last; empty for the root."""
        found: list[str] = []
        parent = self.parent(id, on)
        while parent is not None and parent not in found:
            found.append(parent)
            parent = self.parent(parent, on)
        return found

    def at_level(self, level: str) -> list[Place]:
        return [place for place in self._places.values() if place.level == level]

    def levels(self) -> list[str]:
        """Without the root's, in the order in which they first appear."""
        return list(dict.fromkeys(place.level for place in self._places.values() if place.id != TOTAL))

    def up_to(self, id: str, level: str, on: date | None = None) -> str | None:
        """The place itself or its ancestor at this level; None if it has none."""
        return next((one for one in (id, *self.ancestors(id, on)) if self._places[one].level == level), None)


def _code(place: Place, on: date) -> str:
    return next((code for code, last in place.earlier_codes if on <= last), place.code)
