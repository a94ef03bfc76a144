"""Who is compared with whom: units by peer group, and what groups and levels of places are called."""

from __future__ import annotations

from collections.abc import Sequence

from dashboards._text import catalogue
from dashboards._view import View
from metrics.answers import Unit


def peers(units: Sequence[Unit]) -> list[str]:
    """The peer groups, the largest first."""
    groups = [u.place.peer for u in units]
    return sorted(dict.fromkeys(groups), key=lambda g: (-groups.count(g), g))


def peer_group(units: Sequence[Unit], seen: View) -> list[Unit]:
    groups = peers(units)
    chosen = seen.query.get("peer")
    if not groups:
        return []
    group = chosen if chosen in groups else groups[0]
    return [u for u in units if u.place.peer == group]


def peer_name(group: str, seen: View) -> str:
    """A peer group as people call it; the workspace's own word where we have none."""
    if f"peer.{group}" in catalogue():
        return seen.t(f"peer.{group}")
    return group or seen.t("rank.other_peers")


def level_name(level: str, seen: View) -> str:
    """What regions of a level are called together."""
    return seen.t(f"region_level.{level}" if f"region_level.{level}" in catalogue() else "region_level.other")
